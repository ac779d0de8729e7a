use crate::statements::{Format, Table};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{Amount, CalendarDate, Currency, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whose money, and when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
    /// Only this account; all of the user's when it is left out.
    pub(crate) account_id: Option<Uuid>,
    /// From this day on; from the beginning when it is left out.
    pub(crate) from: Option<CalendarDate>,
    /// To this day, included; without end when it is left out.
    pub(crate) to: Option<CalendarDate>,
    /// Only accounts in this currency; all when it is left out.
    pub(crate) currency: Option<Currency>,
    /// How to write it; `json` when it is left out.
    #[param(inline)]
    pub(crate) format: Option<Format>,
}

/// Income, expenses and balances of a period. The figures at the top are in `currency`; what lies in other currencies
/// stands in `other_currencies` and is never added to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ReportResponse {
    /// Whose.
    pub(crate) user_id: UserId,
    /// Which account, if only one.
    pub(crate) account_id: Option<Uuid>,
    /// The first day; none when the report begins at the beginning.
    pub(crate) from: Option<NaiveDate>,
    /// The last day; none when the report has no end.
    pub(crate) to: Option<NaiveDate>,
    /// The currency asked for; else the only one, or the installation's among several.
    pub(crate) currency: Currency,
    /// What lay on the accounts before the first day.
    #[schema(value_type = f64)]
    pub(crate) opening_balance: Amount,
    /// What came in, opening balances of statements included.
    #[schema(value_type = f64)]
    pub(crate) total_income: Amount,
    /// What went out.
    #[schema(value_type = f64)]
    pub(crate) total_expenses: Amount,
    /// Income less expenses.
    #[schema(value_type = f64)]
    pub(crate) net: Amount,
    /// What moved to these accounts and from them without being income or expense: transfers from and to other
    /// accounts, exchanges of currency, and other journal entries.
    #[schema(value_type = f64)]
    pub(crate) transfers: Amount,
    /// What lies on the accounts after the last day: opening balance, net and transfers.
    #[schema(value_type = f64)]
    pub(crate) closing_balance: Amount,
    /// How much of the net are opening balances that statements brought.
    #[schema(value_type = f64)]
    pub(crate) statement_opening_balance: Amount,
    /// How many transactions.
    pub(crate) transactions: u64,
    /// By category, incomes first, largest first.
    pub(crate) by_category: Vec<CategorySum>,
    /// By month, oldest first; months without transactions are left out.
    pub(crate) by_month: Vec<MonthSum>,
    /// The same for every other currency.
    pub(crate) other_currencies: Vec<CurrencySection>,
}

/// Income, expenses and balances in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CurrencySection {
    /// The currency of all figures here.
    pub(crate) currency: Currency,
    /// What lay on the accounts before the first day.
    #[schema(value_type = f64)]
    pub(crate) opening_balance: Amount,
    /// What came in, opening balances of statements included.
    #[schema(value_type = f64)]
    pub(crate) total_income: Amount,
    /// What went out.
    #[schema(value_type = f64)]
    pub(crate) total_expenses: Amount,
    /// Income less expenses.
    #[schema(value_type = f64)]
    pub(crate) net: Amount,
    /// What moved to these accounts and from them without being income or expense: transfers from and to other
    /// accounts, exchanges of currency, and other journal entries.
    #[schema(value_type = f64)]
    pub(crate) transfers: Amount,
    /// What lies on the accounts after the last day.
    #[schema(value_type = f64)]
    pub(crate) closing_balance: Amount,
    /// How much of the net are opening balances that statements brought.
    #[schema(value_type = f64)]
    pub(crate) statement_opening_balance: Amount,
    /// How many transactions.
    pub(crate) transactions: u64,
    /// By category, incomes first, largest first.
    pub(crate) by_category: Vec<CategorySum>,
    /// By month, oldest first.
    pub(crate) by_month: Vec<MonthSum>,
}

/// What one category moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CategorySum {
    /// The category.
    pub(crate) category: String,
    /// Which way.
    #[serde(rename = "type")]
    pub(crate) kind: TransactionKind,
    /// How much; below 0 only where more was given back than taken.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// How many transactions.
    pub(crate) transactions: u64,
}

/// What one month moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MonthSum {
    /// The month, as in `2026-03`.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}$")]
    pub(crate) month: String,
    /// What came in.
    #[schema(value_type = f64)]
    pub(crate) income: Amount,
    /// What went out.
    #[schema(value_type = f64)]
    pub(crate) expenses: Amount,
    /// Income less expenses.
    #[schema(value_type = f64)]
    pub(crate) net: Amount,
    /// What lay on the accounts at the end of the month, or of the period.
    #[schema(value_type = f64)]
    pub(crate) closing_balance: Amount,
}

impl ReportResponse {
    /// The sums by category and by month, of every currency, as rows of figures.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(&[
            "currency",
            "part",
            "name",
            "income",
            "expenses",
            "closing_balance",
        ]);
        rows(&mut table, self.currency, &self.by_category, &self.by_month);
        for other in &self.other_currencies {
            rows(&mut table, other.currency, &other.by_category, &other.by_month);
        }
        table
    }
}

fn rows(table: &mut Table, currency: Currency, categories: &[CategorySum], months: &[MonthSum]) {
    for sum in categories {
        let (income, expenses) = match sum.kind {
            TransactionKind::Income => (sum.amount.0.into(), "".into()),
            _ => ("".into(), sum.amount.0.into()),
        };
        table.row([
            currency.code().into(),
            "category".into(),
            sum.category.as_str().into(),
            income,
            expenses,
            "".into(),
        ]);
    }
    for sum in months {
        table.row([
            currency.code().into(),
            "month".into(),
            sum.month.as_str().into(),
            sum.income.0.into(),
            sum.expenses.0.into(),
            sum.closing_balance.0.into(),
        ]);
    }
}
