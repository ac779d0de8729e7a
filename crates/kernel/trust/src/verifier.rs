use crate::{
    Claims, MAX_LIFE, OnStale, Revocations, TokenKeys,
    proven::{Doubt, Proven, ProvenTokens},
    revocations::Standing,
};
use jsonwebtoken::{Validation, decode, decode_header};
use kernel::{Clock, ErrorKind, Fault, UserPrincipal};
use std::{fmt, sync::Arc};

/// Why a token is no proof. All are the same 401 to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not one of ours: garbage, another key, another algorithm, another issuer or audience.
    #[error("the access token is not valid: log in again")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired: refresh it or log in again")]
    Expired,
    /// Its time has not come.
    #[error("the access token is not valid yet: check the clock of the machine that issued it")]
    NotYet,
    /// The log-in was ended, or the user's role changed.
    #[error("this log-in has been ended: log in again")]
    Revoked,
    /// It cannot be known whether it was taken back, and `auth.on_stale` says to refuse then.
    #[error("log-ins cannot be checked at the moment: try again soon")]
    Stale,
}

impl Fault for TokenError {
    fn kind(&self) -> ErrorKind {
        match self {
            TokenError::Stale => ErrorKind::Unavailable,
            _ => ErrorKind::Unauthenticated,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        (*self == TokenError::Stale).then_some(1)
    }
}

impl From<Doubt> for TokenError {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::TooLong => TokenError::Invalid,
            Doubt::Expired => TokenError::Expired,
            Doubt::NotYet => TokenError::NotYet,
        }
    }
}

/// Proves access tokens. What it proved it remembers by the token's SHA-256 (bounded), so that the signature is
/// computed once; time and revocation are judged on every call.
pub struct TokenVerifier {
    keys: Arc<TokenKeys>,
    validation: Validation,
    revocations: Arc<Revocations>,
    on_stale: OnStale,
    proven: ProvenTokens<UserPrincipal>,
}

impl TokenVerifier {
    /// A verifier of tokens of this issuer for this audience.
    pub fn new(
        keys: Arc<TokenKeys>,
        issuer: &str,
        audience: &str,
        clock: Arc<dyn Clock>,
        revocations: Arc<Revocations>,
        on_stale: OnStale,
    ) -> Self {
        let mut validation = Validation::new(keys.algorithm());
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // Times are judged below, with the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            keys,
            validation,
            revocations,
            on_stale,
            proven: ProvenTokens::new(clock),
        }
    }

    /// The user whom the token proves.
    pub fn verify(&self, token: &str) -> Result<UserPrincipal, TokenError> {
        let proven = self.proven.proven(token, || self.prove(token))?;
        match self.revocations.standing(&proven.what, self.on_stale) {
            Standing::Good => Ok(proven.what.clone()),
            Standing::Ended => Err(TokenError::Revoked),
            Standing::Unknown => Err(TokenError::Stale),
        }
    }

    /// What this process knows to have been taken back.
    pub fn revocations(&self) -> &Arc<Revocations> {
        &self.revocations
    }

    fn prove(&self, token: &str) -> Result<Proven<UserPrincipal>, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // A token of another kind is none, whatever key signed it.
        if header.typ.as_deref().is_some_and(|kind| kind != "JWT") {
            return Err(TokenError::Invalid);
        }
        let id = header.kid.ok_or(TokenError::Invalid)?;
        let ring = self.keys.ring();
        let key = ring.verifying.get(&id).ok_or(TokenError::Invalid)?;
        let claims = decode::<Claims>(token, key, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        // One that lives longer than revocations are remembered was not minted here.
        if claims.exp.saturating_sub(claims.iat.min(claims.nbf)) > MAX_LIFE.num_seconds() {
            return Err(TokenError::Invalid);
        }
        Ok(Proven {
            what: claims.principal(),
            not_before: claims.nbf.max(claims.iat),
            expires: claims.exp,
        })
    }
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TokenVerifier({:?}, {} remembered)",
            self.keys,
            self.proven.len()
        )
    }
}
