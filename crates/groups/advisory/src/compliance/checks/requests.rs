use super::models::CheckRecord;
use advisory_contract::{CheckOutcome, HoldReason, OrderSide, ProductRisk};
use chrono::{DateTime, Utc};
use kernel::{Amount, ClientId, Currency, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An order that is to be checked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CheckRequest {
    /// Whose.
    pub(crate) client_id: ClientId,
    /// The order, if there is one already: asking again about the same one answers what stands.
    pub(crate) order_id: Option<Uuid>,
    /// Which way.
    pub(crate) side: OrderSide,
    /// The symbol or id of what is traded.
    pub(crate) instrument: Text<1, 100>,
    /// How risky it is.
    pub(crate) risk: Option<ProductRisk>,
    /// For how much: more than 0.
    pub(crate) amount: Amount,
    /// The currency of `amount`; the client's when it is left out.
    pub(crate) currency: Option<Currency>,
}

/// Why an order is let through in spite of what holds it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OverrideRequest {
    /// In words; kept on record.
    pub(crate) reason: Text<10, 1000>,
}

/// A check of an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct CheckResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// The order.
    pub(crate) order_id: Uuid,
    /// Whose.
    pub(crate) client_id: ClientId,
    /// Who the client is as a user.
    pub(crate) user_id: UserId,
    /// Which way.
    pub(crate) side: OrderSide,
    /// What is traded.
    pub(crate) instrument: String,
    /// How risky it is.
    pub(crate) risk: Option<ProductRisk>,
    /// For how much.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// The currency of `amount`.
    pub(crate) currency: Currency,
    /// `pass` or `hold`.
    pub(crate) outcome: CheckOutcome,
    /// Why it is, or was, held.
    pub(crate) reasons: Vec<HoldReason>,
    /// Which officer let it through.
    pub(crate) released_by: Option<String>,
    /// When, UTC.
    pub(crate) released_at: Option<DateTime<Utc>>,
    /// Why.
    pub(crate) release_reason: Option<String>,
    /// When it was first checked, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<CheckRecord>> for CheckResponse {
    fn from(stored: Stored<CheckRecord>) -> Self {
        let (id, created_at, data) = (stored.id, stored.created_at, stored.data);
        Self {
            id,
            order_id: data.order_id,
            client_id: data.client_id,
            user_id: data.user_id,
            side: data.side,
            instrument: data.instrument,
            risk: data.risk,
            amount: Amount(data.amount.amount()),
            currency: data.amount.currency(),
            outcome: data.outcome,
            reasons: data.reasons,
            released_by: data.released_by,
            released_at: data.released_at,
            release_reason: data.release_reason,
            created_at,
        }
    }
}

/// Which checks.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CheckFilter {
    /// Only those of this client; not together with `outcome`.
    pub(crate) client_id: Option<ClientId>,
    /// Only those that passed, or are held.
    #[param(inline)]
    pub(crate) outcome: Option<CheckOutcome>,
}
