use crate::AuthError;
use kernel::{CallContext, IdempotencyKey, Role, TenantId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user registered.
pub const USER_REGISTERED: &str = "user.registered";
/// A user's profile, role or status changed.
pub const USER_UPDATED: &str = "user.updated";
/// A user was deleted.
pub const USER_DELETED: &str = "user.deleted";

/// What `user.*` events carry: no personal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserChanged {
    /// Who.
    pub user_id: UserId,
    /// In which role.
    pub role: Role,
    /// In which state.
    pub status: UserStatus,
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// Can log in.
    Active,
    /// Known, but has never set a password.
    Invited,
    /// Must not log in.
    Suspended,
}

/// A user as other groups see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserSummary {
    /// Who.
    pub id: UserId,
    /// The log-in e-mail; none for a user who cannot log in yet.
    pub email: Option<String>,
    /// The name as they write it.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The state.
    pub status: UserStatus,
    /// The firm.
    pub tenant_id: TenantId,
}

/// Somebody whom another group has to know before they ever log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewInvitedUser {
    /// The name.
    pub name: String,
    /// In which role.
    pub role: Role,
}

/// Who users are.
#[rpc::service(name = "auth.users")]
pub trait Users {
    /// One user of the caller's firm.
    #[rpc(read)]
    async fn user(&self, cx: &CallContext, id: UserId) -> Result<UserSummary, AuthError>;

    /// Makes a user in the state `invited`, who has no log-in e-mail and no password yet.
    #[rpc(effect)]
    async fn invite(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        user: NewInvitedUser,
    ) -> Result<UserSummary, AuthError>;
}
