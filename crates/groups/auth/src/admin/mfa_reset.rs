use super::service::Administration;
use crate::{
    AuthFailure,
    anew::anew,
    mail::Notice,
    roles::Permission,
    step_up::Proof,
    users::{User, audit},
};
use kernel::{CallContext, UserId};
use store::Stored;

impl Administration {
    /// Takes the second factor of a user away who has lost the phone and the recovery codes, ends all their sessions and
    /// tells them. The administrator proves themselves anew: this is how somebody else could get in.
    pub(crate) async fn reset_mfa(
        &self,
        cx: &CallContext,
        id: UserId,
        proof: &Proof,
    ) -> Result<(), AuthFailure> {
        Permission::MfaReset.require(cx)?;
        if cx.principal.user().is_some_and(|caller| caller.user == id) {
            return Err(AuthFailure::OwnAccount);
        }
        self.of_firm(cx, id).await?;
        self.step_up.prove(cx, proof).await?;
        let removed = anew(&self.store, cx, async || {
            let user = self.of_firm(cx, id).await?;
            self.remove_factor(cx, &user).await
        });
        removed.await?;
        self.force_out(cx, id).await
    }

    async fn remove_factor(&self, cx: &CallContext, user: &Stored<User>) -> Result<(), AuthFailure> {
        let factor = self.factors.of(UserId(user.id)).await?;
        let factor = factor.ok_or(AuthFailure::MfaNotEnrolled)?;
        let mut batch = self.store.batch(cx);
        batch.remove(&factor);
        batch.event(audit(cx, "mfa.reset", Some(user), user, &["mfa"]));
        self.factors.tell(cx, &mut batch, user, Notice::MfaReset)?;
        self.store.commit(batch).await?;
        Ok(())
    }
}
