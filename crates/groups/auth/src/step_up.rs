//! More than being logged in: what sensitive acts ask for, so that an open laptop is not enough.

use crate::{
    AuthFailure,
    mfa::{Factors, GuessedFrom, SecondFactor},
    passwords::Passwords,
    patience::Patience,
    sessions::GivenPassword,
    users::{Credential, User, refused},
};
use auth_contract::UserStatus;
use kernel::{CallContext, CallError, UserId};
use serde::Deserialize;
use store::{Store, Stored};
use utoipa::ToSchema;

/// What proves that it is really the user: the password, and a second factor where one is on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Proof {
    /// The password.
    pub(crate) password: GivenPassword,
    /// A code of the authenticator app.
    #[serde(default)]
    pub(crate) code: Option<crate::SecretText<6, 40>>,
    /// A recovery code in its place.
    #[serde(default)]
    pub(crate) recovery_code: Option<crate::SecretText<6, 40>>,
}

/// The user who has proven themselves anew.
pub(crate) struct Proven {
    pub(crate) user: Stored<User>,
    pub(crate) credential: Stored<Credential>,
}

/// Checks proofs.
#[derive(Clone)]
pub(crate) struct StepUp {
    store: Store,
    passwords: Passwords,
    factors: Factors,
}

impl StepUp {
    pub(crate) fn new(store: Store, passwords: Passwords, factors: Factors) -> Self {
        Self {
            store,
            passwords,
            factors,
        }
    }

    /// The caller, as long as they may be logged in.
    pub(crate) async fn user(&self, cx: &CallContext) -> Result<Stored<User>, AuthFailure> {
        let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
        let user = self.store.get_anywhere::<User>(caller.user).await?;
        let user = user.filter(|user| user.status == UserStatus::Active);
        Ok(user.ok_or(CallError::Unauthenticated)?)
    }

    /// Proves the caller anew. The password first: a wrong one uses no code up.
    pub(crate) async fn prove(&self, cx: &CallContext, proof: &Proof) -> Result<Proven, AuthFailure> {
        let user = self.user(cx).await?;
        let credential = self.store.get_anywhere::<Credential>(UserId(user.id)).await?;
        let credential = credential.ok_or(CallError::Unauthenticated)?;
        let stored = Some(credential.password_hash.as_str());
        let session = cx.principal.user().map(|caller| caller.session);
        let session = session.ok_or(CallError::Unauthenticated)?;
        let patience = Patience::of_proof(&self.store, UserId(user.id), session);
        patience.require().await?;
        let verdict = self.passwords.verify(proof.password.expose(), stored).await?;
        if !verdict.matches {
            let mut batch = self.store.batch(cx);
            batch.event(refused(cx, "user.proof_refused", &user));
            self.store.commit(batch).await?;
            patience.failed(cx).await?;
            return Err(AuthFailure::WrongProof);
        }
        let given = SecondFactor::of(proof.code.as_ref(), proof.recovery_code.as_ref());
        self.factors
            .prove(cx, &user, given, GuessedFrom::Session(session))
            .await?;
        Ok(Proven { user, credential })
    }
}
