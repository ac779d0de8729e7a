use crate::portfolios::TargetBy;
use kernel::{Amount, Currency, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How much of a portfolio something should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TargetRequest {
    /// Of what: a symbol, a class or a sector; `cash` for cash.
    pub(crate) key: Text<1, 80>,
    /// The part of the portfolio, 0 to 1.
    pub(crate) weight: Amount,
    /// How far it may be away on either side before it counts as drifted, 0 to 1; 0.05 when it is left out.
    pub(crate) band: Option<Amount>,
}

/// All targets of a portfolio. Together at most 1: the rest is cash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TargetsRequest {
    /// What they speak of; single instruments when it is left out.
    pub(crate) by: Option<TargetBy>,
    /// The targets.
    #[schema(max_items = 200)]
    pub(crate) targets: Vec<TargetRequest>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// How far something is from its target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DriftPart {
    /// Of what.
    pub(crate) key: String,
    /// The part of the portfolio that it should be.
    #[schema(value_type = f64)]
    pub(crate) target: Amount,
    /// The part that it is, to six decimals.
    #[schema(value_type = f64)]
    pub(crate) actual: Amount,
    /// What it is less what it should be.
    #[schema(value_type = f64)]
    pub(crate) drift: Amount,
    /// How far it may be away.
    #[schema(value_type = f64)]
    pub(crate) band: Amount,
    /// Whether it is farther away than that.
    pub(crate) outside: bool,
}

/// How far a portfolio is from its targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DriftResponse {
    /// Which.
    pub(crate) portfolio_id: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// In which currency it is counted.
    pub(crate) currency: Currency,
    /// What it is worth.
    #[schema(value_type = f64)]
    pub(crate) total: Amount,
    /// What its targets speak of.
    pub(crate) by: TargetBy,
    /// Each target, and what is held without one.
    pub(crate) parts: Vec<DriftPart>,
    /// The largest distance.
    #[schema(value_type = f64)]
    pub(crate) largest: Amount,
    /// Whether something is outside of its band.
    pub(crate) drifted: bool,
    /// Why there is no answer, or a partial one.
    pub(crate) reasons: Vec<String>,
}

/// What a plan may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanMode {
    /// Buy and sell.
    #[default]
    Full,
    /// Only buy, with the cash that is there.
    BuyOnly,
}

/// What kind of plan is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RebalanceRequest {
    /// What it may do; buy and sell when it is left out.
    pub(crate) mode: Option<PlanMode>,
    /// Trades below this amount are left out; 0 or more.
    pub(crate) minimum_trade: Option<Amount>,
    /// Whether nothing is sold of which a lot would realise a short-term gain.
    pub(crate) tax_aware: Option<bool>,
    /// On which account; it may be left out where there is one.
    pub(crate) account_id: Option<Uuid>,
}

/// A proposed trade. Nothing is ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PlannedTrade {
    /// Of what.
    pub(crate) symbol: String,
    /// `buy` or `sell`.
    pub(crate) side: String,
    /// How many whole shares.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What they are worth.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
}

/// What is left alone, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SkippedTrade {
    /// Of what.
    pub(crate) symbol: String,
    /// Why.
    pub(crate) reason: String,
}

/// A plan that leads an account to the targets of its portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RebalanceResponse {
    /// Which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// In which currency.
    pub(crate) currency: Currency,
    /// What it may do.
    pub(crate) mode: PlanMode,
    /// What to trade: sales first.
    pub(crate) trades: Vec<PlannedTrade>,
    /// What is left alone, and why.
    pub(crate) skipped: Vec<SkippedTrade>,
    /// The cash afterwards.
    #[schema(value_type = f64)]
    pub(crate) cash_after: Amount,
    /// What is valued by a stale quote.
    pub(crate) reasons: Vec<String>,
}
