use super::models::AttachmentRecord;
use chrono::{DateTime, Utc};
use kernel::Text;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A document that lies elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AttachmentReference {
    /// What it is called.
    pub(crate) name: Text<1, 200>,
    /// Its address: `https://…`. It is never fetched.
    pub(crate) url: Text<1, 2000>,
    /// SHA-256 of the document, 64 hex digits, so that it can be told whether it was changed.
    #[schema(pattern = "^[0-9a-fA-F]{64}$")]
    pub(crate) sha256: Text<64, 64>,
}

/// About a file that is sent.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadParameters {
    /// What it is called.
    pub(crate) name: Text<1, 200>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AttachmentResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// The transaction.
    pub(crate) transaction_id: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// The content type, if it lies here.
    pub(crate) media_type: Option<String>,
    /// How many bytes, if it lies here.
    pub(crate) bytes: Option<u64>,
    /// SHA-256 of the content, lower-case hex.
    pub(crate) sha256: String,
    /// Where it lies, if elsewhere.
    pub(crate) url: Option<String>,
    /// Who attached it: `user/…` or `system/…`.
    pub(crate) created_by: String,
    /// When it was attached, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<AttachmentRecord>> for AttachmentResponse {
    fn from(stored: Stored<AttachmentRecord>) -> Self {
        Self {
            id: stored.id,
            created_at: stored.created_at,
            transaction_id: stored.data.transaction_id,
            name: stored.data.name,
            media_type: stored.data.media_type,
            bytes: stored.data.bytes,
            sha256: stored.data.sha256,
            url: stored.data.url,
            created_by: stored.data.created_by,
        }
    }
}
