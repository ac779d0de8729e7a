use super::models::GoalRecord;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Amount, CalendarDate, ClientId, Currency, Text};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A goal. Rates are fractions of a year: 0.08 is eight per cent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct GoalRequest {
    /// Whose; cannot be changed.
    pub(crate) client_id: ClientId,
    /// What for.
    pub(crate) name: Text<1, 200>,
    /// How much is needed: more than 0.
    pub(crate) target_amount: Amount,
    /// Whether `target_amount` is in the money of today and grows with prices; false when it is left out.
    pub(crate) in_todays_money: Option<bool>,
    /// The currency of all amounts; the client's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// When it is needed: within 50 years.
    pub(crate) target_date: CalendarDate,
    /// The client's portfolios that are for it: 20 at most. What they are worth counts beside `current_amount`.
    pub(crate) portfolio_ids: Option<Vec<Uuid>>,
    /// What there is already: 0 or more, 0 when it is left out.
    pub(crate) current_amount: Option<Amount>,
    /// What is added at the end of each month: 0 or more, 0 when it is left out.
    pub(crate) monthly_contribution: Option<Amount>,
    /// The return of a year that is expected: -0.5 to 1; 0.08 when it is left out.
    pub(crate) expected_return: Option<Amount>,
    /// The volatility of a year: 0 to 1; 0.12 when it is left out.
    pub(crate) volatility: Option<Amount>,
    /// By how much prices rise in a year: -0.1 to 0.5; 0.05 when it is left out.
    pub(crate) inflation: Option<Amount>,
    /// The version that was read: a change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

/// A goal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct GoalResponse {
    /// The id.
    pub(crate) id: Uuid,
    /// Whose.
    pub(crate) client_id: ClientId,
    /// What for.
    pub(crate) name: String,
    /// How much is needed.
    #[schema(value_type = f64)]
    pub(crate) target_amount: Amount,
    /// Whether that is in the money of today.
    pub(crate) in_todays_money: bool,
    /// The currency of all amounts.
    pub(crate) currency: Currency,
    /// When it is needed.
    pub(crate) target_date: NaiveDate,
    /// The portfolios that are for it.
    pub(crate) portfolio_ids: Vec<Uuid>,
    /// What there is already.
    #[schema(value_type = f64)]
    pub(crate) current_amount: Amount,
    /// What its portfolios are worth beside; in a list, when it was last looked at. What is in another currency is not in it.
    #[schema(value_type = f64)]
    pub(crate) portfolio_value: Amount,
    /// Which part of the target there is with both, rounded to four decimals.
    #[schema(value_type = f64)]
    pub(crate) progress: Amount,
    /// What is added at the end of each month.
    #[schema(value_type = f64)]
    pub(crate) monthly_contribution: Amount,
    /// The return of a year that is expected.
    #[schema(value_type = f64)]
    pub(crate) expected_return: Amount,
    /// The volatility of a year.
    #[schema(value_type = f64)]
    pub(crate) volatility: Amount,
    /// By how much prices rise in a year.
    #[schema(value_type = f64)]
    pub(crate) inflation: Amount,
    /// The probability of success when the goal was last looked at: when it was changed, when another month began, or when its
    /// portfolios were worth a hundredth more or less.
    #[schema(value_type = f64)]
    pub(crate) success_probability: Amount,
    /// Whether that is 0.7 or more.
    pub(crate) on_track: bool,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
    /// Since when, UTC.
    pub(crate) created_at: DateTime<Utc>,
}

impl From<Stored<GoalRecord>> for GoalResponse {
    fn from(stored: Stored<GoalRecord>) -> Self {
        let (id, version, created_at, data) = (stored.id, stored.version, stored.created_at, stored.data);
        let progress = data
            .there_is()
            .checked_div(data.target_amount)
            .unwrap_or(Decimal::ZERO);
        Self {
            id,
            client_id: data.client_id,
            name: data.name,
            target_amount: Amount(data.target_amount),
            in_todays_money: data.in_todays_money,
            currency: data.currency,
            target_date: data.target_date,
            portfolio_ids: data.portfolio_ids,
            current_amount: Amount(data.current_amount),
            portfolio_value: Amount(data.portfolio_value),
            progress: Amount(progress.round_dp(4)),
            monthly_contribution: Amount(data.monthly_contribution),
            expected_return: Amount(data.expected_return),
            volatility: Amount(data.volatility),
            inflation: Amount(data.inflation),
            success_probability: Amount(data.probability),
            on_track: data.on_track,
            version,
            created_at,
        }
    }
}

/// What there may be after some months: the amounts below which so many in a hundred of the paths are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Band {
    /// After how many months.
    pub(crate) months: u32,
    /// 5 in a hundred are below.
    #[schema(value_type = f64)]
    pub(crate) p5: Amount,
    /// 25 in a hundred are below.
    #[schema(value_type = f64)]
    pub(crate) p25: Amount,
    /// Half are below.
    #[schema(value_type = f64)]
    pub(crate) p50: Amount,
    /// 75 in a hundred are below.
    #[schema(value_type = f64)]
    pub(crate) p75: Amount,
    /// 95 in a hundred are below.
    #[schema(value_type = f64)]
    pub(crate) p95: Amount,
    /// Half are below, in the money of today.
    #[schema(value_type = f64)]
    pub(crate) p50_real: Amount,
}

/// What becomes of a goal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Projection {
    /// Whole months until it is needed.
    pub(crate) months: u32,
    /// How much is needed then.
    #[schema(value_type = f64)]
    pub(crate) target_amount: Amount,
    /// The same in the money of today.
    #[schema(value_type = f64)]
    pub(crate) target_amount_real: Amount,
    /// What there is then if every month brings what is expected.
    #[schema(value_type = f64)]
    pub(crate) expected_amount: Amount,
    /// The same in the money of today.
    #[schema(value_type = f64)]
    pub(crate) expected_amount_real: Amount,
    /// What must be added each month so that it is enough if every month brings what is expected; rounded up.
    #[schema(value_type = f64)]
    pub(crate) required_contribution: Amount,
    /// On which part of the paths it is enough.
    #[schema(value_type = f64)]
    pub(crate) success_probability: Amount,
    /// How far off that may be: one standard error.
    #[schema(value_type = f64)]
    pub(crate) standard_error: Amount,
    /// Whether the probability is 0.7 or more.
    pub(crate) on_track: bool,
    /// What there may be after each year, and at the end.
    pub(crate) bands: Vec<Band>,
    /// How many paths.
    pub(crate) paths: u32,
    /// Which ones: the same seed gives the same answer, byte for byte.
    pub(crate) seed: u64,
    /// The formulas.
    pub(crate) method: String,
}

/// Which paths.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProjectionParameters {
    /// The seed: 0 to 2147483647; 1 without it.
    #[param(minimum = 0, maximum = 2147483647)]
    pub(crate) seed: Option<u64>,
    /// How many paths: 100 to 5000; 1000 without it.
    #[param(minimum = 100, maximum = 5000)]
    pub(crate) paths: Option<u32>,
}

/// Which goals.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GoalFilter {
    /// Only this client's; not together with `on_track`.
    pub(crate) client_id: Option<ClientId>,
    /// Only those that are on track, or are not.
    pub(crate) on_track: Option<bool>,
}
