use super::requests::QuoteRow;
use crate::{csv_file, error::Error, symbol::Symbol};
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate};
use std::collections::HashSet;

/// Where quotes come from.
pub(crate) trait QuoteFeed {
    /// All quotes that it has at the moment; refused as a whole when one of them is wrong.
    fn quotes(&self) -> Result<Vec<QuoteRow>, Error>;
}

/// A file with the columns `symbol`, `date` and `price`, and, if there is one, `adjusted` (`true` or `false`).
pub(crate) struct CsvFeed<'a>(pub(crate) &'a [u8]);

impl QuoteFeed for CsvFeed<'_> {
    fn quotes(&self) -> Result<Vec<QuoteRow>, Error> {
        let mut seen: HashSet<(String, NaiveDate)> = HashSet::new();
        csv_file::read(self.0, &["symbol", "date", "price"], |row| {
            let quote = QuoteRow {
                symbol: row.required::<Symbol>("symbol")?,
                date: row.required::<CalendarDate>("date")?,
                price: row.required::<Amount>("price")?,
                adjusted: row
                    .optional::<bool>("adjusted")
                    .map_err(|_| "adjusted must be true or false".to_owned())?,
            };
            quote
                .check()
                .map_err(|(field, message)| format!("{field} {message}"))?;
            match seen.insert((quote.symbol.to_string(), quote.date.date())) {
                true => Ok(quote),
                false => Err("gives the price of a symbol on a day again".to_owned()),
            }
        })
    }
}
