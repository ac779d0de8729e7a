use super::{
    events::{audit, changed, refused},
    models::{Credential, NewUser, User, summary},
    store::{by_email, is_email_taken},
};
use crate::{
    AuthFailure, AuthPolicy,
    mail::{self, Letter, Notice},
    passwords::Passwords,
    roles::Permission,
};
use auth_contract::{NewInvitedUser, USER_REGISTERED, UserStatus, UserSummary};
use kernel::{CallContext, CallError, IdempotencyKey, Principal, Role, UserId};
use std::sync::Arc;
use store::{Batch, Store, Stored};

/// Whether an operator says that the e-mail is the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vouched {
    Yes,
    No,
}

/// The rules about users.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    passwords: Passwords,
    policy: Arc<AuthPolicy>,
}

impl Accounts {
    pub(crate) fn new(store: Store, passwords: Passwords, policy: Arc<AuthPolicy>) -> Self {
        Self {
            store,
            passwords,
            policy,
        }
    }

    /// How many passwords this process has hashed or checked since it started: nearly all the work of a log-in.
    pub fn passwords_hashed(&self) -> u64 {
        self.passwords.runs()
    }

    /// Makes a user who can log in, in the firm of `cx`, in any role: for operators and seeds. Refused when the e-mail
    /// is taken. Whether the caller may do so is for the caller to know.
    pub async fn create(&self, cx: &CallContext, user: NewUser) -> Result<UserSummary, AuthFailure> {
        Ok(summary(&self.insert(cx, &user, Vouched::Yes).await?))
    }

    /// Makes the user unless the e-mail is taken already; then answers who has it and changes nothing.
    pub async fn ensure(&self, cx: &CallContext, user: NewUser) -> Result<UserSummary, AuthFailure> {
        if let Some(known) = by_email(&self.store, &user.email).await? {
            return Ok(summary(&known));
        }
        match self.insert(cx, &user, Vouched::Yes).await {
            Err(AuthFailure::EmailTaken) => {
                let known = by_email(&self.store, &user.email).await?;
                known.as_ref().map(summary).ok_or(AuthFailure::EmailTaken)
            }
            made => made.as_ref().map(summary).map_err(Clone::clone),
        }
    }

    /// Lets somebody in who asks for it, in a role that is open. Where the e-mail is taken the answer looks the same
    /// after the same work, and nobody is made: the one who has the address is told by mail. So nobody learns here who
    /// has an account.
    pub(crate) async fn register(
        &self,
        cx: &CallContext,
        user: NewUser,
    ) -> Result<Stored<User>, AuthFailure> {
        if !self.policy.open_registration.contains(&user.role) {
            return Err(AuthFailure::RegistrationClosed);
        }
        match self.insert(cx, &user, Vouched::No).await {
            Err(AuthFailure::EmailTaken) => self.register_in_vain(cx, &user).await,
            made => made,
        }
    }

    /// What registering answers where the address is somebody's already: a user whom nobody will find.
    async fn register_in_vain(&self, cx: &CallContext, user: &NewUser) -> Result<Stored<User>, AuthFailure> {
        let mut batch = self.store.batch(cx);
        let letter = Letter::Unasked {
            email: user.email.clone(),
            notice: Notice::RegisteredAgain,
        };
        mail::enqueue(&self.store, cx, &mut batch, &letter)?;
        if let Some(known) = by_email(&self.store, &user.email).await? {
            batch.event(refused(cx, "user.registration_refused", &known));
        }
        self.store.commit(batch).await?;
        let mut looks = User::active(&user.email, &user.name, user.role);
        looks.email_unverified = true;
        let id: UserId = self.store.sources().ids().next();
        Ok(self.store.batch(cx).insert(id, looks))
    }

    /// The user who is logged in, as long as they may be.
    pub(crate) async fn me(&self, cx: &CallContext) -> Result<Stored<User>, AuthFailure> {
        let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
        let known = self.store.get_anywhere::<User>(caller.user).await?;
        match known.filter(|user| user.status == UserStatus::Active) {
            Some(user) => Ok(user),
            None => Err(CallError::Unauthenticated.into()),
        }
    }

    /// A user whom the caller may see: themselves, or with the permission anybody of the firm.
    pub(crate) async fn profile(&self, cx: &CallContext, id: UserId) -> Result<Stored<User>, AuthFailure> {
        let scope = cx.scope()?;
        let own = cx.principal.user().is_some_and(|caller| caller.user == id);
        if !own && !Permission::UsersRead.is_granted_to(&cx.principal) {
            return Err(AuthFailure::UserNotFound);
        }
        self.store.get(&scope, id).await?.ok_or(AuthFailure::UserNotFound)
    }

    /// One user of the caller's firm, for another group.
    pub(super) async fn of_firm(&self, cx: &CallContext, id: UserId) -> Result<UserSummary, AuthFailure> {
        let found = self.store.get::<User>(&cx.scope()?, id).await?;
        found.as_ref().map(summary).ok_or(AuthFailure::UserNotFound)
    }

    /// Makes a user who cannot log in yet, once for the key.
    pub(super) async fn invite(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        user: NewInvitedUser,
    ) -> Result<UserSummary, AuthFailure> {
        may_invite(cx, user.role)?;
        let name = kernel::Text::parse(&user.name).map_err(|wrong| CallError::invalid("name", wrong))?;
        self.store
            .once(cx, "auth.users.invite", &key, &user, |mut batch| {
                let mut invited = User::invited(&name, user.role);
                invited.invited_by = cx.principal.user().map(|caller| caller.user);
                async move {
                    let made = self.add(cx, &mut batch, invited, "user.invited")?;
                    Ok((batch, summary(&made)))
                }
            })
            .await
    }

    async fn insert(
        &self,
        cx: &CallContext,
        user: &NewUser,
        vouched: Vouched,
    ) -> Result<Stored<User>, AuthFailure> {
        // The password first: how long it takes must not tell whether the e-mail is taken.
        let password_hash = self.passwords.hash_new(&user.password).await?;
        if by_email(&self.store, &user.email).await?.is_some() {
            return Err(AuthFailure::EmailTaken);
        }
        let mut batch = self.store.batch(cx);
        let mut active = User::active(&user.email, &user.name, user.role);
        active.email_unverified = vouched == Vouched::No;
        let made = self.add(cx, &mut batch, active, "user.registered")?;
        let user_id = UserId(made.id);
        if vouched == Vouched::No {
            mail::enqueue(&self.store, cx, &mut batch, &Letter::VerifyEmail { user_id })?;
        }
        batch.insert(
            user_id,
            Credential {
                user_id,
                password_hash,
                generation: 1,
            },
        );
        match self.store.commit(batch).await {
            Ok(_) => Ok(made),
            Err(error) if is_email_taken(&error) => Err(AuthFailure::EmailTaken),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn add(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        user: User,
        act: &str,
    ) -> Result<Stored<User>, AuthFailure> {
        let id: UserId = self.store.sources().ids().next();
        let made = batch.insert(id, user);
        batch.event(changed(cx, USER_REGISTERED, &made)?);
        batch.event(audit(cx, act, None, &made, &[]));
        Ok(made)
    }
}

/// Groups and those who may give roles invite anybody; others who may invite, clients only.
pub(crate) fn may_invite(cx: &CallContext, role: Role) -> Result<(), CallError> {
    if matches!(cx.principal, Principal::System { .. }) {
        return Ok(());
    }
    Permission::UsersInvite.require(cx)?;
    match role {
        Role::Client => Ok(()),
        _ => Permission::RolesAssign.require(cx),
    }
}
