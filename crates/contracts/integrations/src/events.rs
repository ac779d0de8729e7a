use kernel::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user connected an outside platform.
pub const INTEGRATION_CONNECTED: &str = "integration.connected";
/// A user disconnected an outside platform.
pub const INTEGRATION_DISCONNECTED: &str = "integration.disconnected";

/// What `integration.*` events carry: never a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IntegrationChanged {
    /// Whose connection.
    pub user_id: UserId,
    /// The platform's name in the catalogue, as in `triplewhale`.
    pub platform: String,
}
