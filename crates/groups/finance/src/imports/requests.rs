use crate::formats::{DateFormat, Encoding, Format};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Amount, Currency};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where a statement goes, and how it is to be read.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportParameters {
    /// The account whose statement it is. Amounts are in its currency.
    pub(crate) account_id: Uuid,
    /// Whether to check only and write nothing.
    #[param(required = false)]
    pub(crate) dry_run: Option<bool>,
    /// The saved mapping that says which columns a CSV has.
    pub(crate) mapping_id: Option<Uuid>,
    /// How the file writes letters, where neither a mark in it, its content type nor the mapping says it.
    pub(crate) encoding: Option<Encoding>,
    /// How the file writes dates; goes before the mapping. Needed for QIF with the day first.
    pub(crate) date_format: Option<DateFormat>,
    /// Whether to answer 202 at once and go on in the background, as it is done with large files.
    #[param(required = false)]
    pub(crate) background: Option<bool>,
}

/// Whose imports.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportFilter {
    /// Of which account.
    pub(crate) account_id: Uuid,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportState {
    /// Checked, and waits for its turn.
    Waiting,
    /// Rows are being posted.
    Running,
    /// Every row is posted, known or skipped.
    Done,
    /// Given up; `failure` says why. What was posted stays, and the same file goes on where it ended.
    Failed,
}

/// What came of an import, or how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportResponse {
    /// Stands on every transaction that this import wrote.
    pub(crate) import_id: Uuid,
    /// How far it is.
    pub(crate) state: ImportState,
    /// Whether nothing was written because that was asked for.
    pub(crate) dry_run: bool,
    /// The account.
    pub(crate) account_id: Uuid,
    /// The format of the file.
    pub(crate) format: Format,
    /// How many bytes the file has.
    pub(crate) bytes: u64,
    /// How many rows the file has after the header.
    pub(crate) rows: u32,
    /// How many of them were dealt with so far.
    pub(crate) rows_read: u32,
    /// How many were written; in a dry run, how many would be.
    pub(crate) imported: u32,
    /// How many were there already.
    pub(crate) duplicates: u32,
    /// How many move nothing: rows of 0, and opening balances that restate what is known.
    pub(crate) skipped: u32,
    /// What is wrong, at most 100. Only a dry run answers with them; otherwise a wrong row is 422.
    pub(crate) errors: Vec<RowError>,
    /// What the right rows of the file add up to.
    pub(crate) totals: ImportTotals,
    /// The first rows of a dry run that is answered at once, at most 20, and what would come of them.
    pub(crate) preview: Vec<PreviewRow>,
    /// Why it was given up.
    pub(crate) failure: Option<String>,
    /// When the file came, UTC; none where nothing is kept of it.
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// When it last went on, UTC.
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// What would come of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PreviewRow {
    /// Which row.
    pub(crate) row: u32,
    /// The day.
    pub(crate) date: NaiveDate,
    /// The text.
    pub(crate) description: String,
    /// Below zero for an expense.
    #[schema(value_type = f64)]
    pub(crate) amount: Amount,
    /// The category that it would be put into.
    pub(crate) category: String,
    /// Whether it is there already.
    pub(crate) duplicate: bool,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RowError {
    /// Which row, from 1 after the header.
    pub(crate) row: u32,
    /// Which column or tag; `row` for the whole row.
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
