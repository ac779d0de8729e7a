use super::{opening::is_opening_balance, requests::RowError};
use crate::{
    balances::plus,
    error::Error,
    formats::{Parsed, Row},
    transactions::check_amount,
};
use chrono::NaiveDate;
use kernel::{CallError, Currency, FieldError};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How many rows one file may have.
pub(crate) const MOST_ROWS: u32 = 250_000;

/// How many wrong rows are told at most.
const MOST_ERRORS: usize = 100;

/// What is known of a file once every row was looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// How many rows there are.
    pub(crate) rows: u32,
    /// What is wrong with them; 100 at most.
    pub(crate) errors: Vec<RowError>,
    /// The first day of the right rows.
    pub(crate) first: Option<NaiveDate>,
    /// The last day that tells what was there before.
    pub(crate) last_opening: Option<NaiveDate>,
    /// The sum of what came in.
    pub(crate) income: Decimal,
    /// The sum of what went out, without the sign.
    pub(crate) expenses: Decimal,
}

impl Checked {
    /// Looks at a row.
    pub(crate) fn look(&mut self, parsed: &Parsed, currency: Currency) -> Result<(), Error> {
        self.rows += 1;
        if self.rows > MOST_ROWS {
            return Err(Error::invalid(
                "file",
                format!("may have at most {MOST_ROWS} rows: send it in several files, cut between two days"),
            ));
        }
        let row = match &parsed.row {
            Ok(row) => row,
            Err(complaints) => {
                for complaint in complaints {
                    self.refuse(parsed.number, &complaint.field, &complaint.message);
                }
                return Ok(());
            }
        };
        if let Err(message) = check_figure(row, currency) {
            self.refuse(parsed.number, "Amount", &message);
            return Ok(());
        }
        if row.amount.is_sign_negative() {
            self.expenses = plus(self.expenses, -row.amount)?;
        } else {
            self.income = plus(self.income, row.amount)?;
        }
        self.first = Some(self.first.map_or(row.date, |first| first.min(row.date)));
        if row.reference.is_none() && is_opening_balance(&row.description) {
            self.last_opening = Some(self.last_opening.map_or(row.date, |last| last.max(row.date)));
        }
        Ok(())
    }

    /// 422 that names the rows.
    pub(crate) fn refused(&self) -> Error {
        let details = self.errors.iter().map(|error| {
            let message = match error.field.as_str() {
                "row" => error.message.clone(),
                column => format!("{column} {}", error.message),
            };
            FieldError::new(format!("row {}", error.row), message)
        });
        CallError::Invalid {
            details: details.collect(),
        }
        .into()
    }

    fn refuse(&mut self, row: u32, field: &str, message: &str) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(RowError {
                row,
                field: field.to_owned(),
                message: message.to_owned(),
            });
        }
    }
}

/// Refuses an amount that is too large, or finer than the account's currency. 0 moves nothing and is skipped later.
pub(crate) fn check_figure(row: &Row, currency: Currency) -> Result<(), String> {
    match row.amount.is_zero() {
        true => Ok(()),
        false => check_amount(row.amount.abs(), currency).map(drop),
    }
}
