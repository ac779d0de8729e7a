//! Small tables from files: all rows are read and checked before the first is written.

use crate::error::Error;
use csv::{ReaderBuilder, StringRecord};
use kernel::{FieldError, fold};
use std::str::FromStr;

/// How many rows one file may have.
pub(crate) const MOST_ROWS: usize = 20_000;

/// How many wrong rows are told at most.
const MOST_ERRORS: usize = 100;

/// One row by the names of its columns.
pub(crate) struct Row<'a> {
    header: &'a [String],
    record: &'a StringRecord,
}

impl Row<'_> {
    /// The value of a column, if there is one.
    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        let place = self.header.iter().position(|name| name == column)?;
        self.record
            .get(place)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// The value of a column that must be there.
    pub(crate) fn required<T: FromStr<Err: ToString>>(&self, column: &str) -> Result<T, String> {
        self.optional(column)?
            .ok_or_else(|| format!("{column} is required"))
    }

    /// The value of a column that may be empty or not there.
    pub(crate) fn optional<T: FromStr<Err: ToString>>(&self, column: &str) -> Result<Option<T>, String> {
        let text = self.text(column);
        text.map(|text| {
            text.parse()
                .map_err(|error: T::Err| format!("{column} {}", error.to_string()))
        })
        .transpose()
    }
}

/// Reads a file with a header. Refused, naming the rows, when one of them is wrong.
pub(crate) fn read<T>(
    bytes: &[u8],
    columns: &[&str],
    mut row: impl FnMut(&Row<'_>) -> Result<T, String>,
) -> Result<Vec<T>, Error> {
    let wrong = |message: &str| Error::invalid("file", message);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| wrong("is not UTF-8: save it as 'CSV UTF-8' and send it again"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\u{0}') {
        return Err(wrong("contains NUL characters: it is not a text file"));
    }
    if text.matches('"').count() % 2 == 1 {
        return Err(wrong("has a quote that is never closed"));
    }
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let unreadable = |_| wrong("cannot be read as CSV");
    let header: Vec<String> = reader.headers().map_err(unreadable)?.iter().map(fold).collect();
    for column in columns {
        if header.iter().filter(|name| name == column).count() != 1 {
            return Err(wrong(&format!(
                "must have one column '{column}', separated by commas"
            )));
        }
    }
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for (at, record) in reader.records().enumerate() {
        let (record, number) = (record.map_err(unreadable)?, at + 1);
        if number > MOST_ROWS {
            return Err(wrong(&format!(
                "may have at most {MOST_ROWS} rows: send it in several files"
            )));
        }
        let told = match record.len() == header.len() {
            true => row(&Row {
                header: &header,
                record: &record,
            }),
            false => Err(format!(
                "has {} columns where the header has {}",
                record.len(),
                header.len()
            )),
        };
        match told {
            Ok(value) => found.push(value),
            Err(message) => errors.push(FieldError::new(format!("row {number}"), message)),
        }
    }
    errors.truncate(MOST_ERRORS);
    match errors.is_empty() {
        true => Ok(found),
        false => Err(Error::all_invalid(errors)),
    }
}
