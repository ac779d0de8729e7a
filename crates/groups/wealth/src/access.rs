//! Whose portfolios a caller may see and change.

use crate::error::Error;
use advisory_contract::{AdvisoryError, BookClient};
use auth_contract::{AuthError, UsersClient};
use kernel::{AdvisorId, CallContext, CallError, ClientId, ErrorKind, Fault, Principal, Role, Scope, UserId};
use store::{Document, Store, Stored};
use uuid::Uuid;

/// Whose a document is, as it is stamped on everything that belongs to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
}

/// Decides by what is stamped on the group's own documents; asks who somebody is only when something new is made.
#[derive(Clone)]
pub(crate) struct Access {
    store: Store,
    users: UsersClient,
    book: BookClient,
}

impl Access {
    pub(crate) fn new(store: Store, users: UsersClient, book: BookClient) -> Self {
        Self { store, users, book }
    }

    /// The user whose data is meant: the one who is named, or the caller.
    pub(crate) fn subject(cx: &CallContext, named: Option<UserId>) -> Result<UserId, Error> {
        match (named, &cx.principal) {
            (_, Principal::Anonymous) => Err(CallError::Unauthenticated.into()),
            (Some(user), _) => Ok(user),
            (None, Principal::User(caller)) => Ok(caller.user),
            (None, Principal::System { .. }) => Err(Error::invalid("user_id", "must say whose")),
        }
    }

    /// The scope that holds exactly this user's documents, for a caller who may see them.
    pub(crate) async fn reading(&self, cx: &CallContext, user: UserId) -> Result<Scope, Error> {
        let scope = cx.scope()?;
        let narrowed = Scope::Own {
            tenant: scope.tenant(),
            user,
        };
        match scope {
            Scope::Own { user: caller, .. } | Scope::Advisor { user: caller, .. } if caller == user => {}
            Scope::Own { .. } => return Err(Error::UserNotFound),
            Scope::Advisor { .. } => {
                self.link(cx, user).await?.ok_or(Error::UserNotFound)?;
            }
            Scope::Tenant { .. } => self.require_user(cx, user).await?,
        }
        Ok(narrowed)
    }

    /// The stamps for something new that the caller makes for this user; asks who the user is and in whose book.
    pub(crate) async fn owner(&self, cx: &CallContext, user: UserId) -> Result<Owner, Error> {
        let owner = match &cx.principal {
            Principal::Anonymous => return Err(CallError::Unauthenticated.into()),
            Principal::User(caller) if caller.user == user => self.stamps(cx, user).await?,
            Principal::User(caller) => match caller.role {
                Role::Admin => {
                    self.require_user(cx, user).await?;
                    self.stamps(cx, user).await?
                }
                Role::Advisor => Some(self.link(cx, user).await?.ok_or(Error::UserNotFound)?),
                Role::Compliance => return Err(CallError::forbidden("portfolios.write").into()),
                Role::Client | Role::Service => return Err(Error::UserNotFound),
            },
            Principal::System { .. } => {
                self.require_user(cx, user).await?;
                self.stamps(cx, user).await?
            }
        };
        Ok(owner.unwrap_or(Owner {
            user_id: user,
            client_id: None,
            advisor_id: None,
        }))
    }

    /// Whether a caller who sees a user's documents may also change them. Who watches over the rules only watches.
    pub(crate) fn writing(cx: &CallContext, owner: UserId) -> Result<(), Error> {
        match &cx.principal {
            Principal::User(caller) if caller.user != owner && caller.role == Role::Compliance => {
                Err(CallError::forbidden("portfolios.write").into())
            }
            _ => Ok(()),
        }
    }

    /// Whether the caller may keep what belongs to the whole firm: instruments, quotes, corporate actions.
    pub(crate) fn market(cx: &CallContext) -> Result<(), Error> {
        match &cx.principal {
            Principal::User(caller) if matches!(caller.role, Role::Admin | Role::Advisor) => Ok(()),
            Principal::System { .. } => Ok(()),
            Principal::Anonymous => Err(CallError::Unauthenticated.into()),
            Principal::User(_) => Err(CallError::forbidden("market.write").into()),
        }
    }

    /// Whether the caller may say that money moved, or agree that it does: who works for the firm.
    pub(crate) fn funding(cx: &CallContext) -> Result<(), Error> {
        Self::market(cx).map_err(|error| match error {
            Error::Call(CallError::Forbidden { .. }) => CallError::forbidden("funding.settle").into(),
            other => other,
        })
    }

    /// One document that the caller may see: of the caller's scope, or the caller's own. (An advisor's scope is the
    /// book; what an advisor owns stands beside it.)
    pub(crate) async fn visible<T: Document>(
        &self,
        cx: &CallContext,
        id: Uuid,
    ) -> Result<Option<Stored<T>>, Error> {
        let scope = cx.scope()?;
        let found = self.store.get(&scope, id).await?;
        match (found, scope) {
            (None, Scope::Advisor { tenant, user }) => {
                Ok(self.store.get(&Scope::Own { tenant, user }, id).await?)
            }
            (found, _) => Ok(found),
        }
    }

    /// The stamps of a user for whom the caller may act whatever they are. While the advisory group is away there are
    /// none; what it says later stamps what was made in the meantime.
    pub(crate) async fn stamps(&self, cx: &CallContext, user: UserId) -> Result<Option<Owner>, Error> {
        match self.link(cx, user).await {
            Err(Error::Advisory(error))
                if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout) =>
            {
                Ok(None)
            }
            answer => answer,
        }
    }

    async fn link(&self, cx: &CallContext, user: UserId) -> Result<Option<Owner>, Error> {
        match self.book.link(cx, user).await {
            Ok(link) => Ok(Some(Owner {
                user_id: link.user_id,
                client_id: Some(link.client_id),
                advisor_id: Some(link.advisor_id),
            })),
            Err(AdvisoryError::ClientNotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn require_user(&self, cx: &CallContext, user: UserId) -> Result<(), Error> {
        match self.users.user(cx, user).await {
            Ok(_) => Ok(()),
            Err(AuthError::UserNotFound) => Err(Error::UserNotFound),
            Err(error) => Err(error.into()),
        }
    }
}
