//! Realised gains as a table for spreadsheets.

use super::requests::{GainsResponse, Term};
use crate::error::Error;
use kernel::{CallError, csv::neutral};

const COLUMNS: [&str; 13] = [
    "symbol",
    "account_id",
    "acquired",
    "sold",
    "quantity",
    "currency",
    "cost",
    "proceeds",
    "gain",
    "taxable_gain",
    "disallowed_loss",
    "term",
    "rules",
];

/// The file: a line for each part of a lot. No text in it is taken for a formula.
pub(super) fn csv(gains: &GainsResponse) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let inner = |error: csv::Error| Error::from(CallError::internal(error));
    writer.write_record(COLUMNS).map_err(inner)?;
    for line in &gains.lines {
        let term = match line.term {
            Term::Short => "short",
            Term::Long => "long",
        };
        let cells = [
            neutral(&line.symbol).into_owned(),
            line.account_id.to_string(),
            line.acquired.map(|day| day.to_string()).unwrap_or_default(),
            line.sold.to_string(),
            line.quantity.to_string(),
            line.currency.to_string(),
            line.cost.to_string(),
            line.proceeds.to_string(),
            line.gain.to_string(),
            line.taxable_gain.to_string(),
            line.disallowed_loss.to_string(),
            term.to_owned(),
            neutral(&line.rules.join("; ")).into_owned(),
        ];
        writer.write_record(cells).map_err(inner)?;
    }
    let bytes = writer.into_inner();
    bytes.map_err(|error| CallError::internal(error.to_string()).into())
}
