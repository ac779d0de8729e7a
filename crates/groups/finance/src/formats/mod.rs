//! The files in which banks and programs of accounting give statements: CSV with any columns, OFX and QIF.
//!
//! Readers take a file piece by piece and give its rows piece by piece: however long the file is, what is held is one
//! row. A file that cannot be read at all is an error; a row that cannot is a [`Parsed`] that says what is wrong with
//! which field. Nothing is guessed: an encoding other than UTF-8 and a date such as 01/02/2026 are declared, either in
//! the file itself or by whoever sends it.
//!
//! CSV is taken apart by `csv-core`, encodings by `encoding_rs`. OFX and QIF have readers of their own: OFX 1 is SGML
//! without closing tags, which no reader of XML takes, and one reader of tags reads 1 and 2 alike.

mod amounts;
mod columns;
mod csv;
mod dates;
mod encoding;
#[cfg(test)]
mod fuzz_tests;
mod mapping;
mod ofx;
mod ofx_tags;
mod qif;
mod reader;
mod row;
mod spreadsheet;

pub(crate) use amounts::{DecimalMark, amount, amount_with};
pub(crate) use dates::DateFormat;
pub(crate) use encoding::Encoding;
pub(crate) use kernel::csv::{Quotes, csv_text, neutral, original};
pub(crate) use mapping::{ColumnMapping, ColumnName};
pub(crate) use reader::{Format, Reading, StatementReader};
pub(crate) use row::{Parsed, Row};
pub(crate) use spreadsheet::EXPORT_COLUMNS;

use crate::error::Error;

/// How much of one row, tag or line is held.
const LONGEST: usize = 64 * 1024;

/// What is wrong with a file as a whole.
fn file_error(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}
