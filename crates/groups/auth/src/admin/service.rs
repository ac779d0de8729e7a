use crate::{
    AuthFailure, AuthPolicy,
    anew::anew,
    mfa::Factors,
    roles::{Permission, role_changed},
    sessions::Sessions,
    step_up::StepUp,
    users::{Credential, User, audit, changed},
};
use auth_contract::{USER_UPDATED, UserStatus};
use kernel::{CallContext, Page, PageRequest, Role, UserId};
use std::sync::Arc;
use store::{Query, Sort, Store, Stored};
use trust::{RevocationEvent, Revocations, TokenIssuer};

/// The rules about what administrators do with users.
#[derive(Clone)]
pub(crate) struct Administration {
    pub(super) store: Store,
    pub(super) sessions: Sessions,
    pub(super) factors: Factors,
    pub(super) step_up: StepUp,
    pub(super) issuer: TokenIssuer,
    pub(super) policy: Arc<AuthPolicy>,
    pub(super) revocations: Arc<Revocations>,
}

/// What the list of users is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserSearch {
    pub(crate) email: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) status: Option<UserStatus>,
    pub(crate) newest_first: bool,
}

impl Administration {
    pub(crate) fn new(
        store: Store,
        sessions: Sessions,
        factors: Factors,
        step_up: StepUp,
        issuer: TokenIssuer,
        policy: Arc<AuthPolicy>,
        revocations: Arc<Revocations>,
    ) -> Self {
        Self {
            store,
            sessions,
            factors,
            step_up,
            issuer,
            policy,
            revocations,
        }
    }

    /// The users of the firm.
    pub(crate) async fn users(
        &self,
        cx: &CallContext,
        search: &UserSearch,
        page: PageRequest,
    ) -> Result<Page<Stored<User>>, AuthFailure> {
        Permission::UsersRead.require(cx)?;
        let sort = match search.newest_first {
            true => Sort::descending("created_at"),
            false => Sort::ascending("created_at"),
        };
        let mut query = Query::sorted(sort).page(page);
        if let Some(email) = &search.email {
            query = query.equals("email", email.as_str());
        }
        if let Some(role) = search.role {
            query = query.equals("role", role.as_str());
        }
        if let Some(status) = search.status {
            query = query.equals("status", word(status));
        }
        Ok(self.store.find(&cx.scope()?, query).await?)
    }

    /// Keeps a user out: whatever they hold is refused from now on, here at once and in every other process as soon as
    /// it reads the feed.
    pub(crate) async fn suspend(&self, cx: &CallContext, id: UserId) -> Result<Stored<User>, AuthFailure> {
        Permission::UsersSuspend.require(cx)?;
        let user = self
            .set_status(cx, id, "user.suspended", |_| UserStatus::Suspended)
            .await?;
        self.sessions.force_out(cx, user.tenant_id, id).await?;
        Ok(user)
    }

    /// Lets a suspended user in again: to log in if they have a password, otherwise to accept their invitation.
    pub(crate) async fn restore(&self, cx: &CallContext, id: UserId) -> Result<Stored<User>, AuthFailure> {
        Permission::UsersSuspend.require(cx)?;
        let has_password = self.store.get_anywhere::<Credential>(id).await?.is_some();
        self.set_status(cx, id, "user.restored", |user| match user.status {
            UserStatus::Suspended if has_password => UserStatus::Active,
            UserStatus::Suspended => UserStatus::Invited,
            other => other,
        })
        .await
    }

    /// Ends everything that a user is logged in with. They may log in again.
    pub(crate) async fn force_out(&self, cx: &CallContext, id: UserId) -> Result<(), AuthFailure> {
        Permission::SessionsRevoke.require(cx)?;
        let user = self.of_firm(cx, id).await?;
        self.end_proofs(cx, &user).await?;
        self.sessions.force_out(cx, user.tenant_id, id).await
    }

    pub(super) async fn of_firm(&self, cx: &CallContext, id: UserId) -> Result<Stored<User>, AuthFailure> {
        let found = self.store.get::<User>(&cx.scope()?, id).await?;
        found.ok_or(AuthFailure::UserNotFound)
    }

    /// Makes every access token that the user holds worthless, also those of API keys.
    async fn end_proofs(&self, cx: &CallContext, user: &Stored<User>) -> Result<(), AuthFailure> {
        let id = UserId(user.id);
        self.change(cx, id, "user.logged_out", |_| true, |_| {}).await?;
        Ok(())
    }

    async fn set_status(
        &self,
        cx: &CallContext,
        id: UserId,
        act: &str,
        status: impl Fn(&User) -> UserStatus,
    ) -> Result<Stored<User>, AuthFailure> {
        if cx.principal.user().is_some_and(|caller| caller.user == id) {
            return Err(AuthFailure::OwnAccount);
        }
        self.change(
            cx,
            id,
            act,
            |user| status(user) != user.status,
            |user| user.status = status(user),
        )
        .await
    }

    /// Changes a user and raises the version that their tokens must carry, if `wanted`; decided anew on fresh data
    /// when somebody else was faster.
    async fn change(
        &self,
        cx: &CallContext,
        id: UserId,
        act: &str,
        wanted: impl Fn(&User) -> bool,
        change: impl Fn(&mut User),
    ) -> Result<Stored<User>, AuthFailure> {
        let changed = anew(&self.store, cx, async || {
            let user = self.of_firm(cx, id).await?;
            match wanted(&user) {
                true => self.commit(cx, &user, act, &change).await,
                false => Ok(user),
            }
        });
        changed.await
    }

    async fn commit(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        act: &str,
        change: &impl Fn(&mut User),
    ) -> Result<Stored<User>, AuthFailure> {
        let mut batch = self.store.batch(cx);
        let at = batch.now();
        let next = batch.replace(&user.changed(|user| {
            change(user);
            user.role_version = user.role_version.saturating_add(1);
            user.role_changed_at = Some(at);
        }));
        batch.event(role_changed(cx, &next)?);
        batch.event(changed(cx, USER_UPDATED, &next)?);
        batch.event(audit(cx, act, Some(user), &next, &[]));
        self.store.commit(batch).await?;
        self.revocations.apply(RevocationEvent::RoleChanged {
            user: UserId(next.id),
            role_version: next.role_version,
            at,
        });
        Ok(next)
    }
}

/// The status as it stands in the store.
fn word(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "active",
        UserStatus::Invited => "invited",
        UserStatus::Suspended => "suspended",
    }
}
