use super::models::ViewRecord;
use crate::clients::requests::ClientFilter;
use kernel::Text;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::ToSchema;
use uuid::Uuid;

/// A filter to be kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ViewRequest {
    /// What the view is called: one of this name for each user.
    pub(crate) name: Text<1, 100>,
    /// The parameters of the list of clients.
    pub(crate) filter: ClientFilter,
}

/// A saved view.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ViewResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// The parameters of the list of clients.
    pub(crate) filter: ClientFilter,
}

impl From<Stored<ViewRecord>> for ViewResponse {
    fn from(stored: Stored<ViewRecord>) -> Self {
        Self {
            id: stored.id,
            name: stored.data.name,
            filter: stored.data.filter,
        }
    }
}
