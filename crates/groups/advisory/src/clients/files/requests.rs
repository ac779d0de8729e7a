use kernel::AdvisorId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How a file is taken.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportParameters {
    /// Whether the file is only looked at: nothing is written, and every row that is wrong is told.
    pub(crate) dry_run: Option<bool>,
    /// In whose book: an admin must say it, an advisor's is their own.
    pub(crate) advisor_id: Option<AdvisorId>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ClientRowError {
    /// Which row, from 1 after the header.
    pub(crate) row: u32,
    /// Which column; `row` for the whole row.
    pub(crate) field: String,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

/// What came of a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportReport {
    /// Whether nothing was written, whatever the rows are.
    pub(crate) dry_run: bool,
    /// How many rows there are.
    pub(crate) rows: u32,
    /// How many clients were made, or would be.
    pub(crate) created: u32,
    /// How many rows are about clients who are in the book already, by e-mail address, or by name where there is none.
    pub(crate) skipped: u32,
    /// What is wrong; only a rehearsal tells it here, and otherwise one wrong row refuses the file.
    pub(crate) errors: Vec<ClientRowError>,
}
