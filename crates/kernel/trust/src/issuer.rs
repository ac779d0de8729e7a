use crate::{ActorClaim, Claims, MAX_LIFE, TokenKeys};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Header, encode};
use kernel::{Sources, UserPrincipal};
use secrecy::SecretString;
use std::sync::Arc;

/// An access token as it is handed out.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// What the client sends as `Authorization: Bearer …`.
    pub token: SecretString,
    /// Seconds that it lives.
    pub expires_in: u64,
}

/// Why no token was minted.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// Not more than nothing, or more than [`MAX_LIFE`].
    #[error("an access token lives for more than 0 and at most 5 minutes")]
    Life,
    /// No key signs in this process (yet).
    #[error("no key signs access tokens here")]
    NoKey,
    /// The signature failed.
    #[error("the access token could not be signed")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// Mints access tokens.
#[derive(Debug, Clone)]
pub struct TokenIssuer {
    keys: Arc<TokenKeys>,
    issuer: String,
    audience: String,
    sources: Sources,
}

impl TokenIssuer {
    /// An issuer under this name for this audience.
    pub fn new(
        keys: Arc<TokenKeys>,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        sources: Sources,
    ) -> Self {
        Self {
            keys,
            issuer: issuer.into(),
            audience: audience.into(),
            sources,
        }
    }

    /// A token that proves `user` from `now` on for `life`.
    pub fn issue(
        &self,
        user: &UserPrincipal,
        now: DateTime<Utc>,
        life: TimeDelta,
    ) -> Result<AccessToken, IssueError> {
        if life > MAX_LIFE {
            return Err(IssueError::Life);
        }
        let expires_in = u64::try_from(life.num_seconds()).map_err(|_| IssueError::Life)?;
        if expires_in == 0 {
            return Err(IssueError::Life);
        }
        let issued = now.timestamp();
        let claims = Claims {
            sub: user.user,
            role: user.role,
            tenant_id: user.tenant,
            sid: user.session,
            rv: user.role_version,
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            iat: issued,
            nbf: issued,
            exp: issued.saturating_add(life.num_seconds()),
            jti: self.sources.ids().next(),
            act: user.impersonator.map(ActorClaim::from),
            scope: user.scopes.as_ref().map(|scopes| scopes.join(" ")),
        };
        let ring = self.keys.ring();
        let (id, key) = ring.signing.as_ref().ok_or(IssueError::NoKey)?;
        let header = Header {
            kid: Some(id.clone()),
            ..Header::new(self.keys.algorithm())
        };
        let token = encode(&header, &claims, key).map_err(IssueError::Sign)?;
        Ok(AccessToken {
            token: token.into(),
            expires_in,
        })
    }
}
