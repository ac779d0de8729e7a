use super::{
    claims::{SERVICE_LIFE, ServiceClaims, TYPE},
    keys::ServiceKeys,
    speakers::{ServiceIdentity, Speakers},
};
use chrono::TimeDelta;
use jsonwebtoken::{Header, encode};
use kernel::{Principal, Sources};
use quick_cache::{Equivalent, sync::Cache};
use secrecy::SecretString;
use std::{fmt, sync::Arc};

/// How many tokens are kept for use again.
const KEPT: usize = 4096;
/// A token that has less left than this is not handed out again: it must still be good where it arrives.
const SPARE: TimeDelta = TimeDelta::seconds(15);

/// Why this process cannot speak for somebody.
#[derive(Debug, thiserror::Error)]
pub enum ServiceTokenError {
    /// Neither its own work nor that of a user.
    #[error("this process may not act as {principal}: it runs {runs}")]
    NotPermitted {
        /// In whose name it wanted to.
        principal: String,
        /// What it runs.
        runs: String,
    },
    /// The signature failed.
    #[error("the service token could not be signed")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Purpose {
    group: String,
    principal: Principal,
}

#[derive(Hash)]
struct PurposeRef<'a> {
    group: &'a str,
    principal: &'a Principal,
}

impl Equivalent<Purpose> for PurposeRef<'_> {
    fn equivalent(&self, known: &Purpose) -> bool {
        self.group == known.group && *self.principal == known.principal
    }
}

#[derive(Clone)]
struct Kept {
    token: SecretString,
    expires: i64,
}

/// Issues what this process proves itself with to the other groups: one token for each group that is called and each
/// principal in whose name, used again for most of its [`SERVICE_LIFE`].
pub struct ServiceTokens {
    keys: Arc<ServiceKeys>,
    identity: ServiceIdentity,
    speakers: Speakers,
    sources: Sources,
    kept: Cache<Purpose, Kept>,
}

impl ServiceTokens {
    /// Tokens of this process.
    pub fn new(
        keys: Arc<ServiceKeys>,
        identity: ServiceIdentity,
        speakers: Speakers,
        sources: Sources,
    ) -> Self {
        Self {
            keys,
            identity,
            speakers,
            sources,
            kept: Cache::new(KEPT),
        }
    }

    /// A token for a call of `group` in the name of `principal`, good for at least another 15 seconds.
    pub fn token(&self, group: &str, principal: &Principal) -> Result<SecretString, ServiceTokenError> {
        let now = self.sources.now().timestamp();
        if let Some(kept) = self.kept.get(&PurposeRef { group, principal })
            && kept.is_good_at(now)
        {
            return Ok(kept.token);
        }
        let token = self.issue(group, principal, now)?;
        let purpose = Purpose {
            group: group.to_owned(),
            principal: principal.clone(),
        };
        self.kept.insert(
            purpose,
            Kept {
                token: token.clone(),
                expires: now + SERVICE_LIFE.num_seconds(),
            },
        );
        Ok(token)
    }

    fn issue(&self, group: &str, principal: &Principal, now: i64) -> Result<SecretString, ServiceTokenError> {
        let issuer = self
            .identity
            .issuer_for(principal, &self.speakers)
            .ok_or_else(|| ServiceTokenError::NotPermitted {
                principal: principal.reference(),
                runs: self.identity.names().join(", "),
            })?;
        let claims = ServiceClaims {
            iss: ServiceClaims::issuer(issuer),
            aud: ServiceClaims::audience(group),
            principal: principal.clone(),
            iat: now,
            nbf: now,
            exp: now + SERVICE_LIFE.num_seconds(),
            jti: self.sources.ids().next(),
        };
        let ring = self.keys.ring();
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(ring.signing_id.clone()),
            ..Header::new(self.keys.algorithm())
        };
        encode(&header, &claims, &ring.signing)
            .map(SecretString::from)
            .map_err(ServiceTokenError::Sign)
    }
}

impl Kept {
    /// A clock that was set back must not make a token live longer.
    fn is_good_at(&self, now: i64) -> bool {
        let left = self.expires - now;
        left > SPARE.num_seconds() && left <= SERVICE_LIFE.num_seconds()
    }
}

impl fmt::Debug for ServiceTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ServiceTokens({}, {:?}, {} kept)",
            self.identity.names().join(", "),
            self.keys,
            self.kept.len()
        )
    }
}
