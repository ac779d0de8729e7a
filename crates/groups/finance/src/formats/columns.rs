use super::{
    DateFormat, DecimalMark, amount, amount_with, file_error,
    mapping::{ColumnMapping, Sign, number},
    original,
    row::{self, Complaint, Row},
    spreadsheet::EXPORT_COLUMNS,
};
use crate::error::Error;
use kernel::{Currency, Text};
use rust_decimal::Decimal;

/// Where the cells of a row stand and how they are read.
#[derive(Debug)]
pub(crate) struct Columns {
    /// How many cells a row must have; none where no header says it.
    width: Option<usize>,
    date: Column,
    description: Vec<Column>,
    amount: AmountColumns,
    category: Option<Column>,
    reference: Option<Column>,
    currency: Option<Column>,
    date_format: DateFormat,
    /// None where amounts are read without a declared mark.
    mark: Option<DecimalMark>,
    sign: Sign,
    /// Whether the file is our own export, whose texts were made neutral.
    ours: bool,
}

#[derive(Debug)]
struct Column {
    /// As complaints name it.
    name: String,
    place: usize,
}

#[derive(Debug)]
enum AmountColumns {
    Signed(Column),
    Apart { debit: Column, credit: Column },
}

impl Columns {
    /// The columns `Date`, `Description` and `Amount` in any order; others are ignored. In our own export the category
    /// and the id of the transaction are read too.
    pub(crate) fn usual(header: &[&str]) -> Result<Self, Error> {
        let find = |name: &str, shown: &str| -> Result<Column, Error> {
            let missing = || {
                file_error(format!(
                    "has no column '{name}': the first line must name Date, Description and Amount, separated by \
                     commas; another layout needs a mapping"
                ))
            };
            let place = place_of(header, name)?.ok_or_else(missing)?;
            Ok(Column {
                name: shown.to_owned(),
                place,
            })
        };
        let ours = EXPORT_COLUMNS
            .iter()
            .all(|column| header.iter().any(|cell| cell.trim() == *column));
        let of_ours = |name: &str| {
            if ours {
                find(&kernel::fold(name), name).map(Some)
            } else {
                Ok(None)
            }
        };
        Ok(Self {
            width: Some(header.len()),
            date: find("date", "Date")?,
            description: vec![find("description", "Description")?],
            amount: AmountColumns::Signed(find("amount", "Amount")?),
            category: of_ours("Category")?,
            reference: of_ours("Transaction Id")?,
            currency: of_ours("Currency")?,
            date_format: DateFormat::Iso,
            mark: None,
            sign: Sign::ExpensesNegative,
            ours,
        })
    }

    /// The columns that a mapping names.
    pub(crate) fn mapped(mapping: &ColumnMapping, header: Option<&[&str]>) -> Result<Self, Error> {
        let find = |name: &str| -> Result<Column, Error> {
            let column = |place| Column {
                name: name.to_owned(),
                place,
            };
            if let Some(place) = number(name) {
                return Ok(column(place));
            }
            let missing = || {
                file_error(format!(
                    "has no column '{name}', which the mapping names; are its cells separated by {}?",
                    mapping.delimiter.name()
                ))
            };
            let place = place_of(header.unwrap_or_default(), &kernel::fold(name))?.ok_or_else(missing)?;
            Ok(column(place))
        };
        let optional = |name: Option<&super::ColumnName>| name.map(|name| find(name)).transpose();
        let amount = match (&mapping.amount, &mapping.debit, &mapping.credit) {
            (Some(amount), ..) => AmountColumns::Signed(find(amount)?),
            (None, Some(debit), Some(credit)) => AmountColumns::Apart {
                debit: find(debit)?,
                credit: find(credit)?,
            },
            _ => return Err(Error::invalid("mapping_id", "names no column for amounts")),
        };
        Ok(Self {
            width: header.map(<[&str]>::len),
            date: find(&mapping.date)?,
            description: mapping
                .description
                .iter()
                .map(|name| find(name))
                .collect::<Result<_, _>>()?,
            amount,
            category: optional(mapping.category.as_ref())?,
            reference: optional(mapping.reference.as_ref())?,
            currency: None,
            date_format: mapping.date_format,
            mark: Some(mapping.decimal_mark),
            sign: mapping.sign,
            ours: false,
        })
    }

    /// Reads the cells of a row.
    pub(crate) fn read(&self, cells: &[&str], currency: Currency) -> Result<Row, Vec<Complaint>> {
        if let Some(width) = self.width
            && cells.len() != width
        {
            let message = format!("has {} columns where the header has {width}", cells.len());
            return Err(vec![Complaint::of_row(message)]);
        }
        let mut complaints = Vec::new();
        let date = noted(
            &mut complaints,
            &self.date,
            cell(cells, &self.date).and_then(|text| self.date_format.read(text)),
        );
        let description = self.read_description(&mut complaints, cells);
        let amount = self.read_amount(&mut complaints, cells);
        let mut optional = |column: &Option<Column>, read: fn(&str) -> Result<Option<String>, String>| {
            let column = column.as_ref()?;
            let text = cell(cells, column).map(|text| if self.ours { original(text) } else { text });
            noted(&mut complaints, column, text.and_then(read)).flatten()
        };
        let category = optional(&self.category, row::category);
        let reference = optional(&self.reference, row::reference);
        if let Some(column) = &self.currency {
            let told = cell(cells, column).and_then(|text| match text == currency.code() {
                true => Ok(()),
                false => Err(format!("is {text}, and the account takes only {currency}")),
            });
            noted(&mut complaints, column, told);
        }
        match (date, description, amount) {
            (Some(date), Some(description), Some(amount)) if complaints.is_empty() => Ok(Row {
                date,
                description,
                amount,
                category,
                reference,
            }),
            _ => Err(complaints),
        }
    }

    fn read_description(&self, complaints: &mut Vec<Complaint>, cells: &[&str]) -> Option<String> {
        let mut parts = Vec::new();
        for column in &self.description {
            let text = noted(complaints, column, cell(cells, column))?;
            parts.push(if self.ours { original(text) } else { text });
        }
        parts.retain(|part| !part.is_empty());
        let text = parts.join(" ");
        let read = match self.ours {
            true => Text::<0, 500>::parse(&text).map(Text::into_string),
            false => row::spreadsheet_description(&text),
        };
        noted(complaints, self.description.first()?, read)
    }

    fn read_amount(&self, complaints: &mut Vec<Complaint>, cells: &[&str]) -> Option<Decimal> {
        let figure = |text: &str| match self.mark {
            None => amount(text),
            Some(mark) => amount_with(mark, text),
        };
        match &self.amount {
            AmountColumns::Signed(column) => {
                let read = noted(complaints, column, cell(cells, column).and_then(figure))?;
                Some(match self.sign {
                    Sign::ExpensesNegative => read,
                    Sign::ExpensesPositive => -read,
                })
            }
            AmountColumns::Apart { debit, credit } => {
                let mut side = |column: &Column| {
                    let read = cell(cells, column).and_then(|text| match text {
                        "" => Ok(Decimal::ZERO),
                        text => figure(text),
                    });
                    noted(complaints, column, read)
                };
                let (out, came) = (side(debit)?, side(credit)?);
                if !out.is_zero() && !came.is_zero() {
                    let message = format!(
                        "and {} both hold an amount: one of them must be empty",
                        credit.name
                    );
                    complaints.push(Complaint::new(&debit.name, message));
                    return None;
                }
                // Some banks write what went out with a minus in its own column.
                Some(came - out.abs())
            }
        }
    }
}

fn cell<'a>(cells: &[&'a str], column: &Column) -> Result<&'a str, String> {
    let cell = cells.get(column.place).map(|cell| cell.trim());
    cell.ok_or_else(|| "is missing: the row has too few cells".to_owned())
}

fn noted<T>(complaints: &mut Vec<Complaint>, column: &Column, read: Result<T, String>) -> Option<T> {
    read.map_err(|message| complaints.push(Complaint::new(&column.name, message)))
        .ok()
}

fn place_of(header: &[&str], folded: &str) -> Result<Option<usize>, Error> {
    let mut places = header
        .iter()
        .enumerate()
        .filter(|(_, cell)| kernel::fold(cell) == folded)
        .map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(_), Some(_)) => Err(file_error(format!("has two columns '{folded}'"))),
        (place, _) => Ok(place),
    }
}
