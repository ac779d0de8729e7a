use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where a statement goes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportParameters {
    /// The account whose statement it is. Amounts are in its currency.
    pub(crate) account_id: Uuid,
    /// Whether to check only and write nothing.
    #[param(required = false)]
    pub(crate) dry_run: Option<bool>,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportResponse {
    /// Stands on every transaction that this import wrote.
    pub(crate) import_id: Uuid,
    /// Whether nothing was written because that was asked for.
    pub(crate) dry_run: bool,
    /// The account.
    pub(crate) account_id: Uuid,
    /// How many rows the file has after the header.
    pub(crate) rows: usize,
    /// How many were written; in a dry run, how many would be.
    pub(crate) imported: usize,
    /// How many were there already.
    pub(crate) duplicates: usize,
    /// How many move nothing: rows of 0.
    pub(crate) skipped: usize,
    /// What is wrong, at most 100. Only a dry run answers with them; otherwise a wrong row is 422.
    pub(crate) errors: Vec<RowError>,
    /// What the right rows of the file add up to.
    pub(crate) totals: ImportTotals,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RowError {
    /// Which row, from 1 after the header.
    pub(crate) row: u32,
    /// Which column; `row` for the whole row.
    pub(crate) field: String,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

/// Sums of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportTotals {
    /// The account's currency.
    pub(crate) currency: Currency,
    /// The sum of the positive amounts, an opening balance included.
    #[schema(value_type = f64)]
    pub(crate) income: Amount,
    /// The sum of the negative amounts, without the sign.
    #[schema(value_type = f64)]
    pub(crate) expenses: Amount,
    /// Income less expenses.
    #[schema(value_type = f64)]
    pub(crate) net: Amount,
}
