use crate::{market::requests::QuoteResponse, planning::requests::DriftPart, symbol::Symbol};
use chrono::NaiveDate;
use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What is to be analysed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AnalyzeRequest {
    /// The symbols: at least one.
    #[schema(min_items = 1, max_items = 100)]
    pub(crate) symbols: Vec<Symbol>,
}

/// The risk of a series of daily prices. What cannot be said is null, and `reason` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SeriesMetrics {
    /// The first day.
    pub(crate) from: Option<NaiveDate>,
    /// The last day.
    pub(crate) to: Option<NaiveDate>,
    /// How many prices there are.
    pub(crate) observations: usize,
    /// The return of the whole time.
    pub(crate) cumulative_return: Option<Amount>,
    /// The standard deviation of the returns (n - 1) times the root of 252.
    pub(crate) volatility: Option<Amount>,
    /// The mean over the standard deviation times the root of 252, without a risk-free rate.
    pub(crate) sharpe: Option<Amount>,
    /// The deepest fall from a peak: 0 or negative.
    pub(crate) max_drawdown: Option<Amount>,
    /// Why something is missing.
    pub(crate) reason: Option<String>,
}

/// What is known of one symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct SymbolAnalysis {
    /// Which.
    pub(crate) symbol: String,
    /// Whether there is such an instrument.
    pub(crate) known: bool,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// In which currency it is quoted.
    pub(crate) currency: Option<Currency>,
    /// Its newest quote.
    pub(crate) quote: Option<QuoteResponse>,
    /// Its risk and return in the last year.
    pub(crate) metrics: SeriesMetrics,
}

/// Each symbol, and all of them together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AnalyzeResponse {
    /// Each symbol, in the order in which they were asked for.
    pub(crate) symbols: Vec<SymbolAnalysis>,
    /// All that have prices, in equal parts that are made equal again each day, on days on which each has a price.
    pub(crate) total: SeriesMetrics,
}

/// Which portfolios.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AiAnalysisParameters {
    /// Only this one; the first fifty that the caller may see when it is left out.
    pub(crate) portfolio_id: Option<Uuid>,
}

/// What stands out in a portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Finding {
    /// What kind: `drift`, `concentration`, `stale_quote`, `unvalued`, `idle_cash`, `loss`.
    pub(crate) kind: String,
    /// How much: the figure that the reason names, if one.
    pub(crate) figure: Option<Amount>,
    /// Why it stands out.
    pub(crate) reason: String,
}

/// What can be said of a portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PortfolioAnalysis {
    /// Which.
    pub(crate) portfolio_id: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// In which currency it is counted.
    pub(crate) currency: Currency,
    /// What it is worth.
    #[schema(value_type = f64)]
    pub(crate) market_value: Amount,
    /// What its positions cost.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
    /// Positions' worth less their cost.
    #[schema(value_type = f64)]
    pub(crate) unrealised_gain: Amount,
    /// The part that is cash.
    #[schema(value_type = f64)]
    pub(crate) cash: Amount,
    /// How far it is from its targets.
    pub(crate) drift: Vec<DriftPart>,
    /// What stands out.
    pub(crate) findings: Vec<Finding>,
    /// The same in words that are made of the figures.
    pub(crate) narrative: String,
}

/// What can be said of some portfolios.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AiAnalysisResponse {
    /// Each portfolio.
    pub(crate) portfolios: Vec<PortfolioAnalysis>,
    /// All together in words.
    pub(crate) narrative: String,
}
