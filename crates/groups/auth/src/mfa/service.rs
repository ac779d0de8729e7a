use super::{
    Factors, base32,
    factors::bytes_of,
    models::{EnrolmentView, MfaFactor, RecoveryCodesView, StatusView, TypedCode},
    recovery, totp,
};
use crate::{
    AuthFailure, AuthPolicy,
    mail::Notice,
    step_up::{Proof, StepUp},
    users::audit,
};
use kernel::{CallContext, CallError, UserId};
use std::sync::Arc;
use store::{Batch, Store, Stored};

/// How the installation is named in an authenticator app.
const ISSUER: &str = "WealthOS";

/// The rules about turning the second factor on and off.
#[derive(Clone)]
pub(crate) struct Mfa {
    store: Store,
    factors: Factors,
    step_up: StepUp,
    policy: Arc<AuthPolicy>,
}

impl Mfa {
    pub(crate) fn new(store: Store, factors: Factors, step_up: StepUp, policy: Arc<AuthPolicy>) -> Self {
        Self {
            store,
            factors,
            step_up,
            policy,
        }
    }

    /// Whether the caller's log-ins ask for a second factor.
    pub(crate) async fn status(&self, cx: &CallContext) -> Result<StatusView, AuthFailure> {
        let user = cx.principal.user().ok_or(CallError::Unauthenticated)?.user;
        let factor = self.factors.of(user).await?;
        Ok(StatusView::of(factor.as_ref().map(|factor| &factor.data)))
    }

    /// Makes a secret that counts once a code of it was sent. An earlier one that counts goes on until then.
    pub(crate) async fn enrol(&self, cx: &CallContext, proof: &Proof) -> Result<EnrolmentView, AuthFailure> {
        let user = self.step_up.prove(cx, proof).await?.user;
        let secret: [u8; totp::SECRET_BYTES] = self.store.sources().random();
        let mut batch = self.store.batch(cx);
        let pending = Some(hex::encode(secret));
        self.put(&mut batch, UserId(user.id), |factor| factor.pending = pending)
            .await?;
        batch.event(audit(cx, "mfa.enrolled", Some(&user), &user, &["mfa"]));
        self.store.commit(batch).await?;
        let account = user.email.as_deref().unwrap_or_default();
        Ok(EnrolmentView {
            secret: base32::encode(&secret),
            otpauth_uri: totp::uri(&secret, ISSUER, account),
        })
    }

    /// Turns it on with the first code, and answers the recovery codes.
    pub(crate) async fn confirm(
        &self,
        cx: &CallContext,
        code: &TypedCode,
    ) -> Result<RecoveryCodesView, AuthFailure> {
        let user = self.step_up.user(cx).await?;
        let factor = self.factors.of(UserId(user.id)).await?;
        let factor = factor.ok_or(AuthFailure::MfaNotEnrolled)?;
        let pending = factor.pending.clone().ok_or(AuthFailure::MfaNotEnrolled)?;
        let mut batch = self.store.batch(cx);
        let now = batch.now();
        let step = totp::matching_step(&bytes_of(&pending)?, code.expose().trim(), now, 0);
        let step = step.ok_or(AuthFailure::MfaWrong)?;
        let codes = recovery::generate(self.store.sources());
        batch.replace(&factor.with(MfaFactor {
            secret: Some(pending),
            confirmed_at: Some(now),
            last_step: step,
            recovery_codes: codes.iter().map(|code| recovery::hash(code)).collect(),
            ..MfaFactor::none(UserId(user.id))
        }));
        batch.event(audit(cx, "mfa.turned_on", Some(&user), &user, &["mfa"]));
        self.factors.tell(cx, &mut batch, &user, Notice::MfaTurnedOn)?;
        self.store.commit(batch).await?;
        Ok(RecoveryCodesView {
            recovery_codes: codes,
        })
    }

    /// Makes new recovery codes; the ones before are no good any more.
    pub(crate) async fn renew(
        &self,
        cx: &CallContext,
        proof: &Proof,
    ) -> Result<RecoveryCodesView, AuthFailure> {
        let user = self.step_up.prove(cx, proof).await?.user;
        let factor = self.confirmed(UserId(user.id)).await?;
        let codes = recovery::generate(self.store.sources());
        let mut batch = self.store.batch(cx);
        batch.replace(&factor.changed(|factor| {
            factor.recovery_codes = codes.iter().map(|code| recovery::hash(code)).collect();
        }));
        batch.event(audit(
            cx,
            "mfa.recovery_codes_renewed",
            Some(&user),
            &user,
            &["mfa"],
        ));
        self.store.commit(batch).await?;
        Ok(RecoveryCodesView {
            recovery_codes: codes,
        })
    }

    /// Turns it off.
    pub(crate) async fn turn_off(&self, cx: &CallContext, proof: &Proof) -> Result<(), AuthFailure> {
        let user = self.step_up.prove(cx, proof).await?.user;
        let factor = self.confirmed(UserId(user.id)).await?;
        if self.policy.mfa_required.contains(&user.role) {
            return Err(AuthFailure::MfaMandatory);
        }
        let mut batch = self.store.batch(cx);
        batch.remove(&factor);
        batch.event(audit(cx, "mfa.turned_off", Some(&user), &user, &["mfa"]));
        self.factors.tell(cx, &mut batch, &user, Notice::MfaTurnedOff)?;
        self.store.commit(batch).await?;
        Ok(())
    }

    async fn confirmed(&self, user: UserId) -> Result<Stored<MfaFactor>, AuthFailure> {
        let factor = self.factors.of(user).await?;
        factor
            .filter(|factor| factor.secret.is_some())
            .ok_or(AuthFailure::MfaNotEnrolled)
    }

    /// Writes the factor back after `change`, or makes its record.
    async fn put(
        &self,
        batch: &mut Batch,
        user: UserId,
        change: impl FnOnce(&mut MfaFactor),
    ) -> Result<(), AuthFailure> {
        match self.factors.of(user).await? {
            Some(known) => {
                batch.replace(&known.changed(change));
            }
            None => {
                let mut factor = MfaFactor::none(user);
                change(&mut factor);
                batch.insert(user, factor);
            }
        }
        Ok(())
    }
}
