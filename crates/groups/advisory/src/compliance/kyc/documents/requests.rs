use super::models::{KycDocument, PaperKind};
use chrono::{DateTime, Utc};
use kernel::{ClientId, Text};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// About a paper that is sent.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaperParameters {
    /// What it is called.
    pub(crate) name: Text<1, 200>,
    /// What kind of paper it is.
    #[param(inline)]
    pub(crate) kind: PaperKind,
}

/// A paper of an identity check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct KycDocumentResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) client_id: ClientId,
    /// What kind of paper it is.
    pub(crate) kind: PaperKind,
    /// What it is called.
    pub(crate) name: String,
    /// The content type.
    pub(crate) media_type: String,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// SHA-256 of the content, lower-case hex.
    pub(crate) sha256: String,
    /// Who sent it: `user/…`.
    pub(crate) uploaded_by: String,
    /// When, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<KycDocument>> for KycDocumentResponse {
    fn from(stored: Stored<KycDocument>) -> Self {
        let (id, created_at, data) = (stored.id, stored.created_at, stored.data);
        Self {
            id,
            client_id: data.client_id,
            kind: data.kind,
            name: data.name,
            media_type: data.media_type,
            bytes: data.bytes,
            sha256: data.sha256,
            uploaded_by: data.uploaded_by,
            created_at,
        }
    }
}
