use crate::jurisdiction::Jurisdiction;
use chrono::NaiveDate;
use kernel::{Amount, Currency, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// In which form an answer comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaxFormat {
    /// JSON.
    #[default]
    Json,
    /// A table for spreadsheets, in which no cell is a formula.
    Csv,
}

/// Of which tax year.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GainsParameters {
    /// The calendar year in which the tax year begins: 2025 is April 2025 to March 2026 in India. This one when left out.
    #[param(minimum = 1900, maximum = 2199)]
    pub(crate) year: Option<i32>,
    /// By whose law; that of the portfolio's currency when it is left out: USD the USA, else India.
    #[param(inline)]
    pub(crate) jurisdiction: Option<Jurisdiction>,
    /// In which form.
    #[param(inline)]
    pub(crate) format: Option<TaxFormat>,
}

/// Whose gains, and of which tax year.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BookGainsFilter {
    /// The calendar year in which the tax year begins; this one when it is left out.
    #[param(minimum = 1900, maximum = 2199)]
    pub(crate) year: Option<i32>,
    /// By whose law; that of each portfolio's currency when it is left out.
    #[param(inline)]
    pub(crate) jurisdiction: Option<Jurisdiction>,
    /// Only of this user's portfolios.
    pub(crate) user_id: Option<UserId>,
}

/// By whose law.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HarvestParameters {
    /// By whose law; that of the portfolio's currency when it is left out: USD the USA, else India.
    #[param(inline)]
    pub(crate) jurisdiction: Option<Jurisdiction>,
}

/// Whose losses, and by whose law.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BookHarvestFilter {
    /// By whose law; that of each portfolio's currency when it is left out.
    #[param(inline)]
    pub(crate) jurisdiction: Option<Jurisdiction>,
    /// Only of this user's portfolios.
    pub(crate) user_id: Option<UserId>,
}

/// How long something was held, as taxes count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Term {
    /// Not longer than the law asks for.
    Short,
    /// Longer.
    Long,
}

/// A purchase that takes a disallowed loss over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReplacementLot {
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Which lot.
    pub(crate) lot_id: Uuid,
    /// Bought when.
    pub(crate) date: NaiveDate,
    /// How many of it stand for shares that were sold.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What those cost with the loss.
    #[schema(value_type = f64)]
    pub(crate) new_basis: Amount,
}

/// A realised gain or loss: a part of a lot that was sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct GainLine {
    /// The entry that sold it.
    pub(crate) entry_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// Of what.
    pub(crate) symbol: String,
    /// In which currency.
    pub(crate) currency: Currency,
    /// Held since.
    pub(crate) acquired: Option<NaiveDate>,
    /// Sold on.
    pub(crate) sold: NaiveDate,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What they cost, with the losses that wash sales added.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
    /// What they brought.
    #[schema(value_type = f64)]
    pub(crate) proceeds: Amount,
    /// The proceeds less the cost.
    #[schema(value_type = f64)]
    pub(crate) gain: Amount,
    /// The gain that counts for taxes: after grandfathering, and without what is disallowed.
    #[schema(value_type = f64)]
    pub(crate) taxable_gain: Amount,
    /// The part of a loss that a wash sale disallows.
    #[schema(value_type = f64)]
    pub(crate) disallowed_loss: Amount,
    /// The purchases that take it over.
    pub(crate) replacements: Vec<ReplacementLot>,
    /// Short or long term.
    pub(crate) term: Term,
    /// The rate of the day.
    #[schema(value_type = f64)]
    pub(crate) rate: Amount,
    /// The rules that decided this line.
    pub(crate) rules: Vec<String>,
}

/// The sums of a tax year in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct GainTotals {
    /// In which currency.
    pub(crate) currency: Currency,
    /// Short-term gains, without losses.
    #[schema(value_type = f64)]
    pub(crate) short_term_gains: Amount,
    /// Short-term losses: 0 or less.
    #[schema(value_type = f64)]
    pub(crate) short_term_losses: Amount,
    /// Long-term gains, without losses.
    #[schema(value_type = f64)]
    pub(crate) long_term_gains: Amount,
    /// Long-term losses: 0 or less.
    #[schema(value_type = f64)]
    pub(crate) long_term_losses: Amount,
    /// Losses that wash sales disallow.
    #[schema(value_type = f64)]
    pub(crate) disallowed_losses: Amount,
}

/// What of a year's long-term gains is exempt. It is a person's: all portfolios share it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExemptionUse {
    /// How much is exempt.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// How much of it the net long-term gains of all portfolios use.
    #[schema(value_type = f64)]
    pub(crate) used: Amount,
    /// How much is left.
    #[schema(value_type = f64)]
    pub(crate) left: Amount,
    /// By which rule.
    pub(crate) rule: String,
}

/// What a portfolio realised in a tax year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct GainsResponse {
    /// Which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// By whose law.
    pub(crate) jurisdiction: Jurisdiction,
    /// Where the rules stand.
    pub(crate) source: String,
    /// The first day of the tax year.
    pub(crate) from: NaiveDate,
    /// Its last day.
    pub(crate) to: NaiveDate,
    /// Each part of a lot that was sold, by day.
    pub(crate) lines: Vec<GainLine>,
    /// The sums, by currency.
    pub(crate) totals: Vec<GainTotals>,
    /// What of the long-term gains is exempt, where the law exempts some.
    pub(crate) exemption: Option<ExemptionUse>,
    /// What these figures are not.
    pub(crate) disclaimer: String,
}

/// What a wash-sale rule says of selling now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct WashCheck {
    /// The part of the loss that would be disallowed now.
    #[schema(value_type = f64)]
    pub(crate) disallowed_loss: Amount,
    /// What was bought, or is ordered, within the days of the rule.
    pub(crate) purchases: Vec<NearPurchase>,
    /// From when nothing that was bought so far stands in the way; none when nothing does.
    pub(crate) clear_from: Option<NaiveDate>,
    /// What the rule says, and what to do.
    pub(crate) reason: String,
}

/// A purchase that is too near.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct NearPurchase {
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// What it is: a purchase, or an order that waits.
    pub(crate) kind: String,
    /// On which day.
    pub(crate) date: NaiveDate,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
}

/// A lot whose loss could be realised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct HarvestCandidate {
    /// In which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// On which account.
    pub(crate) account_id: Uuid,
    /// Of what.
    pub(crate) symbol: String,
    /// Which lot.
    pub(crate) lot_id: Uuid,
    /// In which currency.
    pub(crate) currency: Currency,
    /// Held since.
    pub(crate) acquired: NaiveDate,
    /// How many.
    #[schema(value_type = f64)]
    pub(crate) quantity: Amount,
    /// What they cost.
    #[schema(value_type = f64)]
    pub(crate) cost: Amount,
    /// What they are worth by the newest quote.
    #[schema(value_type = f64)]
    pub(crate) market_value: Amount,
    /// Of which day the quote is.
    pub(crate) price_date: NaiveDate,
    /// The loss: below 0.
    #[schema(value_type = f64)]
    pub(crate) loss: Amount,
    /// Short or long term, if it were sold today.
    pub(crate) term: Term,
    /// The rate of today.
    #[schema(value_type = f64)]
    pub(crate) rate: Amount,
    /// The allowed loss times the rate: what is saved where there are gains of that kind to set it against.
    #[schema(value_type = f64)]
    pub(crate) estimated_saving: Amount,
    /// What the wash-sale rule says, where there is one.
    pub(crate) wash_sale: Option<WashCheck>,
    /// The rules that decided.
    pub(crate) rules: Vec<String>,
}

/// The losses of a portfolio that could be realised, the largest saving first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct HarvestResponse {
    /// Which portfolio.
    pub(crate) portfolio_id: Uuid,
    /// Whose.
    pub(crate) user_id: UserId,
    /// By whose law.
    pub(crate) jurisdiction: Jurisdiction,
    /// The lots.
    pub(crate) candidates: Vec<HarvestCandidate>,
    /// What could not be looked at, and why.
    pub(crate) reasons: Vec<String>,
    /// What these figures are not.
    pub(crate) disclaimer: String,
}
