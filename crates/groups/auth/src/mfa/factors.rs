use super::{
    guesses::{GuessedFrom, Guesses},
    models::{MfaFactor, SecondFactor},
    recovery, totp,
};
use crate::{
    AuthFailure,
    mail::{self, Letter, Notice},
    users::{User, audit},
};
use kernel::{CallContext, Email, UserId};
use store::{Store, Stored};

/// What users have as a second factor, and whether what they send is it.
#[derive(Clone)]
pub(crate) struct Factors {
    store: Store,
}

impl Factors {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The factor of a user, if there is any record of one.
    pub(crate) async fn of(&self, user: UserId) -> Result<Option<Stored<MfaFactor>>, AuthFailure> {
        Ok(self.store.get_anywhere(user).await?)
    }

    /// Whether log-ins of the user ask for a second factor.
    pub(crate) async fn is_on(&self, user: UserId) -> Result<bool, AuthFailure> {
        Ok(self.of(user).await?.is_some_and(|factor| factor.secret.is_some()))
    }

    /// Proves the second factor of a user who has one; nothing is asked of others. A code of the app and a recovery
    /// code count once: of several that come with the same one, whoever commits first. Wrong codes of the app are counted,
    /// and after some whoever sent them has to wait; a recovery code cannot be guessed, and is always looked at.
    pub(crate) async fn prove(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        given: Option<SecondFactor<'_>>,
        from: GuessedFrom<'_>,
    ) -> Result<(), AuthFailure> {
        let lost =
            |failure: &AuthFailure| matches!(failure, AuthFailure::Store(error) if error.is_lost_race());
        let proven = self.store.anew(cx, lost, async || {
            let factor = self.of(UserId(user.id)).await?;
            let Some(factor) = factor.filter(|factor| factor.secret.is_some()) else {
                return Ok(());
            };
            let given = given.ok_or(AuthFailure::MfaNeeded)?;
            match given {
                SecondFactor::Code(code) => self.check_code(cx, user, &factor, code, from).await,
                SecondFactor::Recovery(code) => self.check_recovery(cx, user, &factor, code).await,
            }
        });
        match proven.await {
            Err(failure) if lost(&failure) => Err(AuthFailure::Busy),
            decided => decided,
        }
    }

    async fn check_code(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        factor: &Stored<MfaFactor>,
        code: &str,
        from: GuessedFrom<'_>,
    ) -> Result<(), AuthFailure> {
        let guesses = Guesses::of(&self.store, UserId(user.id), from).await?;
        let mut batch = self.store.batch(cx).in_tenant(user.tenant_id);
        let now = batch.now();
        guesses.require(now)?;
        let secret = bytes_of(factor.secret.as_deref().unwrap_or_default())?;
        match totp::matching_step(&secret, code.trim(), now, factor.last_step) {
            Some(step) => {
                batch.replace(&factor.changed(|factor| factor.last_step = step));
                guesses.right(&mut batch);
                self.store.commit(batch).await?;
                Ok(())
            }
            None => {
                guesses.wrong(&mut batch);
                self.refuse(cx, batch, user).await
            }
        }
    }

    async fn check_recovery(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        factor: &Stored<MfaFactor>,
        code: &str,
    ) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx).in_tenant(user.tenant_id);
        let hash = recovery::hash(code);
        if !factor.recovery_codes.contains(&hash) {
            return self.refuse(cx, batch, user).await;
        }
        batch.replace(&factor.changed(|factor| factor.recovery_codes.retain(|known| *known != hash)));
        batch.event(audit(cx, "mfa.recovery_code_used", Some(user), user, &[]));
        self.tell(cx, &mut batch, user, Notice::RecoveryCodeUsed)?;
        self.store.commit(batch).await?;
        Ok(())
    }

    async fn refuse(
        &self,
        cx: &CallContext,
        mut batch: store::Batch,
        user: &Stored<User>,
    ) -> Result<(), AuthFailure> {
        batch.event(crate::users::refused(cx, "mfa.refused", user));
        self.store.commit(batch).await?;
        Err(AuthFailure::MfaWrong)
    }

    /// Tells the user by mail what happened to the factor.
    pub(crate) fn tell(
        &self,
        cx: &CallContext,
        batch: &mut store::Batch,
        user: &Stored<User>,
        notice: Notice,
    ) -> Result<(), AuthFailure> {
        let email = user.email.as_deref().and_then(|email| Email::parse(email).ok());
        match email {
            Some(email) => mail::enqueue(&self.store, cx, batch, &Letter::Notice { email, notice }),
            None => Ok(()),
        }
    }
}

pub(super) fn bytes_of(hex_text: &str) -> Result<Vec<u8>, AuthFailure> {
    hex::decode(hex_text).map_err(AuthFailure::internal)
}
