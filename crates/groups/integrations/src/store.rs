use crate::{catalogue::Platform, models::Connection};
use kernel::{Scope, UserId};
use store::{Document, Store, StoreError, Stored};
use uuid::Uuid;

/// The id of a user's connection to a platform: there is one, so it is derived.
pub(crate) fn connection_id(user: UserId, platform: Platform) -> Uuid {
    let name = format!("{}\u{0}{}", Connection::collection().name(), platform.as_str());
    Uuid::new_v5(&user.0, name.as_bytes())
}

/// A user's connection to a platform, if there ever was one.
pub(crate) async fn connection(
    store: &Store,
    scope: &Scope,
    user: UserId,
    platform: Platform,
) -> Result<Option<Stored<Connection>>, StoreError> {
    store.get(scope, connection_id(user, platform)).await
}
