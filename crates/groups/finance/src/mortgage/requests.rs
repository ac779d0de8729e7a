use calculator::{DayCount, Frequency};
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate, Currency, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often an instalment is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentFrequency {
    /// 52 in a year.
    Weekly,
    /// 26 in a year.
    Biweekly,
    /// 24 in a year.
    Semimonthly,
    /// 12 in a year.
    #[default]
    Monthly,
    /// 4 in a year.
    Quarterly,
    /// 2 in a year.
    Semiannual,
    /// Each year.
    Annual,
}

impl From<PaymentFrequency> for Frequency {
    fn from(frequency: PaymentFrequency) -> Self {
        match frequency {
            PaymentFrequency::Weekly => Frequency::Weekly,
            PaymentFrequency::Biweekly => Frequency::Biweekly,
            PaymentFrequency::Semimonthly => Frequency::Semimonthly,
            PaymentFrequency::Monthly => Frequency::Monthly,
            PaymentFrequency::Quarterly => Frequency::Quarterly,
            PaymentFrequency::Semiannual => Frequency::Semiannual,
            PaymentFrequency::Annual => Frequency::Annual,
        }
    }
}

/// How interest is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub(crate) enum InterestDays {
    /// Every period bears the same part of the annual rate.
    #[default]
    #[serde(rename = "30/360")]
    Thirty360,
    /// The days that pass, of 365.
    #[serde(rename = "actual/365")]
    Actual365,
}

impl From<InterestDays> for DayCount {
    fn from(days: InterestDays) -> Self {
        match days {
            InterestDays::Thirty360 => DayCount::Thirty360,
            InterestDays::Actual365 => DayCount::Actual365,
        }
    }
}

/// A payment beyond the instalments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ExtraPaymentRequest {
    /// When; it counts with the first instalment on or after that date.
    pub(crate) date: CalendarDate,
    /// How much: more than 0.
    pub(crate) amount: Amount,
}

/// A loan to be calculated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MortgageRequest {
    /// What is borrowed: more than 0, less than 10^18.
    pub(crate) principal: Amount,
    /// The nominal rate of a year as a fraction: 0.065 is 6.5%. From 0 to 1.
    pub(crate) annual_rate: Amount,
    /// For how many months, 1 to 1,200. Weekly and biweekly instalments go on to the end of the term.
    #[schema(minimum = 1, maximum = 1200)]
    pub(crate) term_months: u32,
    /// What is paid beyond the instalments each month; spread evenly over instalments that are not monthly.
    pub(crate) extra_payment_monthly: Option<Amount>,
    /// What is paid beyond them on certain dates.
    #[schema(max_items = 1000)]
    pub(crate) extra_payments: Option<Vec<ExtraPaymentRequest>>,
    /// What the lender takes from the principal when it is paid out; it counts in `apr`, not in `total_paid`.
    pub(crate) fees: Option<Amount>,
    /// When it is paid out; today in the installation's timezone when it is left out. The first instalment is a period later.
    pub(crate) start_date: Option<CalendarDate>,
    /// How often an instalment is due; monthly when it is left out.
    pub(crate) payment_frequency: Option<PaymentFrequency>,
    /// How interest is counted; `30/360` when it is left out.
    pub(crate) day_count: Option<InterestDays>,
    /// For how many months only interest is paid.
    #[schema(maximum = 1200)]
    pub(crate) interest_only_months: Option<u32>,
    /// The currency, whose smallest unit everything is rounded to; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
}

/// What a loan costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MortgageResponse {
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// The level instalment, half-up to the smallest unit; after the months that pay interest only.
    #[schema(value_type = f64)]
    pub(crate) payment: Amount,
    /// All interest.
    #[schema(value_type = f64)]
    pub(crate) total_interest: Amount,
    /// All payments: the principal and the interest.
    #[schema(value_type = f64)]
    pub(crate) total_paid: Amount,
    /// The fees.
    #[schema(value_type = f64)]
    pub(crate) fees: Amount,
    /// The annual percentage rate by the actuarial method of US Regulation Z, appendix J, as a fraction, to 10 decimals:
    /// of the agreed instalments, without what is paid beyond them.
    #[schema(value_type = f64)]
    pub(crate) apr: Amount,
    /// When it is paid out.
    pub(crate) start_date: NaiveDate,
    /// When the last instalment is paid.
    pub(crate) payoff_date: NaiveDate,
    /// Every instalment.
    pub(crate) schedule: Vec<InstalmentResponse>,
}

/// An instalment. Amounts are exact: interest and principal make the payment, and the principal lowers the balance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct InstalmentResponse {
    /// From 1.
    pub(crate) number: u32,
    /// When it is due.
    pub(crate) date: NaiveDate,
    /// All that is paid, with what is paid beyond the instalment.
    #[schema(value_type = f64)]
    pub(crate) payment: Amount,
    /// The interest of the period.
    #[schema(value_type = f64)]
    pub(crate) interest: Amount,
    /// What the debt goes down by.
    #[schema(value_type = f64)]
    pub(crate) principal: Amount,
    /// What is owed afterwards.
    #[schema(value_type = f64)]
    pub(crate) balance: Amount,
}

/// Loans to be compared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MortgageComparisonRequest {
    /// 2 to 10 loans in one currency. The others are compared with the first.
    #[schema(min_items = 2, max_items = 10)]
    pub(crate) scenarios: Vec<MortgageScenario>,
}

/// One of the loans.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MortgageScenario {
    /// What it is called.
    pub(crate) name: Text<1, 80>,
    /// Its terms.
    pub(crate) mortgage: MortgageRequest,
}

/// How the loans compare.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct MortgageComparisonResponse {
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// The scenario with the lowest interest and fees.
    pub(crate) cheapest: String,
    /// The loans in the order in which they were sent.
    pub(crate) scenarios: Vec<ScenarioResponse>,
}

/// What one of the loans costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ScenarioResponse {
    /// What it is called.
    pub(crate) name: String,
    /// The level instalment.
    #[schema(value_type = f64)]
    pub(crate) payment: Amount,
    /// All interest.
    #[schema(value_type = f64)]
    pub(crate) total_interest: Amount,
    /// All payments.
    #[schema(value_type = f64)]
    pub(crate) total_paid: Amount,
    /// Interest and fees.
    #[schema(value_type = f64)]
    pub(crate) total_cost: Amount,
    /// The annual percentage rate as a fraction.
    #[schema(value_type = f64)]
    pub(crate) apr: Amount,
    /// When the last instalment is paid.
    pub(crate) payoff_date: NaiveDate,
    /// How many instalments there are.
    pub(crate) instalments: u32,
    /// How much less it costs than the first scenario; below 0 when more.
    #[schema(value_type = f64)]
    pub(crate) saved: Amount,
}

/// What somebody earns and owes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AffordabilityRequest {
    /// Income of a month before tax: more than 0.
    pub(crate) monthly_income: Amount,
    /// What other debts cost each month.
    pub(crate) monthly_debts: Option<Amount>,
    /// What the home costs each month beside the loan: taxes, insurance, fees.
    pub(crate) monthly_costs: Option<Amount>,
    /// What is paid without a loan.
    pub(crate) down_payment: Option<Amount>,
    /// The nominal rate of a year as a fraction. From 0 to 1.
    pub(crate) annual_rate: Amount,
    /// For how many months, 1 to 1,200.
    #[schema(minimum = 1, maximum = 1200)]
    pub(crate) term_months: u32,
    /// The part of the income that may go into the home; 0.28 when it is left out.
    pub(crate) housing_ratio: Option<Amount>,
    /// The part of the income that may go into the home and all other debts; 0.36 when it is left out.
    pub(crate) debt_ratio: Option<Amount>,
    /// The currency; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
}

/// Which of the two parts of the income is the lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AffordabilityLimit {
    /// What may go into the home.
    HousingRatio,
    /// What may go into the home and other debts.
    DebtRatio,
}

/// What somebody can afford.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct AffordabilityResponse {
    /// The currency of every amount.
    pub(crate) currency: Currency,
    /// The highest monthly instalment: `min(housing_ratio * income, debt_ratio * income - debts) - costs`, rounded down; 0
    /// when nothing is left.
    #[schema(value_type = f64)]
    pub(crate) payment: Amount,
    /// The largest loan with such an instalment: its present value, rounded down.
    #[schema(value_type = f64)]
    pub(crate) principal: Amount,
    /// The loan and the down payment.
    #[schema(value_type = f64)]
    pub(crate) price: Amount,
    /// What decides.
    pub(crate) limited_by: AffordabilityLimit,
    /// The part of the income that was allowed for the home.
    #[schema(value_type = f64)]
    pub(crate) housing_ratio: Amount,
    /// The part that was allowed for the home and other debts.
    #[schema(value_type = f64)]
    pub(crate) debt_ratio: Amount,
}
