use super::{ofx, qif, spreadsheet};
use crate::{accounts::AccountRecord, error::Error, formats::Format};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use store::Stored;
use uuid::Uuid;

/// What is written about an account as a whole.
pub(crate) struct Subject {
    pub(crate) account: Stored<AccountRecord>,
    pub(crate) days: (Option<NaiveDate>, Option<NaiveDate>),
    pub(crate) today: NaiveDate,
    pub(crate) balance: Decimal,
}

/// One row of an export.
pub(crate) struct Line {
    pub(crate) id: Uuid,
    pub(crate) date: NaiveDate,
    pub(crate) description: String,
    pub(crate) category: String,
    pub(crate) tags: Vec<String>,
    /// Below zero for what went out, with the decimals of the currency.
    pub(crate) amount: Decimal,
}

/// Writes an export piece by piece.
pub(crate) struct Writer {
    format: Format,
    subject: Subject,
}

impl Writer {
    pub(crate) fn new(format: Format, subject: Subject) -> Self {
        Self { format, subject }
    }

    /// What stands before the rows.
    pub(crate) fn head(&self) -> Result<Vec<u8>, Error> {
        match self.format {
            Format::Csv => spreadsheet::head(),
            Format::Ofx => Ok(ofx::head(&self.subject).into_bytes()),
            Format::Qif => Ok(qif::head(&self.subject).into_bytes()),
        }
    }

    pub(crate) fn lines(&self, lines: &[Line]) -> Result<Vec<u8>, Error> {
        match self.format {
            Format::Csv => spreadsheet::lines(&self.subject, lines),
            Format::Ofx => Ok(lines.iter().map(ofx::line).collect::<String>().into_bytes()),
            Format::Qif => Ok(lines.iter().map(qif::line).collect::<String>().into_bytes()),
        }
    }

    /// What stands behind the rows.
    pub(crate) fn foot(&self) -> Vec<u8> {
        match self.format {
            Format::Ofx => ofx::foot(&self.subject).into_bytes(),
            Format::Csv | Format::Qif => Vec::new(),
        }
    }
}
