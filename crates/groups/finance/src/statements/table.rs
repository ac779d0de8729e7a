use crate::{error::Error, formats::neutral};
use kernel::CallError;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How figures are written out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A JSON object.
    #[default]
    Json,
    /// Comma-separated values (RFC 4180) with a line of names.
    Csv,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Somebody's words: never a formula.
    Text(String),
    /// A figure.
    Figure(Decimal),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<Decimal> for Cell {
    fn from(figure: Decimal) -> Self {
        Cell::Figure(figure)
    }
}

/// Rows under a line of names.
pub(crate) struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: a cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As CSV. A text that a spreadsheet would take for a formula gets an apostrophe in front.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Error> {
        let wrong = |error: csv::Error| Error::from(CallError::internal(error));
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(&self.columns).map_err(wrong)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => neutral(text).into_owned(),
                Cell::Figure(figure) => figure.to_string(),
            });
            writer.write_record(cells).map_err(wrong)?;
        }
        writer
            .into_inner()
            .map_err(|error| CallError::internal(error.to_string()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_a_text_and_a_figure_stays_one() {
        let mut table = Table::new(&["name", "amount"]);
        table.row(["=HYPERLINK(\"http://x\")".into(), Decimal::new(-1250, 2).into()]);
        table.row(["a \"b\", c".into(), Decimal::new(0, 2).into()]);
        let written = String::from_utf8(table.csv().unwrap()).unwrap();
        assert_eq!(
            written,
            "name,amount\r\n\"'=HYPERLINK(\"\"http://x\"\")\",-12.50\r\n\"a \"\"b\"\", c\",0.00\r\n"
        );
    }
}
