//! Rates from a file, as central banks publish them.

use super::{
    FxRates,
    rates::{FxRate, FxRateRequest, checked, may_write},
};
use crate::{error::Error, formats::csv_text};
use csv::{ReaderBuilder, StringRecord};
use kernel::{Amount, CalendarDate, CallContext, CallError, Currency, Fault, FieldError, fold};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr};
use utoipa::{IntoParams, ToSchema};

/// How many rows one file may have.
const MOST_ROWS: usize = 20_000;

/// How many wrong rows are told at most.
const MOST_ERRORS: usize = 100;

/// The columns, in any order and beside any others.
const COLUMNS: [&str; 4] = ["date", "base", "quote", "rate"];

/// How a file of rates is imported.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FxImportParameters {
    /// Whether to check only and write nothing.
    #[param(required = false)]
    pub(crate) dry_run: Option<bool>,
}

/// What came of a file of rates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FxImportResponse {
    /// Whether nothing was written because that was asked for.
    pub(crate) dry_run: bool,
    /// How many rows the file has after the header.
    pub(crate) rows: usize,
    /// How many rates are new or were replaced; 0 in a dry run.
    pub(crate) changed: usize,
}

impl FxRates {
    /// Keeps the rate of every row. All rows are checked before the first is written; sent again, nothing changes.
    pub(crate) async fn import(
        &self,
        cx: &CallContext,
        parameters: &FxImportParameters,
        bytes: &[u8],
    ) -> Result<FxImportResponse, Error> {
        may_write(cx)?;
        let records = read(bytes)?;
        let dry_run = parameters.dry_run.unwrap_or(false);
        let changed = match dry_run {
            true => 0,
            false => self.put_all(cx, &records).await?,
        };
        Ok(FxImportResponse {
            dry_run,
            rows: records.len(),
            changed,
        })
    }
}

/// The rates of a file; refused, naming the rows, when one of them is wrong.
fn read(bytes: &[u8]) -> Result<Vec<FxRate>, Error> {
    let text = csv_text(bytes, "date, base, quote and rate")?;
    let unreadable = |_| Error::invalid("file", "cannot be read as CSV");
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(fold).collect();
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut found = header.iter().enumerate().filter(|(_, name)| *name == column);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => *place = at,
            _ => {
                let message = format!("must have one column '{column}', separated by commas");
                return Err(Error::invalid("file", message));
            }
        }
    }
    let (mut records, mut wrong) = (Vec::new(), Vec::new());
    let mut seen = HashMap::new();
    for (at, record) in reader.records().enumerate() {
        let (record, number) = (record.map_err(unreadable)?, at + 1);
        if number > MOST_ROWS {
            let message = format!("may have at most {MOST_ROWS} rows: send it in several files");
            return Err(Error::invalid("file", message));
        }
        let rate = match record.len() == header.len() {
            true => row(&record, places),
            false => Err(format!(
                "has {} columns where the header has {}",
                record.len(),
                header.len()
            )),
        };
        let rate = rate.and_then(|rate| match seen.insert(rate.day(), number) {
            Some(before) => Err(format!(
                "gives the rate of a day again: row {before} does already"
            )),
            None => Ok(rate),
        });
        match rate {
            Ok(rate) => records.push(rate),
            Err(message) => wrong.push(FieldError::new(format!("row {number}"), message)),
        }
    }
    wrong.truncate(MOST_ERRORS);
    match wrong.is_empty() {
        true => Ok(records),
        false => Err(CallError::Invalid { details: wrong }.into()),
    }
}

fn row(record: &StringRecord, [date, base, quote, rate]: [usize; 4]) -> Result<FxRate, String> {
    let request = FxRateRequest {
        date: cell::<CalendarDate>(record, date, "date")?,
        base: cell::<Currency>(record, base, "base")?,
        quote: cell::<Currency>(record, quote, "quote")?,
        rate: cell::<Amount>(record, rate, "rate")?,
    };
    checked(&request).map_err(|error| {
        let details = error.details();
        let told = details
            .first()
            .map(|detail| format!("{} {}", detail.field, detail.message));
        told.unwrap_or_else(|| error.to_string())
    })
}

fn cell<T: FromStr<Err: ToString>>(record: &StringRecord, place: usize, name: &str) -> Result<T, String> {
    let text = record.get(place).unwrap_or_default().trim();
    if text.is_empty() {
        return Err(format!("{name} is required"));
    }
    text.parse()
        .map_err(|error: T::Err| format!("{name} {}", error.to_string()))
}
