use super::{
    models::{MfaFactor, SecondFactor},
    recovery, totp,
};
use crate::{
    AuthFailure,
    mail::{self, Letter, Notice},
    users::{User, audit},
};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CallContext, Email, UserId};
use store::{Store, StoreError, Stored};

/// How often a change is decided anew after losing a race.
const ATTEMPTS: usize = 16;
/// So many wrong codes are free; each one after them doubles the wait.
const FREE_FAILURES: u32 = 5;
/// The longest wait.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);

/// What users have as a second factor, and whether what they send is it.
#[derive(Clone)]
pub(crate) struct Factors {
    store: Store,
}

/// What came of looking at a code.
enum Found {
    /// It is right; the factor is written back like this, so that it is not right twice.
    Right(MfaFactor, bool),
    Wrong(MfaFactor),
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
    /// code count once: of several that come with the same one, whoever commits first. Wrong ones are counted, and
    /// after some the user has to wait.
    pub(crate) async fn prove(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        given: Option<SecondFactor<'_>>,
    ) -> Result<(), AuthFailure> {
        for _ in 0..ATTEMPTS {
            let factor = self.of(UserId(user.id)).await?;
            let Some(factor) = factor.filter(|factor| factor.secret.is_some()) else {
                return Ok(());
            };
            let given = given.ok_or(AuthFailure::MfaNeeded)?;
            match self.decide(cx, user, &factor, given).await {
                Err(AuthFailure::Store(StoreError::VersionConflict { .. })) => {}
                decided => return decided,
            }
        }
        Err(AuthFailure::Busy)
    }

    async fn decide(
        &self,
        cx: &CallContext,
        user: &Stored<User>,
        factor: &Stored<MfaFactor>,
        given: SecondFactor<'_>,
    ) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx).in_tenant(user.tenant_id);
        let now = batch.now();
        if let Some(until) = factor.wait_until.filter(|until| now < *until) {
            let seconds = u64::try_from((until - now).num_seconds()).unwrap_or(0).max(1);
            return Err(AuthFailure::MfaWait { seconds });
        }
        match look(factor, given, now)? {
            Found::Right(next, recovered) => {
                batch.replace(&factor.with(next));
                if recovered {
                    batch.event(audit(cx, "mfa.recovery_code_used", Some(user), user, &[]));
                    self.tell(cx, &mut batch, user, Notice::RecoveryCodeUsed)?;
                }
                self.store.commit(batch).await?;
                Ok(())
            }
            Found::Wrong(next) => {
                batch.replace(&factor.with(next));
                batch.event(crate::users::refused(cx, "mfa.refused", user));
                self.store.commit(batch).await?;
                Err(AuthFailure::MfaWrong)
            }
        }
    }

    /// Tells the user by mail what happened to the factor.
    pub(super) fn tell(
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

fn look(factor: &MfaFactor, given: SecondFactor<'_>, now: DateTime<Utc>) -> Result<Found, AuthFailure> {
    let mut next = factor.clone();
    let right = match given {
        SecondFactor::Code(code) => {
            let secret = bytes_of(factor.secret.as_deref().unwrap_or_default())?;
            let step = totp::matching_step(&secret, code.trim(), now, factor.last_step);
            next.last_step = step.unwrap_or(factor.last_step);
            step.is_some()
        }
        SecondFactor::Recovery(code) => {
            let hash = recovery::hash(code);
            next.recovery_codes.retain(|known| *known != hash);
            next.recovery_codes.len() < factor.recovery_codes.len()
        }
    };
    if right {
        (next.failures, next.wait_until) = (0, None);
        return Ok(Found::Right(next, matches!(given, SecondFactor::Recovery(_))));
    }
    next.failures = factor.failures.saturating_add(1);
    if next.failures > FREE_FAILURES {
        let doubled = TimeDelta::seconds(1 << (next.failures - FREE_FAILURES).min(10));
        next.wait_until = Some(now + doubled.min(LONGEST_WAIT));
    }
    Ok(Found::Wrong(next))
}

pub(super) fn bytes_of(hex_text: &str) -> Result<Vec<u8>, AuthFailure> {
    hex::decode(hex_text).map_err(AuthFailure::internal)
}
