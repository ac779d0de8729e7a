use super::Format;
use crate::journal::AccountType;
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate, Currency, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whose book, and when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MomentFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// At the end of this day; today in the installation's timezone when it is left out.
    pub(crate) as_of: Option<CalendarDate>,
    /// Everything converted into this currency; each currency by itself when it is left out.
    pub(crate) currency: Option<Currency>,
    /// How to write it; `json` when it is left out.
    #[param(inline)]
    pub(crate) format: Option<Format>,
}

/// Whose book, and which days.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SpanFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// From this day on; from the beginning when it is left out.
    pub(crate) from: Option<CalendarDate>,
    /// To this day, included; today in the installation's timezone when it is left out.
    pub(crate) to: Option<CalendarDate>,
    /// Everything converted into this currency by the rates of the days; each currency by itself when it is left out.
    pub(crate) currency: Option<Currency>,
    /// How to write it; `json` when it is left out.
    #[param(inline)]
    pub(crate) format: Option<Format>,
}

/// Every account that was used, with its balance on the side where it lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TrialBalance {
    /// Whose book.
    pub(crate) user_id: UserId,
    /// At the end of this day.
    pub(crate) as_of: NaiveDate,
    /// One row for each account and currency.
    pub(crate) rows: Vec<TrialRow>,
    /// The sums of both sides, which are equal in each currency.
    pub(crate) totals: Vec<TrialTotal>,
}

/// An account of a trial balance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TrialRow {
    /// The account, as in `expense:food`.
    pub(crate) account: String,
    /// How it is shown.
    pub(crate) name: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub(crate) account_type: AccountType,
    /// The currency.
    pub(crate) currency: Currency,
    /// What lies on it when debits outweigh, else 0.
    #[schema(value_type = f64)]
    pub(crate) debit: Amount,
    /// What lies on it when credits outweigh, else 0.
    #[schema(value_type = f64)]
    pub(crate) credit: Amount,
}

/// The sums of a trial balance in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct TrialTotal {
    /// The currency.
    pub(crate) currency: Currency,
    /// The sum of debits.
    #[schema(value_type = f64)]
    pub(crate) debit: Amount,
    /// The sum of credits: the same.
    #[schema(value_type = f64)]
    pub(crate) credit: Amount,
}

/// A figure with its account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct StatementLine {
    /// The account, as in `expense:food`.
    pub(crate) account: String,
    /// How it is shown.
    pub(crate) name: String,
    /// How much, in the usual sense of its kind.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
}

/// Profit and loss of a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProfitAndLoss {
    /// Whose book.
    pub(crate) user_id: UserId,
    /// The first day; none when it begins at the beginning.
    pub(crate) from: Option<NaiveDate>,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// One for each currency, or one in the currency that was asked for.
    pub(crate) sections: Vec<ProfitSection>,
}

/// Profit and loss in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ProfitSection {
    /// The currency.
    pub(crate) currency: Currency,
    /// What came in, by account.
    pub(crate) income: Vec<StatementLine>,
    /// What went out, by account.
    pub(crate) expenses: Vec<StatementLine>,
    /// The sum of what came in.
    #[schema(value_type = f64)]
    pub(crate) total_income: Amount,
    /// The sum of what went out.
    #[schema(value_type = f64)]
    pub(crate) total_expenses: Amount,
    /// Income less expenses.
    #[schema(value_type = f64)]
    pub(crate) net: Amount,
}

/// What one has, what one owes, and what is one's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BalanceSheet {
    /// Whose book.
    pub(crate) user_id: UserId,
    /// At the end of this day.
    pub(crate) as_of: NaiveDate,
    /// One for each currency, or one in the currency that was asked for.
    pub(crate) sections: Vec<BalanceSection>,
}

/// A balance sheet in one currency: assets are liabilities and equity together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BalanceSection {
    /// The currency.
    pub(crate) currency: Currency,
    /// What one has.
    pub(crate) assets: Vec<StatementLine>,
    /// What one owes.
    pub(crate) liabilities: Vec<StatementLine>,
    /// What is one's own beside earnings.
    pub(crate) equity: Vec<StatementLine>,
    /// All income less all expenses since the beginning.
    #[schema(value_type = f64)]
    pub(crate) retained_earnings: Amount,
    /// What exchanging foreign currency brought; only in a report currency.
    #[schema(value_type = f64)]
    pub(crate) realised_fx_gain: Amount,
    /// What the foreign currency that is there is worth beyond its cost; only in a report currency.
    #[schema(value_type = f64)]
    pub(crate) unrealised_fx_gain: Amount,
    /// The sum of assets.
    #[schema(value_type = f64)]
    pub(crate) total_assets: Amount,
    /// The sum of liabilities.
    #[schema(value_type = f64)]
    pub(crate) total_liabilities: Amount,
    /// The sum of equity, earnings and gains.
    #[schema(value_type = f64)]
    pub(crate) total_equity: Amount,
}

/// What moved the cash of a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CashFlow {
    /// Whose book.
    pub(crate) user_id: UserId,
    /// The first day; none when it begins at the beginning.
    pub(crate) from: Option<NaiveDate>,
    /// The last day.
    pub(crate) to: NaiveDate,
    /// One for each currency.
    pub(crate) sections: Vec<CashSection>,
}

/// What moved the cash of one currency, by the direct method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CashSection {
    /// The currency.
    pub(crate) currency: Currency,
    /// The cash before the first day: checking, savings, cash and other accounts.
    #[schema(value_type = f64)]
    pub(crate) opening_cash: Amount,
    /// By income and expenses.
    pub(crate) operating: Vec<StatementLine>,
    /// By investments and other assets.
    pub(crate) investing: Vec<StatementLine>,
    /// By debts and one's own.
    pub(crate) financing: Vec<StatementLine>,
    /// By exchanging currencies.
    #[schema(value_type = f64)]
    pub(crate) exchange: Amount,
    /// The sum of `operating`.
    #[schema(value_type = f64)]
    pub(crate) net_operating: Amount,
    /// The sum of `investing`.
    #[schema(value_type = f64)]
    pub(crate) net_investing: Amount,
    /// The sum of `financing`.
    #[schema(value_type = f64)]
    pub(crate) net_financing: Amount,
    /// The cash after the last day.
    #[schema(value_type = f64)]
    pub(crate) closing_cash: Amount,
}
