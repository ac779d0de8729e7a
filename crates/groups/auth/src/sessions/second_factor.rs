use super::{
    Sessions,
    log_in::Known,
    models::{Place, TokenGrant},
};
use crate::{
    AuthFailure,
    anew::anew,
    mfa::{GuessedFrom, SecondFactor},
    one_time::{GivenCode, OneTimeToken, Purpose},
    users::{Credential, User},
};
use auth_contract::UserStatus;
use kernel::CallContext;
use store::{StoreError, Stored};

/// So many wrong codes end a log-in that was begun.
const MOST_FAILURES: u32 = 5;
impl Sessions {
    /// Finishes a log-in with the second factor. What the first step answered is good once.
    pub(crate) async fn finish(
        &self,
        cx: &CallContext,
        mfa_token: &GivenCode,
        given: Option<SecondFactor<'_>>,
    ) -> Result<TokenGrant, AuthFailure> {
        let token = self.begun(mfa_token).await?;
        let user = self.user_of(&token).await?;
        let from = GuessedFrom::Address(token.address.as_deref());
        match self.factors.prove(cx, &user, given, from).await {
            Ok(()) => {}
            Err(AuthFailure::MfaWrong) => {
                self.count_failure(cx, token).await?;
                self.record_refusal(cx, Some(&user)).await?;
                return Err(AuthFailure::MfaWrong);
            }
            Err(other) => return Err(other),
        }
        // The code is used up now: the log-in ends here or begins anew.
        self.use_up(cx, &token).await?;
        let begun = anew(&self.store, cx, async || {
            let user = self.user_of(&token).await?;
            let credential = self.store.get_anywhere::<Credential>(user.id).await?;
            let credential = credential.ok_or(AuthFailure::BadMfaToken)?;
            if Some(credential.generation) != token.generation {
                return Err(AuthFailure::BadMfaToken);
            }
            let place = Place {
                device: token.device.clone(),
                address: token.address.clone(),
            };
            self.begin(cx, &Known { user, credential }, place, None).await
        });
        begun.await
    }

    async fn begun(&self, mfa_token: &GivenCode) -> Result<Stored<OneTimeToken>, AuthFailure> {
        match self.tokens.find(mfa_token, &[Purpose::SecondFactor]).await {
            Err(AuthFailure::BadCode) => Err(AuthFailure::BadMfaToken),
            found => found,
        }
    }

    async fn user_of(&self, token: &OneTimeToken) -> Result<Stored<User>, AuthFailure> {
        let user = self.store.get_anywhere::<User>(token.user_id).await?;
        let user = user.ok_or(AuthFailure::BadMfaToken)?;
        match user.status {
            UserStatus::Active => Ok(user),
            _ => Err(AuthFailure::Suspended),
        }
    }

    async fn use_up(&self, cx: &CallContext, token: &Stored<OneTimeToken>) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        batch.remove(token);
        match self.store.commit(batch).await {
            Err(StoreError::VersionConflict { .. }) => Err(AuthFailure::BadMfaToken),
            done => Ok(done.map(drop)?),
        }
    }

    async fn count_failure(&self, cx: &CallContext, token: Stored<OneTimeToken>) -> Result<(), AuthFailure> {
        let mut batch = self.store.batch(cx);
        let counted = token.changed(|token| token.failures = token.failures.saturating_add(1));
        if counted.failures >= MOST_FAILURES {
            batch.remove(&token);
        } else {
            batch.replace(&counted);
        }
        match self.store.commit(batch).await {
            // Several at once count as one here; each was counted against the factor itself.
            Ok(_) | Err(StoreError::VersionConflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
