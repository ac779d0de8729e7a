use crate::AuthError;
use chrono::{DateTime, Utc};
use kernel::{CallContext, SessionId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A session was ended: by log-out, by its owner from another device, by an admin, or by re-use of a refresh token.
pub const SESSION_REVOKED: &str = "session.revoked";
/// A user's role changed, or the user may no longer log in: older tokens are no longer good.
pub const ROLE_CHANGED: &str = "role.changed";

/// What `session.revoked` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionRevoked {
    /// Which session.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
}

/// What `role.changed` carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleChanged {
    /// Whose.
    pub user_id: UserId,
    /// Tokens with an older version of the role are refused.
    pub role_version: u32,
}

/// A session that must not be accepted, as long as an access token of it may still live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedSession {
    /// Which.
    pub session_id: SessionId,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// The least version of the role that a user's token must carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeastRoleVersion {
    /// Whose.
    pub user_id: UserId,
    /// The version.
    pub role_version: u32,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Everything that was revoked within the life of an access token, and the place in the feed after which to listen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevocationSnapshot {
    /// Listen to the auth feed after this.
    pub seq: u64,
    /// Sessions.
    pub sessions: Vec<RevokedSession>,
    /// Roles.
    pub roles: Vec<LeastRoleVersion>,
}

/// What is no longer good, for every process that checks tokens.
#[rpc::service(name = "auth.revocations")]
pub trait Revocations {
    /// Everything revoked within the life of an access token, of all firms. For services only.
    #[rpc(read)]
    async fn snapshot(&self, cx: &CallContext) -> Result<RevocationSnapshot, AuthError>;
}
