use chrono::TimeDelta;
use kernel::Principal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a service token lives.
pub const SERVICE_LIFE: TimeDelta = TimeDelta::seconds(60);

/// The `typ` of a service token's header: no access token has it.
pub(crate) const TYPE: &str = "wealthos-service+jwt";
const ISSUER: &str = "service:";
const AUDIENCE: &str = "group:";

/// What a service token says. Times are seconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceClaims {
    /// `service:` and the name of the caller.
    pub(crate) iss: String,
    /// `group:` and the name of the group that is called.
    pub(crate) aud: String,
    /// In whose name.
    #[serde(rename = "for")]
    pub(crate) principal: Principal,
    /// Issued at.
    pub(crate) iat: i64,
    /// Not before.
    pub(crate) nbf: i64,
    /// Not after.
    pub(crate) exp: i64,
    /// The id of the token.
    pub(crate) jti: Uuid,
}

impl ServiceClaims {
    pub(crate) fn issuer(name: &str) -> String {
        format!("{ISSUER}{name}")
    }

    pub(crate) fn audience(group: &str) -> String {
        format!("{AUDIENCE}{group}")
    }

    /// The names of the caller and of the group that is called.
    pub(crate) fn parties(&self) -> Option<(&str, &str)> {
        Some((self.iss.strip_prefix(ISSUER)?, self.aud.strip_prefix(AUDIENCE)?))
    }
}
