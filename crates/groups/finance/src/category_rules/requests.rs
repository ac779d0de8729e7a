use super::models::CategoryRule;
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whose rules.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RulesOwner {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// Rules in the order in which they are asked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct RulesRequest {
    /// At most 200.
    #[schema(max_items = 200)]
    pub(crate) rules: Vec<CategoryRule>,
}

/// A user's rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RulesResponse {
    /// Whose.
    pub(crate) user_id: UserId,
    /// Counts changes; 0 before the first.
    pub(crate) version: u64,
    /// In the order in which they are asked.
    pub(crate) rules: Vec<CategoryRule>,
}

/// What rules are tried on, or applied to: transactions without a category.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct RulesRun {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Only on this account.
    pub(crate) account_id: Option<Uuid>,
    /// From this day on.
    pub(crate) from: Option<CalendarDate>,
    /// To this day, included.
    pub(crate) to: Option<CalendarDate>,
    /// Rules to be tried instead of the saved ones, at most 200. Only in a preview.
    #[schema(max_items = 200)]
    pub(crate) rules: Option<Vec<CategoryRule>>,
}

/// What rules would do, or did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RulesOutcome {
    /// How many transactions without a category were looked at, 5,000 at most.
    pub(crate) looked_at: u32,
    /// How many a rule fits, of those that no rule was applied to before.
    pub(crate) fitting: u32,
    /// How many were put into a category. 0 in a preview.
    pub(crate) changed: u32,
    /// How many could not be, because their day is closed.
    pub(crate) closed: u32,
    /// The day from which on there is more to look at; none when everything was.
    pub(crate) more_from: Option<NaiveDate>,
    /// How many each rule fits, in the order of the rules.
    pub(crate) by_rule: Vec<u32>,
    /// The first 50 that a rule fits.
    pub(crate) rows: Vec<RuleFit>,
}

/// A transaction that a rule fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RuleFit {
    /// The transaction.
    pub(crate) transaction_id: Uuid,
    /// Its day.
    pub(crate) date: NaiveDate,
    /// For what.
    pub(crate) description: Option<String>,
    /// Below zero for what went out.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// Which rule, from 1.
    pub(crate) rule: u32,
    /// The category that it gives.
    pub(crate) category: String,
}
