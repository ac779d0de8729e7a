use chrono::TimeDelta;
use kernel::{Impersonator, Role, SessionId, TenantId, UserId, UserPrincipal};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest that an access token may live: revocations are remembered no longer.
pub const MAX_LIFE: TimeDelta = TimeDelta::minutes(5);

/// How far two clocks may be apart.
pub const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// What an access token says. Times are seconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who.
    pub sub: UserId,
    /// In which role.
    pub role: Role,
    /// Of which firm.
    pub tenant_id: TenantId,
    /// Through which log-in.
    pub sid: SessionId,
    /// The version of the role at log-in.
    pub rv: u32,
    /// Who issued it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// Issued at.
    pub iat: i64,
    /// Not before.
    pub nbf: i64,
    /// Not after.
    pub exp: i64,
    /// The id of the token.
    pub jti: Uuid,
    /// Who acts as the user, if somebody does (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<ActorClaim>,
    /// What an API key narrows its user to, separated by spaces (RFC 8693); absent from log-ins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// Who acts as somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorClaim {
    /// Who.
    pub sub: UserId,
    /// Through which log-in of their own.
    pub sid: SessionId,
    /// The version of their role at that log-in.
    pub rv: u32,
}

impl From<Impersonator> for ActorClaim {
    fn from(by: Impersonator) -> Self {
        Self {
            sub: by.user,
            sid: by.session,
            rv: by.role_version,
        }
    }
}

impl From<ActorClaim> for Impersonator {
    fn from(actor: ActorClaim) -> Self {
        Self {
            user: actor.sub,
            session: actor.sid,
            role_version: actor.rv,
        }
    }
}

impl Claims {
    /// The user that it proves.
    pub fn principal(&self) -> UserPrincipal {
        UserPrincipal {
            user: self.sub,
            role: self.role,
            tenant: self.tenant_id,
            session: self.sid,
            role_version: self.rv,
            impersonator: self.act.map(Impersonator::from),
            scopes: self
                .scope
                .as_ref()
                .map(|scope| scope.split_whitespace().map(str::to_owned).collect()),
        }
    }
}
