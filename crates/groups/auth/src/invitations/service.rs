use crate::{
    AuthFailure,
    mail::{self, Letter, allow},
    one_time::{GivenCode, OneTimeTokens, Purpose, is_used_up},
    passwords::Passwords,
    roles::Permission,
    users::{
        Accounts, Credential, NewPassword, PersonName, User, acting_as, audit, changed, may_invite,
        store::{by_email, is_email_taken},
    },
};
use auth_contract::{USER_UPDATED, UserStatus};
use kernel::{CallContext, CallError, Email, Role, UserId};
use store::{Store, StoreError, Stored};

/// The rules about invitations.
#[derive(Clone)]
pub(crate) struct Invitations {
    store: Store,
    tokens: OneTimeTokens,
    passwords: Passwords,
    accounts: Accounts,
}

impl Invitations {
    pub(crate) fn new(store: Store, passwords: Passwords, accounts: Accounts) -> Self {
        Self {
            tokens: OneTimeTokens::new(store.clone()),
            store,
            passwords,
            accounts,
        }
    }

    /// Makes a user who cannot log in yet, and mails them a code for their first password. Who may give roles invites
    /// anybody, others who may invite, clients only.
    pub(crate) async fn invite(
        &self,
        cx: &CallContext,
        email: &Email,
        name: &PersonName,
        role: Role,
    ) -> Result<Stored<User>, AuthFailure> {
        may_invite(cx, role)?;
        self.is_somebody(cx).await?;
        if role == Role::Service {
            let why = "is for service accounts: they have keys and no password";
            return Err(CallError::invalid("role", why).into());
        }
        self.tell_if_taken(cx, email).await?;
        let mut batch = self.store.batch(cx);
        let mut invited = User::invited(name, role);
        invited.invited_by = cx.principal.user().map(|caller| caller.user);
        let made = self.accounts.add(cx, &mut batch, invited, "user.invited")?;
        let (user_id, email) = (UserId(made.id), email.clone());
        allow(
            &self.store,
            &mut batch,
            user_id,
            Purpose::AcceptInvitation.as_str(),
        )
        .await?;
        mail::enqueue(
            &self.store,
            cx,
            &mut batch,
            &Letter::Invitation { user_id, email },
        )?;
        self.store.commit(batch).await?;
        Ok(made)
    }

    /// Mails a fresh code to somebody who was invited and has not accepted yet; the codes before are no good any more.
    /// For who invited them, and for who may give roles.
    pub(crate) async fn send(&self, cx: &CallContext, id: UserId, email: &Email) -> Result<(), AuthFailure> {
        may_invite(cx, Role::Client)?;
        self.is_somebody(cx).await?;
        let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
        let user = self.store.get::<User>(&cx.scope()?, id).await?;
        let user = user.filter(|user| {
            user.invited_by == Some(caller.user) || Permission::RolesAssign.is_granted_to(&cx.principal)
        });
        let user = user.ok_or(AuthFailure::UserNotFound)?;
        if user.status != UserStatus::Invited {
            return Err(AuthFailure::NotInvited);
        }
        self.tell_if_taken(cx, email).await?;
        let (user_id, email) = (id, email.clone());
        let mut batch = self.store.batch(cx);
        allow(
            &self.store,
            &mut batch,
            user_id,
            Purpose::AcceptInvitation.as_str(),
        )
        .await?;
        mail::enqueue(
            &self.store,
            cx,
            &mut batch,
            &Letter::Invitation { user_id, email },
        )?;
        batch.event(audit(cx, "user.invitation_sent", Some(&user), &user, &[]));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Says that the e-mail is taken to whoever sees that user anyway. To others it looks like one that is not: the owner
    /// is told in place of the invitation, and nobody learns who has an account.
    async fn tell_if_taken(&self, cx: &CallContext, email: &Email) -> Result<(), AuthFailure> {
        match by_email(&self.store, email).await? {
            Some(user)
                if user.tenant_id == cx.tenant() && Permission::UsersRead.is_granted_to(&cx.principal) =>
            {
                Err(AuthFailure::EmailTaken)
            }
            _ => Ok(()),
        }
    }

    /// Nobody invites others in a name that is not shown to be theirs, where such users are limited.
    async fn is_somebody(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let Some(caller) = cx.principal.user().filter(|caller| caller.scopes.is_some()) else {
            return Ok(());
        };
        let user = self.store.get_anywhere::<User>(caller.user).await?;
        match user.is_some_and(|user| user.email_unverified) {
            true => Err(CallError::forbidden(Permission::UsersInvite.as_str()).into()),
            false => Ok(()),
        }
    }

    /// Takes an invitation: the address that the code was mailed to becomes the log-in e-mail. The code can be used once.
    pub(crate) async fn accept(
        &self,
        cx: &CallContext,
        code: &GivenCode,
        password: &NewPassword,
    ) -> Result<Stored<User>, AuthFailure> {
        let purposes = [Purpose::AcceptInvitation];
        self.tokens.find(code, &purposes).await?;
        let password_hash = self.passwords.hash_new(password).await?;
        let token = self.tokens.find(code, &purposes).await?;
        let user = self.store.get_anywhere::<User>(token.user_id).await?;
        let user = user.filter(|user| user.status == UserStatus::Invited);
        let user = user.ok_or(AuthFailure::BadCode)?;
        let cx = &acting_as(cx, &user);
        let mut batch = self.store.batch(cx);
        batch.remove(&token);
        let next = batch.replace(&user.changed(|user| {
            user.email.clone_from(&token.email);
            user.status = UserStatus::Active;
        }));
        let user_id = UserId(user.id);
        batch.insert(
            user_id,
            Credential {
                user_id,
                password_hash,
                generation: 1,
            },
        );
        batch.event(changed(cx, USER_UPDATED, &next)?);
        batch.event(audit(
            cx,
            "user.invitation_accepted",
            Some(&user),
            &next,
            &["email", "status"],
        ));
        match self.store.commit(batch).await {
            Ok(_) => Ok(next),
            Err(error) if is_used_up(&error) => Err(AuthFailure::BadCode),
            Err(error) if is_email_taken(&error) => Err(AuthFailure::EmailTaken),
            Err(StoreError::Duplicate { .. }) => Err(AuthFailure::BadCode),
            Err(error) => Err(error.into()),
        }
    }
}
