use kernel::{ClientId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{BlobId, Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;

/// What kind of paper it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaperKind {
    /// A passport.
    Passport,
    /// A card or letter of the tax office, as PAN.
    TaxCard,
    /// A card of identity, as Aadhaar.
    IdentityCard,
    /// Where the client lives.
    ProofOfAddress,
    /// Where the client's money comes from.
    SourceOfFunds,
    /// A photograph of the client.
    Photograph,
    /// Anything else.
    Other,
}

/// A paper as it is stored. It is read through its client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KycDocument {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) kind: PaperKind,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    /// Lower-case hex.
    pub(crate) sha256: String,
    pub(crate) blob: Option<BlobId>,
    pub(crate) uploaded_by: String,
}

impl Document for KycDocument {
    fn collection() -> &'static Collection {
        static DOCUMENTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("kyc_documents", Scoping::Owner)
                .field("client_id", FieldKind::Uuid)
                .belongs_to("client_id")
                .serves(&["client_id"], &["created_at"])
                .encrypted("name")
                .personal(&["name"])
                .personal_blob("blob")
                .removed_with_user()
        });
        &DOCUMENTS
    }
}
