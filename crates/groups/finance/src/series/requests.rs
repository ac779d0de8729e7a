use chrono::NaiveDate;
use kernel::{Amount, CalendarDate, Currency, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How far apart points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Interval {
    /// One for each month.
    #[default]
    Month,
    /// One for each day.
    Day,
}

/// Whose money, and when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// From this day on, or from the month in which it lies; 12 months or 31 days back when it is left out.
    pub(crate) from: Option<CalendarDate>,
    /// To this day, included; today when it is left out. At most 120 months or 366 days.
    pub(crate) to: Option<CalendarDate>,
    /// How far apart points are; months when it is left out.
    pub(crate) interval: Option<Interval>,
    /// Everything together in this currency, each point by the rates of its last day; a series for each currency when it
    /// is left out.
    pub(crate) currency: Option<Currency>,
}

/// What one is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct NetWorthResponse {
    /// Whose.
    pub(crate) user_id: UserId,
    /// How far apart points are.
    pub(crate) interval: Interval,
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// One for each currency, in the order of codes.
    pub(crate) series: Vec<NetWorthSeries>,
}

/// What one is worth in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct NetWorthSeries {
    /// The currency of all figures here.
    pub(crate) currency: Currency,
    /// Oldest first.
    pub(crate) points: Vec<NetWorthPoint>,
}

/// What one was worth at the end of a month or day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct NetWorthPoint {
    /// The last day of it that counts.
    pub(crate) date: NaiveDate,
    /// The sum of the accounts on which something lies.
    #[schema(value_type = f64)]
    pub(crate) assets: Amount,
    /// The sum of the accounts that are below zero, without the sign.
    #[schema(value_type = f64)]
    pub(crate) liabilities: Amount,
    /// Assets less liabilities.
    #[schema(value_type = f64)]
    pub(crate) net_worth: Amount,
}

/// What came in and went out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CashFlowResponse {
    /// Whose.
    pub(crate) user_id: UserId,
    /// How far apart points are.
    pub(crate) interval: Interval,
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// One for each currency, in the order of codes.
    pub(crate) series: Vec<CashFlowSeries>,
}

/// What came in and went out in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CashFlowSeries {
    /// The currency of all figures here.
    pub(crate) currency: Currency,
    /// Oldest first.
    pub(crate) points: Vec<CashFlowPoint>,
}

/// What came in and went out in a month or on a day. Opening balances and transfers between own accounts are neither.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CashFlowPoint {
    /// The first day of it that counts.
    pub(crate) from: NaiveDate,
    /// The last day of it that counts.
    pub(crate) to: NaiveDate,
    /// What came in.
    #[schema(value_type = f64)]
    pub(crate) income: Amount,
    /// What went out.
    #[schema(value_type = f64)]
    pub(crate) expenses: Amount,
    /// Income less expenses.
    #[schema(value_type = f64)]
    pub(crate) net: Amount,
}
