use super::{models::TemplateRecord, pattern::Pattern};
use crate::prose::Prose;
use chrono::{DateTime, Utc};
use kernel::{Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A template. `client_name`, `advisor_name`, `risk_profile`, `kyc_expiry_date`, `total_assets`, `currency` and `today` are
/// filled by themselves; every other variable is asked for when a message is drafted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TemplateRequest {
    /// The name, unique among the caller's own.
    pub(crate) name: Text<1, 120>,
    /// The subject, with variables such as `{{client_name}}`.
    pub(crate) subject: Text<1, 200>,
    /// The text, with variables such as `{{client_name}}`.
    pub(crate) body: Prose<20000>,
    /// The version that was read: a change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// A template.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TemplateResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// The name.
    pub(crate) name: String,
    /// The subject.
    pub(crate) subject: String,
    /// The text.
    pub(crate) body: String,
    /// The variables in both, in the order of the alphabet.
    pub(crate) variables: Vec<String>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<TemplateRecord>> for TemplateResponse {
    fn from(stored: Stored<TemplateRecord>) -> Self {
        let patterns = [Pattern::parse(&stored.subject), Pattern::parse(&stored.body)];
        let mut variables: Vec<String> = patterns
            .iter()
            .flatten()
            .flat_map(Pattern::variables)
            .map(str::to_owned)
            .collect();
        variables.sort_unstable();
        variables.dedup();
        Self {
            id: stored.id,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
            variables,
            user_id: stored.data.user_id,
            name: stored.data.name,
            subject: stored.data.subject,
            body: stored.data.body,
        }
    }
}

/// Which templates.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TemplateFilter {
    /// Only names that begin with this, whatever the case and accents.
    pub(crate) search: Option<Text<1, 120>>,
}
