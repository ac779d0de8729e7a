use crate::RegistryError;
use chrono::{DateTime, Utc};
use kernel::CallContext;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// One process that serves groups, from its start to its stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct InstanceId(pub Uuid);

/// What a process says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Announcement {
    /// Which process.
    pub instance: InstanceId,
    /// The groups that it answers for.
    pub groups: Vec<String>,
    /// Where it is reached: `http://host:port`.
    pub address: String,
    /// The version of the program.
    pub version: String,
}

/// A process that announced itself and is believed to live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instance {
    /// Which process.
    pub instance: InstanceId,
    /// The groups that it answers for.
    pub groups: Vec<String>,
    /// Where it is reached: `http://host:port`.
    pub address: String,
    /// The version of the program.
    pub version: String,
    /// When it last announced itself, UTC.
    pub seen_at: DateTime<Utc>,
    /// When it is no longer believed to live unless it announces itself again, UTC.
    pub expires_at: DateTime<Utc>,
}

/// Who is there to be reached. For processes of the platform only.
#[rpc::service(name = "infrastructure.registry")]
pub trait Registry {
    /// This process lives, for ten seconds from now. A process announces only what it runs.
    #[rpc(idempotent)]
    async fn announce(&self, cx: &CallContext, announcement: Announcement) -> Result<(), RegistryError>;

    /// This process takes no more requests. Withdrawing what is not announced changes nothing.
    #[rpc(idempotent)]
    async fn withdraw(&self, cx: &CallContext, instance: InstanceId) -> Result<(), RegistryError>;

    /// Every process that lives.
    #[rpc(read)]
    async fn instances(&self, cx: &CallContext) -> Result<Vec<Instance>, RegistryError>;
}
