use crate::{
    AuthFailure,
    anew::anew,
    mail::{self, Letter, Notice},
    one_time::{GivenCode, OneTimeTokens, Purpose, is_used_up},
    passwords::Passwords,
    sessions::{EndReason, Sessions},
    step_up::{Proof, StepUp},
    users::{Credential, NewPassword, User, acting_as, audit, changed},
};
use auth_contract::{USER_UPDATED, UserStatus};
use kernel::{CallContext, Email, SessionId, UserId};
use store::{Batch, Store, StoreError, Stored};

/// The rules about passwords of accounts.
#[derive(Clone)]
pub(crate) struct Credentials {
    store: Store,
    passwords: Passwords,
    tokens: OneTimeTokens,
    step_up: StepUp,
    sessions: Sessions,
}

impl Credentials {
    pub(crate) fn new(store: Store, passwords: Passwords, step_up: StepUp, sessions: Sessions) -> Self {
        Self {
            tokens: OneTimeTokens::new(store.clone()),
            store,
            passwords,
            step_up,
            sessions,
        }
    }

    /// Mails a code for a new password, if there is an account. Whether there is one is looked up by the job: here the
    /// same is done for everybody.
    pub(crate) async fn forgot(&self, cx: &CallContext, email: &Email) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let email = email.clone();
        mail::enqueue(&self.store, cx, &mut batch, &Letter::ResetPassword { email })?;
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Sets a new password with a mailed code, and ends every session. The code can be used once. It also shows that
    /// the address is the user's.
    pub(crate) async fn reset(
        &self,
        cx: &CallContext,
        code: &GivenCode,
        password: &NewPassword,
    ) -> Result<(), AuthFailure> {
        // Before the password is hashed: guessing codes costs us nothing.
        self.tokens.find(code, &[Purpose::ResetPassword]).await?;
        let hash = self.passwords.hash_new(password).await?;
        let (user, cx) = anew(&self.store, cx, async || {
            let token = self.tokens.find(code, &[Purpose::ResetPassword]).await?;
            let user = self.store.get_anywhere::<User>(token.user_id).await?;
            let user = user.filter(|user| user.status == UserStatus::Active);
            let user = user.ok_or(AuthFailure::BadCode)?;
            let cx = acting_as(cx, &user);
            let mut batch = self.store.batch(&cx);
            batch.remove(&token);
            if user.email_unverified && token.email == user.email {
                let next = batch.replace(&user.changed(|user| user.email_unverified = false));
                batch.event(changed(&cx, USER_UPDATED, &next)?);
            }
            let known = self.store.get_anywhere::<Credential>(user.id).await?;
            self.set(&cx, &mut batch, &user, known, &hash, "user.password_reset")
                .await?;
            match self.store.commit(batch).await {
                Err(error) if is_used_up(&error) => Err(AuthFailure::BadCode),
                done => Ok(done.map(|_| (user, cx))?),
            }
        })
        .await?;
        self.end_sessions(&cx, &user, None).await
    }

    /// Sets another password for the caller. The session that asks goes on, all others end.
    pub(crate) async fn change(
        &self,
        cx: &CallContext,
        proof: &Proof,
        password: &NewPassword,
    ) -> Result<(), AuthFailure> {
        let proven = self.step_up.prove(cx, proof).await?;
        let (user, credential) = (proven.user, proven.credential);
        let hash = self.passwords.hash_new(password).await?;
        let own = cx.principal.user().map(|caller| caller.session);
        anew(&self.store, cx, async || {
            let mut batch = self.store.batch(cx);
            // What was proven must still be the password: whoever changed it a moment ago was first.
            let known = Some(credential.clone());
            let generation = self
                .set(cx, &mut batch, &user, known, &hash, "user.password_changed")
                .await?;
            if let Some(own) = own {
                self.sessions.carry_on(&mut batch, own, generation).await?;
            }
            match self.store.commit(batch).await {
                Err(StoreError::VersionConflict { collection, .. }) if collection == "credentials" => {
                    Err(AuthFailure::WrongProof)
                }
                done => Ok(done.map(drop)?),
            }
        })
        .await?;
        self.end_sessions(cx, &user, own).await
    }

    /// Puts the new hash into the batch, with what goes with it; answers the generation that counts from now on.
    async fn set(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        user: &Stored<User>,
        known: Option<Stored<Credential>>,
        hash: &str,
        act: &str,
    ) -> Result<u32, AuthFailure> {
        let user_id = UserId(user.id);
        let generation = match known {
            Some(known) => {
                let next = batch.replace(&known.changed(|credential| {
                    credential.password_hash = hash.to_owned();
                    credential.generation = credential.generation.saturating_add(1);
                }));
                next.generation
            }
            None => {
                let password_hash = hash.to_owned();
                let generation = 1;
                batch.insert(
                    user_id,
                    Credential {
                        user_id,
                        password_hash,
                        generation,
                    },
                );
                generation
            }
        };
        // Log-ins that are half done knew the old password.
        self.tokens
            .remove_all(batch, user.tenant_id, user_id, &[Purpose::SecondFactor])
            .await?;
        if let Some(email) = user.email.as_deref().and_then(|email| Email::parse(email).ok()) {
            let notice = Notice::PasswordChanged;
            mail::enqueue(&self.store, cx, batch, &Letter::Notice { email, notice })?;
        }
        batch.event(audit(cx, act, Some(user), user, &["password"]));
        Ok(generation)
    }

    async fn end_sessions(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        except: Option<SessionId>,
    ) -> Result<(), AuthFailure> {
        self.sessions
            .end_all(cx, user, except, EndReason::PasswordChanged)
            .await
    }
}
