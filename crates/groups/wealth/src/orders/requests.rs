use super::models::{OrderRecord, OrderState, OrderStep, OrderType, OrderWay};
use crate::symbol::Symbol;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, Amount, CalendarDate, ClientId, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A new order, as a draft.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OrderCreateRequest {
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account; it may be left out where there is one.
    pub(crate) account_id: Option<Uuid>,
    /// Which way.
    pub(crate) side: OrderWay,
    /// Of what.
    pub(crate) symbol: Symbol,
    /// How many: more than 0, 8 decimals at most.
    pub(crate) quantity: Amount,
    /// The price that is not to be passed; any price when it is left out.
    pub(crate) limit_price: Option<Amount>,
    /// Its last day; none when it is left out.
    pub(crate) expires_on: Option<CalendarDate>,
}

/// What the broker did of an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OrderFillRequest {
    /// How many: no more than are left.
    pub(crate) quantity: Amount,
    /// The price of one: 0 or more.
    pub(crate) price: Amount,
    /// What it cost beside: 0 or more.
    pub(crate) fees: Option<Amount>,
}

/// Why an order ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct OrderEndRequest {
    /// In one word, as in `duplicate`; it stands in the history.
    pub(crate) reason: Option<Text<1, 80>>,
}

/// Which orders, oldest first.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderFilter {
    /// Only of this portfolio; not together with `state`.
    pub(crate) portfolio_id: Option<Uuid>,
    /// Only in this state; not together with `portfolio_id`.
    #[param(inline)]
    pub(crate) state: Option<OrderState>,
}

/// An order and its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct OrderResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship, if one.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// Of what.
    pub(crate) symbol: String,
    /// Which way.
    pub(crate) side: OrderWay,
    /// What kind of order it is: `buy`, `sell`, or an instalment of a schedule, `SIP` or `SWP`.
    pub(crate) order_type: OrderType,
    /// The schedule that it is an instalment of.
    pub(crate) schedule_id: Option<Uuid>,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// How many of them were done.
    #[schema(value_type = f64)]
    pub(crate) filled: Amount,
    /// The price that is not to be passed.
    pub(crate) limit_price: Option<Amount>,
    /// Its last day.
    pub(crate) expires_on: Option<NaiveDate>,
    /// Where it stands.
    pub(crate) state: OrderState,
    /// Each step, the first first.
    pub(crate) history: Vec<OrderStep>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<OrderRecord>> for OrderResponse {
    fn from(stored: Stored<OrderRecord>) -> Self {
        Self {
            id: stored.id,
            user_id: stored.user_id,
            client_id: stored.client_id,
            advisor_id: stored.advisor_id,
            portfolio_id: stored.portfolio_id,
            account_id: stored.account_id,
            side: stored.side,
            order_type: stored.order_type(),
            schedule_id: stored.schedule_id,
            quantity: Amount(stored.quantity.normalize()),
            filled: Amount(stored.filled.normalize()),
            limit_price: stored.limit_price.map(Amount),
            expires_on: stored.expires_on,
            state: stored.state,
            version: stored.version,
            created_at: stored.created_at,
            symbol: stored.data.symbol,
            history: stored.data.steps,
        }
    }
}
