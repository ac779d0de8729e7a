use super::{
    requests::RowError,
    row::{self, Row},
};
use crate::error::Error;
use csv::{ByteRecord, ReaderBuilder, StringRecord};

/// How many rows one file may have.
const MOST_ROWS: usize = 50_000;

/// How many wrong rows are told at most.
const MOST_ERRORS: usize = 100;

/// A file that could be read.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    /// The rows that are right, in the order of the file.
    pub(crate) rows: Vec<Row>,
    /// The numbers of those rows, from 1 after the header.
    pub(crate) numbers: Vec<u32>,
    /// How many rows there are.
    pub(crate) count: usize,
    /// What is wrong with the others; 100 at most.
    pub(crate) errors: Vec<RowError>,
}

impl Statement {
    /// Notes what is wrong with a row.
    pub(crate) fn refuse(&mut self, row: u32, field: &str, message: String) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(RowError {
                row,
                field: field.to_owned(),
                message,
            });
        }
    }
}

/// Where the columns stand.
struct Columns {
    date: usize,
    description: usize,
    amount: usize,
}

/// Reads a statement: rows and what is wrong with them. What makes the whole file unreadable is an error.
pub(crate) fn read(bytes: &[u8]) -> Result<Statement, Error> {
    let text = text_of(bytes)?;
    check_quotes(text)?;
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(unreadable)?.clone();
    let columns = columns(&header)?;
    let mut statement = Statement::default();
    let mut record = StringRecord::new();
    let mut bytes = ByteRecord::new();
    while reader.read_byte_record(&mut bytes).map_err(unreadable)? {
        if bytes.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace)) {
            continue;
        }
        statement.count += 1;
        if statement.count > MOST_ROWS {
            return Err(file_error(format!(
                "may have at most {MOST_ROWS} rows: send it in several files, cut between two days"
            )));
        }
        record.clear();
        record.extend(bytes.iter().map(String::from_utf8_lossy).collect::<Vec<_>>());
        read_row(&mut statement, &record, &columns, header.len());
    }
    Ok(statement)
}

fn read_row(statement: &mut Statement, record: &StringRecord, columns: &Columns, width: usize) {
    let number = u32::try_from(statement.count).unwrap_or(u32::MAX);
    if record.len() != width {
        let message = format!("has {} columns where the header has {width}", record.len());
        return statement.refuse(number, "row", message);
    }
    let cell = |index: usize| record.get(index).unwrap_or_default().trim();
    let date = row::date(cell(columns.date));
    let description = row::description(cell(columns.description));
    let amount = row::amount(cell(columns.amount));
    match (date, description, amount) {
        (Ok(date), Ok(description), Ok(amount)) => {
            statement.numbers.push(number);
            statement.rows.push(Row {
                date,
                description,
                amount,
            });
        }
        (date, description, amount) => {
            let errors = [
                ("Date", date.err()),
                ("Description", description.err()),
                ("Amount", amount.err()),
            ];
            for (field, error) in errors {
                if let Some(message) = error {
                    statement.refuse(number, field, message);
                }
            }
        }
    }
}

fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| file_error("is not UTF-8: save it as 'CSV UTF-8' and send it again"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\u{0}') {
        return Err(file_error("contains NUL characters: it is not a text file"));
    }
    if text.trim().is_empty() {
        return Err(file_error(
            "is empty: the first line names the columns Date, Description, Amount",
        ));
    }
    Ok(text)
}

fn columns(header: &StringRecord) -> Result<Columns, Error> {
    let find = |name: &str| {
        let mut places = header
            .iter()
            .enumerate()
            .filter(|(_, cell)| kernel::fold(cell) == name)
            .map(|(index, _)| index);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (None, _) => Err(file_error(format!(
                "has no column '{name}': the first line must name Date, Description and Amount, separated by commas"
            ))),
            (Some(_), Some(_)) => Err(file_error(format!("has two columns '{name}'"))),
        }
    };
    Ok(Columns {
        date: find("date")?,
        description: find("description")?,
        amount: find("amount")?,
    })
}

/// Refuses a quote that is never closed, and text after a closing quote: a lenient reader would swallow rows.
fn check_quotes(text: &str) -> Result<(), Error> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut at, mut line, mut opened) = (At::Start, 1_usize, 1_usize);
    for letter in text.chars() {
        at = match (at, letter) {
            (At::Start, '"') => {
                opened = line;
                At::Quoted
            }
            (At::Quoted, '"') => At::Closed,
            (At::Closed, '"') => At::Quoted,
            (At::Quoted, _) => At::Quoted,
            (_, ',' | '\n' | '\r') => At::Start,
            (At::Closed, _) => {
                return Err(file_error(format!(
                    "has text after a closing quote in line {line}"
                )));
            }
            (At::Start | At::Plain, _) => At::Plain,
        };
        line += usize::from(letter == '\n');
    }
    if at == At::Quoted {
        return Err(file_error(format!(
            "has a quote in line {opened} that is never closed"
        )));
    }
    Ok(())
}

fn unreadable(_: csv::Error) -> Error {
    file_error("cannot be read as CSV")
}

fn file_error(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Fault;

    fn complaint(bytes: &[u8]) -> String {
        read(bytes).unwrap_err().details()[0].message.clone()
    }

    #[test]
    fn columns_stand_in_any_order_and_more_are_ignored() {
        let text = "\u{feff}amount,Balance, DESCRIPTION ,date\r\n-4.00,7,\"Fee, \"\"monthly\"\"\",2024-01-04\r\n\r\n";
        let statement = read(text.as_bytes()).unwrap();
        assert_eq!((statement.count, statement.errors.len()), (1, 0));
        assert_eq!(statement.rows[0].description, "Fee, \"monthly\"");
        assert_eq!(statement.rows[0].amount.to_string(), "-4.00");
    }

    #[test]
    fn wrong_rows_are_named_by_number_and_column() {
        let text = "Date,Description,Amount\n2024-01-01,a,1\n04/01/2024,b,x\n2024-01-02,c\n";
        let statement = read(text.as_bytes()).unwrap();
        let named: Vec<(u32, &str)> = statement
            .errors
            .iter()
            .map(|error| (error.row, error.field.as_str()))
            .collect();
        assert_eq!(named, [(2, "Date"), (2, "Amount"), (3, "row")]);
        assert!(statement.errors[0].message.contains("ISO"));
    }

    #[test]
    fn what_is_no_statement_is_refused_with_a_reason() {
        assert!(complaint(b"").contains("empty"));
        assert!(complaint(b"Date,Description,Amount\n2024-01-01,caf\xe9,1\n").contains("UTF-8"));
        assert!(complaint(b"Date,Description,Amount\n2024-01-01,a\0b,1\n").contains("NUL"));
        assert!(complaint(b"Date;Description;Amount\n").contains("commas"));
        assert!(complaint(b"Date,Amount\n").contains("description"));
        assert!(complaint(b"Date,Description,Amount,Amount\n").contains("two columns"));
        assert!(complaint(b"Date,Description,Amount\n2024-01-01,\"a,1\n").contains("line 2"));
        assert!(
            complaint(b"Date,Description,Amount\n2024-01-01,\"a\"b,1\n").contains("after a closing quote")
        );
        let line = format!("Date,Description,Amount\n2024-01-01,{},1\n", "x".repeat(10 << 20));
        let statement = read(line.as_bytes()).unwrap();
        assert_eq!(statement.errors[0].field, "Description");
    }
}
