use crate::access::Owner;
use calculator::Costing;
use chrono::NaiveDate;
use kernel::{AdvisorId, ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An item as it is stored, with its stock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ItemRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    /// As it was written.
    pub(crate) sku: String,
    /// In folded form: one item of a user has it.
    pub(crate) sku_key: String,
    pub(crate) name: String,
    /// What is counted, as in `piece`.
    pub(crate) unit: String,
    pub(crate) currency: Currency,
    pub(crate) valuation: Costing,
    pub(crate) allow_negative: bool,
    pub(crate) replenishment: Replenishment,
    pub(crate) stock: StockState,
    /// Whether the stock is at or below the reorder point.
    pub(crate) low: bool,
    pub(crate) open_reorder: Option<Uuid>,
}

/// What decides when and how much to order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replenishment {
    pub(crate) reorder_point: Option<Decimal>,
    pub(crate) daily_demand: Option<Decimal>,
    pub(crate) lead_time_days: Option<Decimal>,
    pub(crate) demand_sd: Option<Decimal>,
    pub(crate) service_level: Option<Decimal>,
    pub(crate) order_cost: Option<Decimal>,
    pub(crate) holding_cost: Option<Decimal>,
}

/// What there is of an item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct StockState {
    /// Below 0 when more was issued than there was.
    pub(crate) on_hand: Decimal,
    pub(crate) places: Vec<PlaceQuantity>,
    /// Oldest first; one for the weighted average.
    pub(crate) layers: Vec<CostLayer>,
    /// What was issued beyond what there was, at the cost that was assumed.
    pub(crate) missing: Option<CostLayer>,
    /// What a unit cost when something last came in.
    pub(crate) last_unit_cost: Decimal,
}

/// How many lie somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlaceQuantity {
    /// None is where things lie that were put nowhere in particular.
    pub(crate) location_id: Option<Uuid>,
    pub(crate) quantity: Decimal,
}

/// A quantity that came in together, and what all of it cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CostLayer {
    pub(crate) quantity: Decimal,
    pub(crate) cost: Decimal,
}

/// Somewhere things lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LocationRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) name: String,
}

/// What a movement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MovementKind {
    /// Bought or made: needs `unit_cost`.
    Receipt,
    /// Sold or used.
    Issue,
    /// Found when counting: at `unit_cost`, or at what one costs on average.
    Found,
    /// Lost when counting.
    Lost,
    /// Taken from one location to another: costs nothing.
    Transfer,
}

impl MovementKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            MovementKind::Receipt => "receipt",
            MovementKind::Issue => "issue",
            MovementKind::Found => "found",
            MovementKind::Lost => "lost",
            MovementKind::Transfer => "transfer",
        }
    }
}

/// A movement as it is stored; never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MovementRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) item_id: Uuid,
    #[serde(rename = "type")]
    pub(crate) kind: MovementKind,
    pub(crate) quantity: Decimal,
    /// What it added to the value of the stock, or took from it.
    pub(crate) cost: Decimal,
    /// For a receipt: what earlier issues without stock cost more, or less, than was assumed.
    pub(crate) cost_adjustment: Decimal,
    pub(crate) currency: Currency,
    pub(crate) location_id: Option<Uuid>,
    pub(crate) to_location_id: Option<Uuid>,
    pub(crate) reference: Option<String>,
    pub(crate) date: NaiveDate,
    /// What was on hand afterwards.
    pub(crate) on_hand: Decimal,
    pub(crate) created_by: String,
}

/// How far a reorder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReorderStatus {
    /// To be ordered, or on its way.
    Open,
    /// It came.
    Received,
    /// It will not come.
    Cancelled,
}

/// Something to be ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReorderRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) item_id: Uuid,
    pub(crate) quantity: Decimal,
    pub(crate) reason: String,
    pub(crate) status: ReorderStatus,
}

macro_rules! owned {
    ($($record:ty),*) => {
        $(
            impl crate::stamps::Stamped for $record {
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
        )*
    };
}

owned!(ItemRecord, LocationRecord, MovementRecord, ReorderRecord);
