use crate::AdvisoryError;
use kernel::{CallContext, ClientId, Money, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An order was held: a rule says that it does not fit its client.
pub const ORDER_HELD: &str = "compliance.order_held";
/// A compliance officer let an order through that was held.
pub const ORDER_RELEASED: &str = "compliance.order_released";
/// A client's identity check ends soon, or has ended: said once for each of the 90, 60, 30 and 0 days before.
pub const KYC_EXPIRING: &str = "compliance.kyc_expiring";
/// A client's identity was checked, or looked at again.
pub const KYC_CHANGED: &str = "compliance.kyc_changed";

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderSide {
    /// The client buys, a SIP too.
    Buy,
    /// The client sells, an SWP too.
    Sell,
}

/// How risky a product is, in the six steps of the riskometer of SEBI's circular of 5 October 2020.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductRisk {
    /// The first of six steps.
    Low,
    /// The second.
    LowToModerate,
    /// The third.
    Moderate,
    /// The fourth.
    ModeratelyHigh,
    /// The fifth.
    High,
    /// The last.
    VeryHigh,
}

/// An order that is to be checked before it is placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderToCheck {
    /// The order: asking again about the same one answers what stands, an officer's decision too.
    pub order_id: Uuid,
    /// Who the client is as a user.
    pub user_id: UserId,
    /// Which way.
    pub side: OrderSide,
    /// The symbol or id of what is traded.
    pub instrument: String,
    /// How risky it is; a product that nobody has classified is not held for its risk.
    pub risk: Option<ProductRisk>,
    /// For how much.
    pub amount: Money,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// The order may be placed.
    Pass,
    /// The order must wait until a compliance officer has decided.
    Hold,
}

/// Why an order is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldReason {
    /// `unsuitable_risk`, `kyc_expired`, `kyc_rejected` or `sanctions_match`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// The answer about an order. It is on record before it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderVerdict {
    /// The record of the check.
    pub check_id: Uuid,
    /// Whether the order may be placed.
    pub outcome: CheckOutcome,
    /// Why not; what an officer decided otherwise about stays here.
    pub reasons: Vec<HoldReason>,
    /// Whether a compliance officer let it through in spite of the reasons.
    pub overridden: bool,
}

/// What `compliance.order_held` and `compliance.order_released` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderDecided {
    /// The record of the check.
    pub check_id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// Whose.
    pub client_id: ClientId,
    /// Who the client is as a user.
    pub user_id: UserId,
    /// The codes of the reasons.
    pub reasons: Vec<String>,
}

/// What may be done for a client.
#[rpc::service(name = "advisory.compliance")]
pub trait Compliance {
    /// Checks an order against its client's risk profile, identity check and the list of sanctions, and keeps the answer.
    /// The same order and content is the same answer until the facts change or an officer decides. `ClientNotFound` when
    /// the user is nobody's client, or not one for whom the caller may act.
    #[rpc(idempotent)]
    async fn check_order(&self, cx: &CallContext, order: OrderToCheck)
    -> Result<OrderVerdict, AdvisoryError>;
}
