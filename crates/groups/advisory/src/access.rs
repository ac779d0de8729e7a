//! Who may do what with whom, and whose book a document stands in.

use crate::{clients::ClientRecord, error::Error};
use kernel::{AdvisorId, CallContext, CallError, ClientId, Role, UserId, UserPrincipal};
use store::{Document, Store, Stored};
use uuid::Uuid;

/// Advisors keep their own book, admins every one of the firm; everybody else only reads.
pub(crate) fn may_write<'a>(cx: &'a CallContext, permission: &str) -> Result<&'a UserPrincipal, CallError> {
    match cx.principal.user() {
        Some(user) if matches!(user.role, Role::Advisor | Role::Admin) => Ok(user),
        Some(_) => Err(CallError::forbidden(permission)),
        None => Err(CallError::Unauthenticated),
    }
}

/// What only those who watch over the rules decide.
pub(crate) fn may_oversee<'a>(cx: &'a CallContext, permission: &str) -> Result<&'a UserPrincipal, CallError> {
    match cx.principal.user() {
        Some(user) if matches!(user.role, Role::Compliance | Role::Admin) => Ok(user),
        Some(_) => Err(CallError::forbidden(permission)),
        None => Err(CallError::Unauthenticated),
    }
}

/// What the firm writes down for itself: its advisors, compliance officers and admins read it, within their scope.
pub(crate) fn may_read_papers<'a>(
    cx: &'a CallContext,
    permission: &str,
) -> Result<&'a UserPrincipal, CallError> {
    match cx.principal.user() {
        Some(user) if matches!(user.role, Role::Advisor | Role::Compliance | Role::Admin) => Ok(user),
        Some(_) => Err(CallError::forbidden(permission)),
        None => Err(CallError::Unauthenticated),
    }
}

/// Whose document it is: as it is stamped when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) advisor_id: AdvisorId,
}

impl From<&Stored<ClientRecord>> for Owner {
    fn from(client: &Stored<ClientRecord>) -> Self {
        Self {
            user_id: client.user_id,
            client_id: ClientId(client.id),
            advisor_id: client.advisor_id,
        }
    }
}

/// A client for whom the caller may act.
pub(crate) async fn client(
    store: &Store,
    cx: &CallContext,
    id: ClientId,
) -> Result<Stored<ClientRecord>, Error> {
    store.get(&cx.scope()?, id).await?.ok_or(Error::ClientNotFound)
}

/// The same, named in a body: a wrong one is a wrong field.
pub(crate) async fn client_in(
    store: &Store,
    cx: &CallContext,
    id: ClientId,
) -> Result<Stored<ClientRecord>, Error> {
    match client(store, cx, id).await {
        Err(Error::ClientNotFound) => Err(Error::invalid(
            "client_id",
            "must be a client of the caller's book",
        )),
        found => found,
    }
}

/// A document that the caller may see.
pub(crate) async fn visible<T: Document>(
    store: &Store,
    cx: &CallContext,
    id: Uuid,
    what: &'static str,
) -> Result<Stored<T>, Error> {
    store.get(&cx.scope()?, id).await?.ok_or(Error::Missing { what })
}
