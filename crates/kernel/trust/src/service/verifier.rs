use super::{
    claims::{SERVICE_LIFE, ServiceClaims, TYPE},
    keys::ServiceKeys,
    speakers::Speakers,
};
use crate::{
    OnStale, Revocations,
    proven::{Doubt, Proven, ProvenTokens},
    revocations::Standing,
};
use jsonwebtoken::{Validation, decode, decode_header};
use kernel::{Clock, ErrorKind, Fault, Principal};
use std::{borrow::Cow, fmt, sync::Arc};

/// What the outside learns of most that can be wrong with a token: nothing.
const REFUSED: &str = "this is for services of this installation only";

/// Why a service token is no proof. The log is told which; the caller learns the kind only, whose message says nothing
/// (`Display` is the message, [`ServiceRefusal::reason`] is for the log).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// There is none.
    #[error("{REFUSED}")]
    Missing,
    /// Not one of ours: garbage, another key, another algorithm, a user's token.
    #[error("{REFUSED}")]
    Invalid,
    /// Its time is over.
    #[error("{REFUSED}")]
    Expired,
    /// Its time has not come.
    #[error("{REFUSED}")]
    NotYet,
    /// It was issued for another group.
    #[error("{REFUSED}")]
    OtherGroup {
        /// Who issued it.
        issuer: String,
        /// For which group.
        group: String,
    },
    /// The key is not that of the issuer, or the issuer may not speak for this principal.
    #[error("{REFUSED}")]
    NotPermitted {
        /// Who issued it.
        issuer: String,
        /// In whose name.
        principal: String,
    },
    /// The log-in in whose name it was issued has been ended.
    #[error("the log-in in whose name this is asked has been ended")]
    Revoked,
    /// It cannot be known whether the log-in was ended, and `auth.on_stale` says to refuse then.
    #[error("log-ins cannot be checked at the moment: try again soon")]
    Stale,
}

impl ServiceRefusal {
    /// What was wrong, for the log.
    pub fn reason(&self) -> String {
        match self {
            ServiceRefusal::Missing => "no service token".to_owned(),
            ServiceRefusal::Invalid => "not a service token that this process knows the key of".to_owned(),
            ServiceRefusal::Expired => "the service token has expired: compare the clocks".to_owned(),
            ServiceRefusal::NotYet => "the service token is not valid yet: compare the clocks".to_owned(),
            ServiceRefusal::OtherGroup { issuer, group } => {
                format!("a service token of '{issuer}' for the group '{group}'")
            }
            ServiceRefusal::NotPermitted { issuer, principal } => {
                format!("'{issuer}' may not speak for {principal}, or not with this key")
            }
            ServiceRefusal::Revoked => "the log-in in whose name it was issued has been ended".to_owned(),
            ServiceRefusal::Stale => "the news of revocations is cut off".to_owned(),
        }
    }
}

impl Fault for ServiceRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            ServiceRefusal::Stale => ErrorKind::Unavailable,
            _ => ErrorKind::Unauthenticated,
        }
    }

    /// A caller that proved itself is told that it is its user who is no longer good.
    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            ServiceRefusal::Revoked => ServiceVerifier::REVOKED,
            other => other.kind().code(),
        })
    }

    fn retry_after(&self) -> Option<u64> {
        (*self == ServiceRefusal::Stale).then_some(1)
    }
}

/// Who calls over the seam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCaller {
    /// The group that calls, or `gateway`.
    pub issuer: String,
    /// In whose name.
    pub principal: Principal,
}

impl From<Doubt> for ServiceRefusal {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::TooLong => ServiceRefusal::Invalid,
            Doubt::Expired => ServiceRefusal::Expired,
            Doubt::NotYet => ServiceRefusal::NotYet,
        }
    }
}

/// Who may call which group.
struct Call {
    caller: Arc<ServiceCaller>,
    group: String,
}

/// Proves service tokens. What it proved it remembers by the token's SHA-256 (bounded), so that the signature is
/// computed once; the group that is called, time and revocation are judged on every call.
pub struct ServiceVerifier {
    keys: Arc<ServiceKeys>,
    speakers: Speakers,
    validation: Validation,
    revocations: Arc<Revocations>,
    on_stale: OnStale,
    proven: ProvenTokens<Call>,
}

impl ServiceVerifier {
    /// The code of the refusal of a user whose log-in has been ended.
    pub const REVOKED: &'static str = "log_in_ended";

    /// A verifier of tokens that these issuers sign with these keys.
    pub fn new(
        keys: Arc<ServiceKeys>,
        speakers: Speakers,
        clock: Arc<dyn Clock>,
        revocations: Arc<Revocations>,
        on_stale: OnStale,
    ) -> Self {
        let mut validation = Validation::new(keys.algorithm());
        // Issuer, audience and times are judged below: by the table, per call, and with the injected clock.
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud"]);
        validation.validate_aud = false;
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            keys,
            speakers,
            validation,
            revocations,
            on_stale,
            proven: ProvenTokens::new(clock),
        }
    }

    /// Who calls `group` with this token.
    pub fn verify(&self, token: &str, group: &str) -> Result<Arc<ServiceCaller>, ServiceRefusal> {
        let proven = self.proven.proven(token, || self.prove(token))?;
        let call = &proven.what;
        if call.group != group {
            return Err(ServiceRefusal::OtherGroup {
                issuer: call.caller.issuer.clone(),
                group: call.group.clone(),
            });
        }
        self.check_user(&call.caller.principal)?;
        Ok(call.caller.clone())
    }

    fn prove(&self, token: &str) -> Result<Proven<Call>, ServiceRefusal> {
        let header = decode_header(token).map_err(|_| ServiceRefusal::Invalid)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(ServiceRefusal::Invalid);
        }
        let id = header.kid.ok_or(ServiceRefusal::Invalid)?;
        let ring = self.keys.ring();
        let key = ring.verifying.get(&id).ok_or(ServiceRefusal::Invalid)?;
        let claims = decode::<ServiceClaims>(token, &key.key, &self.validation)
            .map_err(|_| ServiceRefusal::Invalid)?
            .claims;
        // One that lives longer was not issued here.
        if claims.exp.saturating_sub(claims.iat.min(claims.nbf)) > SERVICE_LIFE.num_seconds() {
            return Err(ServiceRefusal::Invalid);
        }
        let (issuer, group) = claims.parties().ok_or(ServiceRefusal::Invalid)?;
        if !key.speaks_as(issuer) || !self.speakers.permit(issuer, &claims.principal) {
            return Err(ServiceRefusal::NotPermitted {
                issuer: issuer.to_owned(),
                principal: claims.principal.reference(),
            });
        }
        Ok(Proven {
            what: Call {
                caller: Arc::new(ServiceCaller {
                    issuer: issuer.to_owned(),
                    principal: claims.principal.clone(),
                }),
                group: group.to_owned(),
            },
            not_before: claims.nbf.max(claims.iat),
            expires: claims.exp,
        })
    }

    fn check_user(&self, principal: &Principal) -> Result<(), ServiceRefusal> {
        let Some(user) = principal.user() else {
            return Ok(());
        };
        match self.revocations.standing(user, self.on_stale) {
            Standing::Good => Ok(()),
            Standing::Ended => Err(ServiceRefusal::Revoked),
            Standing::Unknown => Err(ServiceRefusal::Stale),
        }
    }
}

impl fmt::Debug for ServiceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ServiceVerifier({:?}, {} remembered)",
            self.keys,
            self.proven.len()
        )
    }
}
