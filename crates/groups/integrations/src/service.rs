use crate::{
    IntegrationsFailure,
    catalogue::Platform,
    credentials::{ApiKey, ShopDomain},
    events,
    models::{Connection, ConnectionState, Status},
    store::{connection, connection_id},
    triplewhale::TripleWhale,
};
use auth_contract::{UserStatus, UsersClient};
use integrations_contract::{INTEGRATION_CONNECTED, INTEGRATION_DISCONNECTED};
use kernel::{CallContext, CallError, IdempotencyKey, Principal, Role, Scope, UserId};
use serde::Serialize;
use store::{Batch, Document, Store, StoreError, Stored};

/// The rules about connections to outside platforms.
#[derive(Clone)]
pub(crate) struct Integrations {
    store: Store,
    users: UsersClient,
    triplewhale: TripleWhale,
}

/// What a key of idempotency stands for; the API key only as a keyed hash.
#[derive(Serialize)]
struct ConnectRequest<'a> {
    platform: Platform,
    shop_domain: &'a str,
    api_key: String,
}

impl Integrations {
    pub(crate) fn new(store: Store, users: UsersClient, triplewhale: TripleWhale) -> Self {
        Self {
            store,
            users,
            triplewhale,
        }
    }

    /// How the caller stands with a platform; unknown when nobody is logged in.
    pub(crate) async fn status(
        &self,
        cx: &CallContext,
        platform: Platform,
    ) -> Result<Status, IntegrationsFailure> {
        if cx.principal == Principal::Anonymous {
            return Ok(Status::without(platform, ConnectionState::Unknown));
        }
        let (user, _, own) = caller_of(cx)?;
        let known = connection(&self.store, &own, user, platform).await?;
        Ok(Status::of(platform, known.as_ref()))
    }

    /// How the caller stands with every platform of the catalogue.
    pub(crate) async fn statuses(&self, cx: &CallContext) -> Result<Vec<Status>, IntegrationsFailure> {
        let mut statuses = Vec::with_capacity(Platform::ALL.len());
        for platform in Platform::ALL {
            statuses.push(self.status(cx, platform).await?);
        }
        Ok(statuses)
    }

    /// Connects the caller to Triple Whale, once for the key. The platform is asked first: what it does not accept is
    /// not stored. Connecting again replaces the credentials.
    pub(crate) async fn connect_triplewhale(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        api_key: &ApiKey,
        shop: &ShopDomain,
    ) -> Result<Status, IntegrationsFailure> {
        let (user, role, own) = caller_of(cx)?;
        may_connect(role)?;
        self.require_active(cx, user).await?;
        let platform = Platform::TripleWhale;
        let request = ConnectRequest {
            platform,
            shop_domain: shop.as_str(),
            api_key: self.keyed_hash(api_key),
        };
        let work = async |batch| {
            self.triplewhale.verify(api_key, cx.deadline).await?;
            let known = connection(&self.store, &own, user, platform).await?;
            self.write_connected(cx, batch, known, user, api_key, shop)
        };
        const METHOD: &str = "integrations.triplewhale.connect";
        match self.store.once(cx, METHOD, key, &request, &work).await {
            // Another request made the first connection in the meantime: this one replaces it.
            Err(failure) if is_made_meanwhile(&failure) => {
                self.store.once(cx, METHOD, key, &request, &work).await
            }
            decided => decided,
        }
    }

    /// Forgets the caller's credentials for a platform, once for the key. Without a connection nothing happens.
    pub(crate) async fn disconnect(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        platform: Platform,
    ) -> Result<(), IntegrationsFailure> {
        let (user, _, own) = caller_of(cx)?;
        let work = async |mut batch: Batch| {
            let known = connection(&self.store, &own, user, platform).await?;
            if let Some(known) = known.filter(|known| known.connected) {
                let next = batch.replace(&known.changed(|connection| {
                    connection.connected = false;
                    connection.api_key = None;
                    connection.shop_domain = None;
                }));
                for event in events::changed(cx, INTEGRATION_DISCONNECTED, user, platform, next.version)? {
                    batch.event(event);
                }
            }
            Ok((batch, ()))
        };
        self.store
            .once(cx, "integrations.disconnect", key, &platform, work)
            .await
    }

    fn write_connected(
        &self,
        cx: &CallContext,
        mut batch: Batch,
        known: Option<Stored<Connection>>,
        user: UserId,
        api_key: &ApiKey,
        shop: &ShopDomain,
    ) -> Result<(Batch, Status), IntegrationsFailure> {
        let platform = Platform::TripleWhale;
        let connection = Connection {
            user_id: user,
            platform,
            connected: true,
            shop_domain: Some(shop.as_str().to_owned()),
            api_key: Some(api_key.expose().to_owned()),
            connected_at: batch.now(),
        };
        let next = match known {
            Some(known) => batch.replace(&known.with(connection)),
            None => batch.insert(connection_id(user, platform), connection),
        };
        for event in events::changed(cx, INTEGRATION_CONNECTED, user, platform, next.version)? {
            batch.event(event);
        }
        let status = Status::of(platform, Some(&next));
        Ok((batch, status))
    }

    /// Refuses a user whom the auth group does not know as active.
    async fn require_active(&self, cx: &CallContext, user: UserId) -> Result<(), IntegrationsFailure> {
        let known = self.users.user(cx, user).await?;
        match known.status {
            UserStatus::Active => Ok(()),
            UserStatus::Invited | UserStatus::Suspended => Err(IntegrationsFailure::NotActive),
        }
    }

    fn keyed_hash(&self, api_key: &ApiKey) -> String {
        // In hexadecimal, since a look-up folds upper and lower case.
        let plain: String = api_key
            .expose()
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.store
            .keyring()
            .lookup(Connection::collection(), "api_key", &plain)
    }
}

/// The user who calls, their role, and the scope of what is their own whatever the role.
pub(crate) fn caller_of(cx: &CallContext) -> Result<(UserId, Role, Scope), CallError> {
    let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
    let own = Scope::Own {
        tenant: caller.tenant,
        user: caller.user,
    };
    Ok((caller.user, caller.role, own))
}

fn is_made_meanwhile(failure: &IntegrationsFailure) -> bool {
    let connections = Connection::collection().name();
    matches!(failure, IntegrationsFailure::Store(StoreError::Duplicate { collection, .. }) if collection == connections)
}

/// Those who only watch, and service accounts, connect nothing.
pub(crate) fn may_connect(role: Role) -> Result<(), CallError> {
    match role {
        Role::Admin | Role::Advisor | Role::Client => Ok(()),
        Role::Compliance | Role::Service => Err(CallError::forbidden("integrations.connect")),
    }
}
