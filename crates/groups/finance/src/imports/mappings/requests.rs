use super::models::MappingRecord;
use crate::formats::ColumnMapping;
use chrono::{DateTime, Utc};
use kernel::{Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A mapping to be saved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MappingRequest {
    /// The name, unique among the caller's own.
    pub(crate) name: Text<1, 80>,
    /// How a file is to be read.
    pub(crate) columns: ColumnMapping,
}

/// A saved mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MappingResponse {
    /// The id, for `mapping_id` of an import.
    pub(crate) id: Uuid,
    /// Counts changes.
    pub(crate) version: u64,
    /// Who made it.
    pub(crate) user_id: UserId,
    /// The name.
    pub(crate) name: String,
    /// How a file is to be read.
    pub(crate) columns: ColumnMapping,
    /// When it was made, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<MappingRecord>> for MappingResponse {
    fn from(stored: Stored<MappingRecord>) -> Self {
        Self {
            id: stored.id,
            version: stored.version,
            user_id: stored.user_id,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            name: stored.data.name,
            columns: stored.data.columns,
        }
    }
}

/// Nothing narrows a list of mappings.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MappingFilter {}
