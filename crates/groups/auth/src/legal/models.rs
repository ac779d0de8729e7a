use chrono::{DateTime, Utc};
use kernel::{Text, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Stored};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LegalKind {
    /// The terms of use.
    Terms,
    /// The privacy notice.
    Privacy,
}

impl LegalKind {
    pub(crate) const ALL: [LegalKind; 2] = [LegalKind::Terms, LegalKind::Privacy];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            LegalKind::Terms => "terms",
            LegalKind::Privacy => "privacy",
        }
    }
}

/// One version of a document of a firm. Written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LegalDocument {
    pub(crate) kind: LegalKind,
    /// Counts the versions from 1; the highest counts.
    pub(crate) number: u32,
    pub(crate) title: String,
    pub(crate) text: String,
    /// SHA-256 of the text, lower-case hex.
    pub(crate) hash: String,
}

impl Document for LegalDocument {
    fn collection() -> &'static Collection {
        static DOCUMENTS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("legal_documents", Scoping::Tenant)
                .field("kind", FieldKind::Text)
                .field("number", FieldKind::Int)
                .unique(&["kind", "number"])
                .serves(&["kind"], &["number"])
                .serves(&[], &["created_at"])
        });
        &DOCUMENTS
    }
}

/// That a user accepted a version: the evidence. Written once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LegalAcceptance {
    pub(crate) user_id: UserId,
    pub(crate) document_id: Uuid,
    pub(crate) kind: LegalKind,
    pub(crate) number: u32,
    /// The hash of the text that was accepted.
    pub(crate) hash: String,
    /// The address that it came from.
    pub(crate) address: Option<String>,
}

impl LegalAcceptance {
    /// A version is accepted once by a user.
    pub(crate) fn id(user: UserId, document: Uuid) -> Uuid {
        Uuid::new_v5(&document, format!("accepted by\u{0}{user}").as_bytes())
    }
}

impl Document for LegalAcceptance {
    fn collection() -> &'static Collection {
        static ACCEPTANCES: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("legal_acceptances", Scoping::Owner)
                .encrypted("address")
                .personal(&["address"])
                .serves(&[], &["created_at"])
        });
        &ACCEPTANCES
    }
}

/// A version about to be published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = NewLegalDocument)]
pub(crate) struct NewLegalDocument {
    /// What it is about.
    pub(crate) kind: LegalKind,
    /// Its title.
    pub(crate) title: Text<1, 200>,
    /// Its text: 1 to 100000 characters, lines ended by a line feed.
    #[schema(
        min_length = 1,
        max_length = 100_000,
        pattern = r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$"
    )]
    pub(crate) text: String,
}

/// A version as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LegalDocument)]
pub(crate) struct LegalDocumentView {
    /// Which.
    pub(crate) id: Uuid,
    /// What it is about.
    pub(crate) kind: LegalKind,
    /// Counts the versions from 1; the highest counts.
    #[schema(minimum = 1)]
    pub(crate) version: u32,
    /// Its title.
    pub(crate) title: String,
    /// Its text.
    pub(crate) text: String,
    /// SHA-256 of the text, lower-case hex.
    pub(crate) hash: String,
    /// When it was published, UTC.
    pub(crate) published_at: DateTime<Utc>,
}

impl From<&Stored<LegalDocument>> for LegalDocumentView {
    fn from(document: &Stored<LegalDocument>) -> Self {
        Self {
            id: document.id,
            kind: document.kind,
            version: document.number,
            title: document.title.clone(),
            text: document.text.clone(),
            hash: document.hash.clone(),
            published_at: document.created_at,
        }
    }
}

/// The version that a user accepts: the one that counts.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = LegalAcceptanceRequest)]
pub(crate) struct LegalAcceptanceRequest {
    /// Which.
    pub(crate) document_id: Uuid,
}

/// That a user accepted a version, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LegalAcceptance)]
pub(crate) struct LegalAcceptanceView {
    /// Who.
    pub(crate) user_id: UserId,
    /// Which version.
    pub(crate) document_id: Uuid,
    /// What it is about.
    pub(crate) kind: LegalKind,
    /// Its number.
    #[schema(minimum = 1)]
    pub(crate) version: u32,
    /// The hash of the text that was accepted.
    pub(crate) hash: String,
    /// When, UTC.
    pub(crate) accepted_at: DateTime<Utc>,
    /// The address that it came from.
    pub(crate) address: Option<String>,
}

impl From<&Stored<LegalAcceptance>> for LegalAcceptanceView {
    fn from(acceptance: &Stored<LegalAcceptance>) -> Self {
        Self {
            user_id: acceptance.user_id,
            document_id: acceptance.document_id,
            kind: acceptance.kind,
            version: acceptance.number,
            hash: acceptance.hash.clone(),
            accepted_at: acceptance.created_at,
            address: acceptance.address.clone(),
        }
    }
}

/// Where the caller stands with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LegalStatus)]
pub(crate) struct LegalStatus {
    /// What it is about.
    pub(crate) kind: LegalKind,
    /// The version that counts.
    pub(crate) document_id: Uuid,
    /// Its number.
    #[schema(minimum = 1)]
    pub(crate) version: u32,
    /// When the caller accepted it, UTC; null while it is to be accepted.
    pub(crate) accepted_at: Option<DateTime<Utc>>,
}
