use crate::symbol::Symbol;
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate, Currency};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Of what, and for which days.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PerformanceParameters {
    /// The day at whose end it begins; the day before the first entry when it is left out.
    pub(crate) from: Option<CalendarDate>,
    /// The day at whose end it ends; today when it is left out.
    pub(crate) to: Option<CalendarDate>,
    /// Only this account.
    pub(crate) account_id: Option<Uuid>,
    /// Only what is held of this: its purchases are paid in, its sales and dividends are paid out.
    pub(crate) symbol: Option<Symbol>,
    /// What it is compared with, by its quotes.
    pub(crate) benchmark: Option<Symbol>,
    /// The risk-free rate of a year for Sharpe and Sortino, -1 to 1; 0 when it is left out.
    pub(crate) risk_free_rate: Option<Amount>,
}

/// A figure, how it is calculated, and why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Figure {
    /// The figure, a fraction to ten decimals; null when there is no answer.
    pub(crate) value: Option<Amount>,
    /// Why there is no answer.
    pub(crate) reason: Option<String>,
    /// How it is calculated.
    pub(crate) formula: String,
}

/// The worth at the end of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DayValue {
    /// Which day.
    pub(crate) date: NaiveDate,
    /// The worth at its end.
    #[schema(value_type = f64)]
    pub(crate) value: Amount,
    /// What was paid in on the day, less what was paid out; it counts from the start of the day.
    #[schema(value_type = f64)]
    pub(crate) flow: Amount,
}

/// A payment in, or, below zero, out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct DatedFlow {
    /// On which day.
    pub(crate) date: NaiveDate,
    /// How much.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
}

/// What the figures were calculated from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PerformanceInputs {
    /// The worth at the end of the first day.
    #[schema(value_type = f64)]
    pub(crate) begin_value: Amount,
    /// The worth at the end of the last day.
    #[schema(value_type = f64)]
    pub(crate) end_value: Amount,
    /// What was paid in and out between.
    pub(crate) flows: Vec<DatedFlow>,
    /// How many returns the risk figures stand on: weekdays, and days with a flow.
    pub(crate) returns: usize,
    /// So many returns make a year.
    pub(crate) periods_per_year: u32,
    /// The risk-free rate of a year.
    #[schema(value_type = f64)]
    pub(crate) risk_free_rate: Amount,
}

/// How something performed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PerformanceResponse {
    /// Which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Only which account, if one.
    pub(crate) account_id: Option<Uuid>,
    /// Only what is held of which, if one.
    pub(crate) symbol: Option<String>,
    /// In which currency.
    pub(crate) currency: Currency,
    /// The day at whose end it begins.
    pub(crate) from: NaiveDate,
    /// The day at whose end it ends.
    pub(crate) to: NaiveDate,
    /// The time-weighted return of the whole time.
    pub(crate) time_weighted_return: Figure,
    /// The money-weighted return of a year.
    pub(crate) money_weighted_return: Figure,
    /// The return of the whole time by the modified Dietz method.
    pub(crate) modified_dietz: Figure,
    /// The volatility of a year.
    pub(crate) volatility: Figure,
    /// The Sharpe ratio.
    pub(crate) sharpe: Figure,
    /// The Sortino ratio.
    pub(crate) sortino: Figure,
    /// The Calmar ratio.
    pub(crate) calmar: Figure,
    /// The deepest fall from a peak.
    pub(crate) max_drawdown: Figure,
    /// The value at risk of a day at 95%.
    pub(crate) value_at_risk: Figure,
    /// What it was compared with, if with something.
    pub(crate) benchmark: Option<String>,
    /// The benchmark's return of the whole time.
    pub(crate) benchmark_return: Figure,
    /// The beta against the benchmark.
    pub(crate) beta: Figure,
    /// What the figures were calculated from.
    pub(crate) inputs: PerformanceInputs,
    /// What was valued by the price of a trade, for want of a quote.
    pub(crate) reasons: Vec<String>,
}
