//! Whose money a caller may see and move.

use crate::{
    accounts::AccountRecord,
    book_links::{BookLink, link_id},
    error::Error,
};
use advisory_contract::{AdvisoryError, BookClient};
use auth_contract::{AuthError, UsersClient};
use kernel::{AdvisorId, CallContext, CallError, ClientId, ErrorKind, Fault, Principal, Role, Scope, UserId};
use store::{Document, Query, Store, Stored};

/// Whose a document is, as it is stamped on everything that belongs to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
}

impl Owner {
    /// A user who is nobody's client.
    pub(crate) fn of_nobodys_client(user_id: UserId) -> Self {
        Self {
            user_id,
            client_id: None,
            advisor_id: None,
        }
    }
}

/// Decides by what is stamped on the group's own documents, and asks the groups that know only where it has none.
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
            (None, Principal::System { .. }) => Err(Error::invalid(
                "user_id",
                "must say whose: a service has no money",
            )),
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
            _ if self.has_accounts(&scope, user).await? => {}
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
                Role::Compliance => return Err(CallError::forbidden("accounts.write").into()),
                Role::Client | Role::Service => return Err(Error::UserNotFound),
            },
            Principal::System { .. } => {
                self.require_user(cx, user).await?;
                self.stamps(cx, user).await?
            }
        };
        Ok(owner.unwrap_or(Owner::of_nobodys_client(user)))
    }

    /// Whether a caller who sees a user's documents may also change them: the user, the user's advisor, admins and
    /// the platform itself. Who watches over the rules only watches.
    pub(crate) fn writing(cx: &CallContext, owner: UserId) -> Result<(), Error> {
        match &cx.principal {
            Principal::User(caller) if caller.user != owner && caller.role == Role::Compliance => {
                Err(CallError::forbidden("accounts.write").into())
            }
            _ => Ok(()),
        }
    }

    /// One document that the caller may see: of the caller's scope, or the caller's own. (An advisor's scope is the
    /// book; what an advisor owns stands beside it.)
    pub(crate) async fn visible<T: Document>(
        &self,
        cx: &CallContext,
        id: uuid::Uuid,
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

    async fn has_accounts(&self, scope: &Scope, user: UserId) -> Result<bool, Error> {
        let query = Query::all().equals("user_id", user.0);
        Ok(self
            .store
            .find_first::<AccountRecord>(scope, query)
            .await?
            .is_some())
    }

    /// The stamps of a user for whom the caller may act whatever they are. While the advisory group is away there are
    /// none but those heard from it; what it says later stamps what was made in the meantime.
    async fn stamps(&self, cx: &CallContext, user: UserId) -> Result<Option<Owner>, Error> {
        match self.link(cx, user).await {
            Err(Error::Advisory(error))
                if matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout) =>
            {
                Ok(None)
            }
            answer => answer,
        }
    }

    /// What was heard of whose client the user is; nobody's when nothing was.
    pub(crate) async fn heard(&self, cx: &CallContext, user: UserId) -> Result<Option<Owner>, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let heard = self.store.get::<BookLink>(&scope, link_id(user)).await?;
        Ok(heard.map(|link| link.owner()))
    }

    /// The relationship through which the caller may act for the user: the one that was heard of, if the caller is
    /// part of it; otherwise the advisory group is asked.
    async fn link(&self, cx: &CallContext, user: UserId) -> Result<Option<Owner>, Error> {
        let heard = self.heard(cx, user).await?;
        let heard = heard.filter(|owner| owner.client_id.is_some() && concerns(cx, owner));
        if heard.is_some() {
            return Ok(heard);
        }
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

/// Whether a relationship lets this caller act: an advisor only through the own book.
fn concerns(cx: &CallContext, owner: &Owner) -> bool {
    match cx.principal.user() {
        Some(caller) if caller.role == Role::Advisor && caller.user != owner.user_id => {
            owner.advisor_id.map(|advisor| advisor.0) == Some(caller.user.0)
        }
        _ => true,
    }
}
