use super::models::{MovementKind, MovementRecord};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Amount, CalendarDate, Currency, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Something that came in, went out or was put elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MovementCreateRequest {
    /// Of which item.
    pub(crate) item_id: Uuid,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: MovementKind,
    /// How many: more than 0, with at most 6 decimals.
    pub(crate) quantity: Amount,
    /// What one cost: 0 or more. For `receipt`, where it is needed, and `found`.
    pub(crate) unit_cost: Option<Amount>,
    /// Where; nowhere in particular when it is left out.
    pub(crate) location_id: Option<Uuid>,
    /// Where to, of a `transfer`.
    pub(crate) to_location_id: Option<Uuid>,
    /// What it belongs to, as in the number of an invoice.
    pub(crate) reference: Option<Text<0, 200>>,
    /// When; today in the installation's timezone when it is left out.
    pub(crate) date: Option<CalendarDate>,
}

/// A movement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MovementResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Of which item.
    pub(crate) item_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: MovementKind,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What it added to the value of the stock, or took from it: of an issue, the cost of goods sold.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
    /// Of a receipt: what earlier issues without stock cost more, or less, than was assumed then.
    #[schema(value_type = f64)]
    pub(crate) cost_adjustment: Amount,
    /// The currency of the costs.
    pub(crate) currency: Currency,
    /// Where.
    pub(crate) location_id: Option<Uuid>,
    /// Where to, of a transfer.
    pub(crate) to_location_id: Option<Uuid>,
    /// What it belongs to.
    pub(crate) reference: Option<String>,
    /// When.
    pub(crate) date: NaiveDate,
    /// How many there were afterwards.
    #[schema(value_type = f64)]
    pub(crate) on_hand: Amount,
    /// When it was posted, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<MovementRecord>> for MovementResponse {
    fn from(stored: Stored<MovementRecord>) -> Self {
        let movement = stored.data;
        Self {
            id: stored.id,
            item_id: movement.item_id,
            user_id: movement.user_id,
            kind: movement.kind,
            quantity: Amount(movement.quantity.normalize()),
            cost: Amount(movement.cost),
            cost_adjustment: Amount(movement.cost_adjustment),
            currency: movement.currency,
            location_id: movement.location_id,
            to_location_id: movement.to_location_id,
            reference: movement.reference,
            date: movement.date,
            on_hand: Amount(movement.on_hand.normalize()),
            created_at: stored.created_at,
        }
    }
}

/// Which movements.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MovementFilter {
    /// Whose; everybody's whom the caller may see when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Only of this item.
    pub(crate) item_id: Option<Uuid>,
}
