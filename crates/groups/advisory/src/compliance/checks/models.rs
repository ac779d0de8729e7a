use advisory_contract::{CheckOutcome, HoldReason, OrderSide, OrderToCheck, ProductRisk};
use chrono::{DateTime, Utc};
use kernel::{AdvisorId, ClientId, Money, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use uuid::Uuid;

/// The answer about an order as it is kept. Its id follows from the order's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CheckRecord {
    pub(crate) user_id: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) advisor_id: Option<AdvisorId>,
    pub(crate) order_id: Uuid,
    pub(crate) side: OrderSide,
    pub(crate) instrument: String,
    pub(crate) risk: Option<ProductRisk>,
    pub(crate) amount: Money,
    pub(crate) outcome: CheckOutcome,
    pub(crate) reasons: Vec<HoldReason>,
    /// Who decided otherwise, when and why.
    pub(crate) released_by: Option<String>,
    pub(crate) released_at: Option<DateTime<Utc>>,
    pub(crate) release_reason: Option<String>,
}

impl CheckRecord {
    /// Whether it is about exactly this order: a decision about another amount is not one about this.
    pub(crate) fn is_about(&self, order: &OrderToCheck) -> bool {
        self.order_id == order.order_id
            && self.user_id == order.user_id
            && self.side == order.side
            && self.instrument == order.instrument
            && self.risk == order.risk
            && self.amount == order.amount
    }
}

impl Document for CheckRecord {
    fn collection() -> &'static Collection {
        static CHECKS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("compliance_checks", Scoping::Client)
                .field("client_id", FieldKind::Uuid)
                .field("outcome", FieldKind::Text)
                .serves(&["client_id"], &["created_at"])
                .serves(&["outcome"], &["created_at"])
        });
        &CHECKS
    }
}
