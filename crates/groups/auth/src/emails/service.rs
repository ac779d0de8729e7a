use crate::{
    AuthFailure,
    anew::anew,
    mail::{self, Letter, Notice, allow},
    one_time::{GivenCode, OneTimeToken, OneTimeTokens, Purpose, is_used_up},
    step_up::{Proof, StepUp},
    users::{User, acting_as, audit, changed, store::is_email_taken},
};
use auth_contract::{USER_UPDATED, UserStatus};
use kernel::{CallContext, Email, UserId};
use store::{Batch, Store, Stored};

/// The rules about addresses.
#[derive(Clone)]
pub(crate) struct Emails {
    store: Store,
    tokens: OneTimeTokens,
    step_up: StepUp,
}

impl Emails {
    pub(crate) fn new(store: Store, step_up: StepUp) -> Self {
        Self {
            tokens: OneTimeTokens::new(store.clone()),
            store,
            step_up,
        }
    }

    /// Mails the caller a code that confirms the log-in e-mail; the codes before are no good any more.
    pub(crate) async fn send(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let user = self.step_up.user(cx).await?;
        if !user.email_unverified {
            return Err(AuthFailure::AlreadyVerified);
        }
        let user_id = UserId(user.id);
        let mut batch = self.store.batch(cx);
        allow(&self.store, &mut batch, user_id, Purpose::VerifyEmail.as_str()).await?;
        mail::enqueue(&self.store, cx, &mut batch, &Letter::VerifyEmail { user_id })?;
        batch.event(audit(
            cx,
            "user.email_verification_asked",
            Some(&user),
            &user,
            &[],
        ));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Mails a code to an address that is to become the caller's. Nothing is mailed when somebody has it, and the
    /// answer is the same.
    pub(crate) async fn change(
        &self,
        cx: &CallContext,
        email: &Email,
        proof: &Proof,
    ) -> Result<(), AuthFailure> {
        let user = self.step_up.prove(cx, proof).await?.user;
        let user_id = UserId(user.id);
        let mut batch = self.store.batch(cx);
        allow(&self.store, &mut batch, user_id, Purpose::ChangeEmail.as_str()).await?;
        let email = email.clone();
        mail::enqueue(
            &self.store,
            cx,
            &mut batch,
            &Letter::ChangeEmail { user_id, email },
        )?;
        batch.event(audit(cx, "user.email_change_asked", Some(&user), &user, &[]));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Takes a code that was mailed: the address that it was mailed to is the user's.
    pub(crate) async fn verify(&self, cx: &CallContext, code: &GivenCode) -> Result<(), AuthFailure> {
        let verified = anew(&self.store, cx, async || {
            let purposes = [Purpose::VerifyEmail, Purpose::ChangeEmail];
            let token = self.tokens.find(code, &purposes).await?;
            let user = self.store.get_anywhere::<User>(token.user_id).await?;
            let user = user.filter(|user| user.status == UserStatus::Active);
            let user = user.ok_or(AuthFailure::BadCode)?;
            let cx = &acting_as(cx, &user);
            let mut batch = self.store.batch(cx);
            batch.remove(&token);
            match token.purpose {
                Purpose::ChangeEmail => self.take_over(cx, &mut batch, &user, &token).await?,
                _ => self.confirm(cx, &mut batch, &user, &token)?,
            }
            match self.store.commit(batch).await {
                Err(error) if is_used_up(&error) => Err(AuthFailure::BadCode),
                Err(error) if is_email_taken(&error) => Err(AuthFailure::EmailTaken),
                done => Ok(done.map(drop)?),
            }
        });
        verified.await
    }

    /// The log-in e-mail is confirmed, unless it has become another one since.
    fn confirm(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        user: &Stored<User>,
        token: &OneTimeToken,
    ) -> Result<(), AuthFailure> {
        if token.email != user.email {
            return Err(AuthFailure::BadCode);
        }
        let next = batch.replace(&user.changed(|user| user.email_unverified = false));
        batch.event(changed(cx, USER_UPDATED, &next)?);
        batch.event(audit(
            cx,
            "user.email_verified",
            Some(user),
            &next,
            &["email_verified"],
        ));
        Ok(())
    }

    /// The address of the code becomes the log-in e-mail, and the one before is told.
    async fn take_over(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        user: &Stored<User>,
        token: &Stored<OneTimeToken>,
    ) -> Result<(), AuthFailure> {
        let next = batch.replace(&user.changed(|user| {
            user.email.clone_from(&token.email);
            user.email_unverified = false;
        }));
        // What was mailed to the old address must not let anybody in.
        let outdated = [Purpose::VerifyEmail, Purpose::ResetPassword];
        self.tokens
            .remove_all(batch, user.tenant_id, UserId(user.id), &outdated)
            .await?;
        if let Some(email) = user.email.as_deref().and_then(|email| Email::parse(email).ok()) {
            let notice = Notice::EmailChanged;
            mail::enqueue(&self.store, cx, batch, &Letter::Notice { email, notice })?;
        }
        batch.event(changed(cx, USER_UPDATED, &next)?);
        batch.event(audit(cx, "user.email_changed", Some(user), &next, &["email"]));
        Ok(())
    }
}
