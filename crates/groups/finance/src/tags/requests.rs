use kernel::{Text, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The tags that a transaction is to have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct TagsRequest {
    /// At most 20, whatever their case and accents.
    #[schema(max_items = 20)]
    pub(crate) tags: Vec<Text<1, 40>>,
}

/// The tags of a transaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TagsResponse {
    /// The transaction.
    pub(crate) transaction_id: Uuid,
    /// Its tags in folded form.
    pub(crate) tags: Vec<String>,
}

/// Which transactions.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaggedFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// The tag, whatever its case and accents; every tagged transaction when it is left out.
    pub(crate) tag: Option<Text<1, 40>>,
}
