use crate::{access::Owner, stamps::Stamped};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AdvisorId, ClientId, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderWay {
    /// Shares are bought.
    Buy,
    /// Shares are sold.
    Sell,
}

/// What kind of order it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum OrderType {
    /// It buys once.
    #[serde(rename = "buy")]
    Buy,
    /// It sells once.
    #[serde(rename = "sell")]
    Sell,
    /// An instalment of a systematic investment plan.
    #[serde(rename = "SIP")]
    Sip,
    /// An instalment of a systematic withdrawal plan.
    #[serde(rename = "SWP")]
    Swp,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderState {
    /// Written down; held here while a check says so.
    Draft,
    /// It may be placed.
    Checked,
    /// The broker has it.
    Placed,
    /// A part of it was done.
    PartiallyFilled,
    /// All of it was done.
    Filled,
    /// Taken back by whom it belongs to.
    Cancelled,
    /// Refused by the broker.
    Rejected,
    /// Its last day is over.
    Expired,
}

impl OrderState {
    /// The word on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            OrderState::Draft => "draft",
            OrderState::Checked => "checked",
            OrderState::Placed => "placed",
            OrderState::PartiallyFilled => "partially_filled",
            OrderState::Filled => "filled",
            OrderState::Cancelled => "cancelled",
            OrderState::Rejected => "rejected",
            OrderState::Expired => "expired",
        }
    }

    /// Whether this state may follow: the one table of it.
    pub(crate) fn may_become(self, next: OrderState) -> bool {
        use OrderState::{Cancelled, Checked, Draft, Expired, Filled, PartiallyFilled, Placed, Rejected};
        match self {
            Draft => matches!(next, Checked | Cancelled | Expired),
            Checked => matches!(next, Placed | Cancelled | Expired),
            Placed | PartiallyFilled => {
                matches!(next, PartiallyFilled | Filled | Cancelled | Rejected | Expired)
            }
            Filled | Cancelled | Rejected | Expired => false,
        }
    }
}

/// A step that an order took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct OrderStep {
    /// What it became; what it stayed when a check held it.
    pub(crate) state: OrderState,
    /// When, UTC.
    pub(crate) at: DateTime<Utc>,
    /// How many were done in this step.
    #[schema(value_type = Option<String>)]
    pub(crate) quantity: Option<Decimal>,
    /// At which price.
    #[schema(value_type = Option<String>)]
    pub(crate) price: Option<Decimal>,
    /// Why.
    pub(crate) reasons: Vec<String>,
}

static ORDERS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("orders", Scoping::Client)
        .field("portfolio_id", FieldKind::Uuid)
        .field("state", FieldKind::Text)
        .serves(&["portfolio_id"], &["created_at"])
        .field("waiting_for", FieldKind::Text)
        .serves(&["state"], &["created_at"])
        .serves(&["waiting_for"], &["created_at"])
});

/// An order as it is stored: what follows from its steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OrderRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) portfolio_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) symbol: String,
    pub(crate) side: OrderWay,
    /// The schedule that it is an instalment of.
    #[serde(default)]
    pub(crate) schedule_id: Option<Uuid>,
    pub(crate) quantity: Decimal,
    pub(crate) limit_price: Option<Decimal>,
    pub(crate) expires_on: Option<NaiveDate>,
    pub(crate) state: OrderState,
    pub(crate) filled: Decimal,
    pub(crate) steps: Vec<OrderStep>,
    /// The symbol for a quote of which it waits, while the broker has it.
    #[serde(default)]
    pub(crate) waiting_for: Option<String>,
}

impl OrderRecord {
    /// Puts it into a state.
    pub(crate) fn enter(&mut self, state: OrderState) {
        let waits = matches!(state, OrderState::Placed | OrderState::PartiallyFilled);
        self.waiting_for = waits.then(|| self.symbol.clone());
        self.state = state;
    }

    /// Its type follows from which way it goes and whether a schedule made it.
    pub(crate) fn order_type(&self) -> OrderType {
        match (self.side, self.schedule_id) {
            (OrderWay::Buy, None) => OrderType::Buy,
            (OrderWay::Sell, None) => OrderType::Sell,
            (OrderWay::Buy, Some(_)) => OrderType::Sip,
            (OrderWay::Sell, Some(_)) => OrderType::Swp,
        }
    }
}

impl Stamped for OrderRecord {
    fn owner(&self) -> Owner {
        Owner {
            user_id: self.user_id,
            client_id: self.client_id,
            advisor_id: self.advisor_id,
        }
    }

    fn stamp(&mut self, owner: Owner) {
        self.client_id = owner.client_id;
        self.advisor_id = owner.advisor_id;
    }
}

impl Document for OrderRecord {
    fn collection() -> &'static Collection {
        &ORDERS
    }
}
