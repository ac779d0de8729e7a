use super::{
    Sessions, events,
    models::{Challenge, GivenPassword, LoggedIn, Place, Session, TokenGrant},
    service::as_user,
};
use crate::{
    AuthFailure,
    anew::anew,
    one_time::Purpose,
    patience::Patience,
    users::{Credential, User, store::by_email},
};
use auth_contract::UserStatus;
use kernel::{CallContext, Email, SessionId, UserId};
use store::Stored;
use uuid::Uuid;

/// A user whose password was right, and the password that they had at that moment.
pub(super) struct Known {
    pub(super) user: Stored<User>,
    pub(super) credential: Stored<Credential>,
}

impl Sessions {
    /// Proves a user by e-mail and password and begins a session, or asks for the second factor. An unknown e-mail and
    /// a wrong password get the same answer after the same work: nobody learns which e-mails have an account.
    pub(crate) async fn log_in(
        &self,
        cx: &CallContext,
        email: &Email,
        password: &GivenPassword,
        place: Place,
    ) -> Result<LoggedIn, AuthFailure> {
        // When the user or the password is changed meanwhile, what was right may be wrong now.
        let attempt = async || self.try_log_in(cx, email, password, &place).await;
        anew(&self.store, cx, attempt).await
    }

    async fn try_log_in(
        &self,
        cx: &CallContext,
        email: &Email,
        password: &GivenPassword,
        place: &Place,
    ) -> Result<LoggedIn, AuthFailure> {
        let counts = self.policy.slow_down_guessing;
        let patience = Patience::of_log_in(&self.store, counts, email, place.address.as_deref());
        patience.require().await?;
        let user = by_email(&self.store, email).await?;
        let id = user.as_ref().map_or(Uuid::nil(), |user| user.id);
        let credential = self.store.get_anywhere::<Credential>(id).await?;
        let stored = credential
            .as_ref()
            .map(|credential| credential.password_hash.as_str());
        let verdict = self.passwords.verify(password.expose(), stored).await?;
        // Where an address must be confirmed first, a log-in before that is like one that does not exist.
        let confirmed = |user: &User| self.policy.unverified_log_in || !user.email_unverified;
        let matches = verdict.matches && user.as_ref().is_some_and(|user| confirmed(user));
        match (user, credential) {
            (Some(user), Some(_)) if matches && user.status != UserStatus::Active => {
                self.record_refusal(cx, Some(&user)).await?;
                Err(AuthFailure::Suspended)
            }
            (Some(user), Some(credential)) if matches => {
                patience.passed(cx).await?;
                let known = Known { user, credential };
                let rehash = verdict.outdated.then_some(password);
                if self.factors.is_on(UserId(known.user.id)).await? {
                    let challenge = self.challenge(cx, &known, place, rehash).await?;
                    return Ok(LoggedIn::Challenged(challenge));
                }
                let grant = self.begin(cx, &known, place.clone(), rehash).await?;
                Ok(LoggedIn::Granted(grant))
            }
            (user, _) => {
                self.record_refusal(cx, user.as_ref()).await?;
                patience.failed(cx).await?;
                Err(AuthFailure::WrongCredentials)
            }
        }
    }

    /// The first step is done: answers what the second one is sent with.
    async fn challenge(
        &self,
        cx: &CallContext,
        known: &Known,
        place: &Place,
        rehash: Option<&GivenPassword>,
    ) -> Result<Challenge, AuthFailure> {
        let mut batch = self.store.batch(cx).in_tenant(known.user.tenant_id);
        self.hold(&mut batch, known, rehash).await?;
        let user_id = UserId(known.user.id);
        let mfa_token = self
            .tokens
            .issue(&mut batch, user_id, Purpose::SecondFactor, |token| {
                token.generation = Some(known.credential.generation);
                token.device.clone_from(&place.device);
                token.address.clone_from(&place.address);
            });
        self.store.commit(batch).await?;
        Ok(Challenge {
            mfa_required: true,
            mfa_token,
            expires_in: u64::try_from(Purpose::SecondFactor.life().num_seconds()).unwrap_or(1),
        })
    }

    /// Begins a session of a user who has proven everything that is asked of them.
    pub(super) async fn begin(
        &self,
        cx: &CallContext,
        known: &Known,
        place: Place,
        rehash: Option<&GivenPassword>,
    ) -> Result<TokenGrant, AuthFailure> {
        let user = &known.user;
        let session_id: SessionId = self.store.sources().ids().next();
        let cx = &as_user(cx, user, session_id);
        let mut batch = self.store.batch(cx);
        self.hold(&mut batch, known, rehash).await?;
        let now = batch.now();
        let expires_at = self.expiry(now, now);
        let session = Session {
            user_id: UserId(user.id),
            device: place.device,
            address: place.address,
            generation: known.credential.generation,
            last_used_at: now,
            expires_at,
            ended: false,
            ended_at: None,
            end_reason: None,
        };
        let begun = batch.insert(session_id, session);
        let token = self.add_refresh_token(&mut batch, UserId(user.id), session_id, expires_at);
        batch.event(events::audit(cx, "session.started", &begun));
        self.store.commit(batch).await?;
        self.grant(user, session_id, token, now).await
    }

    /// Lets the commit happen only if the user and the password are still what they were when they were proven; a hash
    /// of another cost than today's is made anew.
    async fn hold(
        &self,
        batch: &mut store::Batch,
        known: &Known,
        rehash: Option<&GivenPassword>,
    ) -> Result<(), AuthFailure> {
        batch.require(&known.user);
        let Some(password) = rehash else {
            batch.require(&known.credential);
            return Ok(());
        };
        let hash = self.passwords.hash(password.expose()).await?;
        batch.replace(&known.credential.changed(|old| old.password_hash = hash));
        Ok(())
    }

    pub(super) async fn record_refusal(
        &self,
        cx: &CallContext,
        user: Option<&Stored<User>>,
    ) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let known = user.map(|user| (UserId(user.id), user.tenant_id));
        batch.event(events::refused(cx, known));
        self.store.commit(batch).await?;
        Ok(())
    }
}
