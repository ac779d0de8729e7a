use crate::{Claims, LEEWAY, MAX_LIFE, OnStale, Revocations, TokenKeys};
use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use kernel::{Clock, ErrorKind, Fault, UserPrincipal};
use quick_cache::sync::Cache;
use std::{fmt, sync::Arc};

/// The longest token that is looked at.
const MAX_BYTES: usize = 4096;
/// How many proven tokens are remembered.
const REMEMBERED: usize = 16_384;

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

#[derive(Clone)]
struct Proven {
    user: UserPrincipal,
    not_before: i64,
    expires: i64,
}

/// Proves access tokens. What it proved it remembers by the token's SHA-256 (bounded), so that the signature is
/// computed once; time and revocation are judged on every call.
pub struct TokenVerifier {
    keys: Arc<TokenKeys>,
    validation: Validation,
    clock: Arc<dyn Clock>,
    revocations: Arc<Revocations>,
    on_stale: OnStale,
    proven: Cache<[u8; 32], Arc<Proven>>,
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
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // Times are judged below, with the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            keys,
            validation,
            clock,
            revocations,
            on_stale,
            proven: Cache::new(REMEMBERED),
        }
    }

    /// The user whom the token proves.
    pub fn verify(&self, token: &str) -> Result<UserPrincipal, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Invalid);
        }
        let proven = self.proven(token)?;
        self.check_time(&proven)?;
        if !self.revocations.is_fresh() && self.on_stale == OnStale::Refuse {
            return Err(TokenError::Stale);
        }
        if self.revocations.is_revoked(&proven.user) {
            return Err(TokenError::Revoked);
        }
        Ok(proven.user.clone())
    }

    /// What this process knows to have been taken back.
    pub fn revocations(&self) -> &Arc<Revocations> {
        &self.revocations
    }

    fn proven(&self, token: &str) -> Result<Arc<Proven>, TokenError> {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if let Some(known) = self.proven.get(&fingerprint) {
            return Ok(known);
        }
        let proven = Arc::new(self.prove(token)?);
        self.check_time(&proven)?;
        self.proven.insert(fingerprint, proven.clone());
        Ok(proven)
    }

    fn prove(&self, token: &str) -> Result<Proven, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // A token of another kind is none, whatever key signed it.
        if header.typ.as_deref().is_some_and(|kind| kind != "JWT") {
            return Err(TokenError::Invalid);
        }
        let id = header.kid.ok_or(TokenError::Invalid)?;
        let key = self.keys.verifying(&id).ok_or(TokenError::Invalid)?;
        let claims = decode::<Claims>(token, key, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        // One that lives longer than revocations are remembered was not minted here.
        if claims.exp.saturating_sub(claims.iat) > MAX_LIFE.num_seconds() {
            return Err(TokenError::Invalid);
        }
        Ok(Proven {
            user: claims.principal(),
            not_before: claims.nbf,
            expires: claims.exp,
        })
    }

    fn check_time(&self, proven: &Proven) -> Result<(), TokenError> {
        let now = self.clock.now().timestamp();
        let leeway = LEEWAY.num_seconds();
        if now >= proven.expires.saturating_add(leeway) {
            return Err(TokenError::Expired);
        }
        if now < proven.not_before.saturating_sub(leeway) {
            return Err(TokenError::NotYet);
        }
        Ok(())
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
