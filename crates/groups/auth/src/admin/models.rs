use crate::users::UserView;
use kernel::{Text, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an administrator acts as somebody else.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = ImpersonationRequest)]
pub(crate) struct ImpersonationRequest {
    /// The reason, as it is kept beside the act.
    pub(crate) reason: Text<3, 300>,
}

/// What an administrator acts as somebody else with.
#[derive(Serialize, ToSchema)]
#[schema(as = ImpersonationGrant)]
pub(crate) struct ImpersonationGrant {
    /// A signed token (JWT) for `Authorization: Bearer …`; its claim `act` names the administrator.
    pub(crate) access_token: String,
    /// How it is sent: always `bearer`.
    pub(crate) token_type: &'static str,
    /// Seconds that it lives. There is no refresh token.
    #[schema(minimum = 1)]
    pub(crate) expires_in: u64,
    /// As whom.
    pub(crate) user: UserView,
    /// Who acts.
    pub(crate) impersonated_by: UserId,
}
