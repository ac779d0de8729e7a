use super::models::{ItemRecord, LocationRecord, ReorderRecord, ReorderStatus, Replenishment};
use calculator::Costing;
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, Amount, ClientId, Currency, Text, UserId};
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which cost leaves with what is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValuationMethod {
    /// The oldest first.
    #[default]
    Fifo,
    /// The newest first.
    Lifo,
    /// The moving weighted average.
    Average,
}

impl From<ValuationMethod> for Costing {
    fn from(method: ValuationMethod) -> Self {
        match method {
            ValuationMethod::Fifo => Costing::Fifo,
            ValuationMethod::Lifo => Costing::Lifo,
            ValuationMethod::Average => Costing::Average,
        }
    }
}

impl From<Costing> for ValuationMethod {
    fn from(costing: Costing) -> Self {
        match costing {
            Costing::Fifo => ValuationMethod::Fifo,
            Costing::Lifo => ValuationMethod::Lifo,
            Costing::Average => ValuationMethod::Average,
        }
    }
}

/// What decides when and how much to order. With a `reorder_point` that counts; otherwise it follows from demand, lead time
/// and service level: `d L + z s sqrt(L)`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReplenishmentFields {
    /// The stock at or below which to order: 0 or more.
    pub(crate) reorder_point: Option<Amount>,
    /// How many go in a day, on average: 0 or more.
    pub(crate) daily_demand: Option<Amount>,
    /// How many days an order takes: 0 or more.
    pub(crate) lead_time_days: Option<Amount>,
    /// The standard deviation of a day's demand: 0 or more.
    pub(crate) demand_sd: Option<Amount>,
    /// The probability of not running out while an order is on its way, more than 0 and less than 1; 0.95 when it is
    /// left out.
    pub(crate) service_level: Option<Amount>,
    /// What an order costs, however large: 0 or more. For the economic order quantity.
    pub(crate) order_cost: Option<Amount>,
    /// What it costs to hold a unit for a year: more than 0.
    pub(crate) holding_cost: Option<Amount>,
}

impl From<&Replenishment> for ReplenishmentFields {
    fn from(kept: &Replenishment) -> Self {
        Self {
            reorder_point: kept.reorder_point.map(Amount),
            daily_demand: kept.daily_demand.map(Amount),
            lead_time_days: kept.lead_time_days.map(Amount),
            demand_sd: kept.demand_sd.map(Amount),
            service_level: kept.service_level.map(Amount),
            order_cost: kept.order_cost.map(Amount),
            holding_cost: kept.holding_cost.map(Amount),
        }
    }
}

/// A new item. It has no stock until something comes in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ItemCreateRequest {
    /// The stock keeping unit: one item of the owner has it, whatever its case.
    pub(crate) sku: Text<1, 64>,
    /// What it is called.
    pub(crate) name: Text<1, 120>,
    /// What is counted; `piece` when it is left out.
    pub(crate) unit: Option<Text<1, 24>>,
    /// The currency of its costs, for ever; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// Which cost leaves with what is issued, for ever; `fifo` when it is left out.
    pub(crate) valuation: Option<ValuationMethod>,
    /// Whether more may be issued than there is; no when it is left out.
    pub(crate) allow_negative: Option<bool>,
    /// When and how much to order; never when it is left out.
    pub(crate) replenishment: Option<ReplenishmentFields>,
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// An item's new data.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ItemUpdateRequest {
    /// What it is called.
    pub(crate) name: Text<1, 120>,
    /// What is counted; as it was when it is left out.
    pub(crate) unit: Option<Text<1, 24>>,
    /// Whether more may be issued than there is; no when it is left out.
    pub(crate) allow_negative: Option<bool>,
    /// When and how much to order; never when it is left out.
    pub(crate) replenishment: Option<ReplenishmentFields>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// How many lie somewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PlaceResponse {
    /// The location; null for what was put nowhere in particular.
    pub(crate) location_id: Option<Uuid>,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
}

/// A quantity that came in together and is still there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LayerResponse {
    /// How many are left of it.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What they cost.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
}

/// An item and what there is of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ItemResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// Through which advisory relationship the owner is advised, if at all.
    pub(crate) client_id: Option<ClientId>,
    /// In whose book the owner is, if in one.
    pub(crate) advisor_id: Option<AdvisorId>,
    /// The stock keeping unit.
    pub(crate) sku: String,
    /// What it is called.
    pub(crate) name: String,
    /// What is counted.
    pub(crate) unit: String,
    /// The currency of its costs.
    pub(crate) currency: Currency,
    /// Which cost leaves with what is issued.
    pub(crate) valuation: ValuationMethod,
    /// Whether more may be issued than there is.
    pub(crate) allow_negative: bool,
    /// When and how much to order.
    pub(crate) replenishment: ReplenishmentFields,
    /// How many there are; below 0 when more was issued.
    #[schema(value_type = f64)]
    pub(crate) on_hand: Amount,
    /// Where they lie.
    pub(crate) places: Vec<PlaceResponse>,
    /// What they cost, exact to the smallest unit.
    #[schema(value_type = f64)]
    pub(crate) value: Amount,
    /// The cost layers behind `value`, oldest first.
    pub(crate) layers: Vec<LayerResponse>,
    /// The stock at which to order, if that is known.
    pub(crate) reorder_point: Option<Amount>,
    /// The economic order quantity, if its costs are known.
    pub(crate) order_quantity: Option<Amount>,
    /// Whether there is no more than the reorder point.
    pub(crate) low: bool,
    /// Why, if it is low.
    pub(crate) low_reason: Option<String>,
    /// The reorder that is open, if one is.
    pub(crate) open_reorder: Option<Uuid>,
    /// Counts changes from 1, movements included; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<ItemRecord>> for ItemResponse {
    fn from(stored: Stored<ItemRecord>) -> Self {
        let item = &stored.data;
        let value = kernel::Money::new(item.value(), item.currency);
        let point = item.replenishment.point();
        Self {
            id: stored.id,
            user_id: item.user_id,
            client_id: item.client_id,
            advisor_id: item.advisor_id,
            sku: item.sku.clone(),
            name: item.name.clone(),
            unit: item.unit.clone(),
            currency: item.currency,
            valuation: item.valuation.into(),
            allow_negative: item.allow_negative,
            replenishment: (&item.replenishment).into(),
            on_hand: Amount(item.stock.on_hand.normalize()),
            places: (item.stock.places.iter())
                .map(|place| PlaceResponse {
                    location_id: place.location_id,
                    quantity: Amount(place.quantity.normalize()),
                })
                .collect(),
            value: Amount(value.map_or(item.value(), |value| value.amount())),
            layers: (item.stock.layers.iter())
                .map(|layer| LayerResponse {
                    quantity: Amount(layer.quantity.normalize()),
                    cost: Amount(layer.cost),
                })
                .collect(),
            reorder_point: point.map(Amount),
            order_quantity: item.replenishment.order_quantity().map(Amount),
            low: item.low,
            low_reason: item.low_reason(),
            open_reorder: item.open_reorder,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// Which items.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemFilter {
    /// Whose; everybody's whom the caller may see when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Only those that are low, or only those that are not.
    pub(crate) low: Option<bool>,
}

/// Whose.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OwnerFilter {
    /// Whose; everybody's whom the caller may see when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// A new location, or its new name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct LocationCreateRequest {
    /// What it is called.
    pub(crate) name: Text<1, 120>,
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// Somewhere things lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct LocationResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// What it is called.
    pub(crate) name: String,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<LocationRecord>> for LocationResponse {
    fn from(stored: Stored<LocationRecord>) -> Self {
        Self {
            id: stored.id,
            user_id: stored.data.user_id,
            name: stored.data.name,
            version: stored.version,
            created_at: stored.created_at,
        }
    }
}

/// Which reorders.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReorderFilter {
    /// Whose; everybody's whom the caller may see when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Only those that are this far.
    #[param(inline)]
    pub(crate) status: Option<ReorderStatus>,
}

/// Something to be ordered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReorderCreateRequest {
    /// Of which item.
    pub(crate) item_id: Uuid,
    /// How many: more than 0; what is suggested when it is left out.
    pub(crate) quantity: Option<Amount>,
}

/// What became of a reorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReorderEnd {
    /// It came. What came is posted as a movement of its own.
    Received,
    /// It will not come.
    Cancelled,
}

/// How a reorder ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReorderCloseRequest {
    /// What became of it.
    pub(crate) status: ReorderEnd,
}

/// A reorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReorderResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Of which item.
    pub(crate) item_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// Why.
    pub(crate) reason: String,
    /// How far it is.
    pub(crate) status: ReorderStatus,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
    /// Last changed, UTC.
    pub(crate) updated_at: DateTime<Utc>,
}

impl From<Stored<ReorderRecord>> for ReorderResponse {
    fn from(stored: Stored<ReorderRecord>) -> Self {
        Self {
            id: stored.id,
            item_id: stored.data.item_id,
            user_id: stored.data.user_id,
            quantity: Amount(stored.data.quantity.normalize()),
            reason: stored.data.reason,
            status: stored.data.status,
            version: stored.version,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
