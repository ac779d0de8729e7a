use super::{DateFormat, DecimalMark, Encoding};
use kernel::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A column: its name in the header, whatever its case and accents, or `#3` for the third.
pub(crate) type ColumnName = Text<1, 100>;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub(crate) enum Delimiter {
    /// `,`
    #[default]
    #[serde(rename = ",")]
    Comma,
    /// `;`
    #[serde(rename = ";")]
    Semicolon,
    /// A tab; also said as the word `tab`.
    #[serde(rename = "tab", alias = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Bar,
}

impl Delimiter {
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
            Self::Bar => "bars",
        }
    }
}

/// What the sign of an amount means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sign {
    /// Below zero is an expense.
    #[default]
    ExpensesNegative,
    /// Above zero is an expense, as credit cards write it.
    ExpensesPositive,
}

/// How a bank's CSV is to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ColumnMapping {
    /// Where the date stands.
    pub(crate) date: ColumnName,
    /// Where the description stands: 1 to 4 columns, joined by a space.
    #[schema(min_items = 1, max_items = 4)]
    pub(crate) description: Vec<ColumnName>,
    /// Where the signed amount stands. Either this, or `debit` and `credit`.
    #[serde(default)]
    pub(crate) amount: Option<ColumnName>,
    /// Where what went out stands, without a sign.
    #[serde(default)]
    pub(crate) debit: Option<ColumnName>,
    /// Where what came in stands, without a sign.
    #[serde(default)]
    pub(crate) credit: Option<ColumnName>,
    /// Where the category stands, if the file has one.
    #[serde(default)]
    pub(crate) category: Option<ColumnName>,
    /// Where the bank's own reference of the row stands, which is unique on the account.
    #[serde(default)]
    pub(crate) reference: Option<ColumnName>,
    /// How dates are written.
    #[serde(default)]
    pub(crate) date_format: DateFormat,
    /// What stands before the decimals.
    #[serde(default)]
    pub(crate) decimal_mark: DecimalMark,
    /// What the sign of the amount means.
    #[serde(default)]
    pub(crate) sign: Sign,
    /// What stands between two cells.
    #[serde(default)]
    pub(crate) delimiter: Delimiter,
    /// How letters are written; UTF-8 when it is left out.
    #[serde(default)]
    pub(crate) encoding: Option<Encoding>,
    /// How many lines stand before the header, or before the first row where there is none.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub(crate) skip_lines: u8,
    /// Whether the first line names the columns. Without one every column is named by its number.
    #[serde(default = "yes")]
    pub(crate) has_header: bool,
}

fn yes() -> bool {
    true
}

impl ColumnMapping {
    /// Checks what a single field cannot say.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.description.is_empty() || self.description.len() > 4 {
            return Err(("description", "must name 1 to 4 columns".to_owned()));
        }
        match (&self.amount, &self.debit, &self.credit) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => {}
            _ => {
                let message = "must name one column with signed amounts, or be left out where 'debit' and 'credit' name two";
                return Err(("amount", message.to_owned()));
            }
        }
        if self.skip_lines > 100 {
            return Err(("skip_lines", "must be 0 to 100".to_owned()));
        }
        let unnamed = self.columns().find(|(_, column)| number(column).is_none());
        match unnamed {
            Some((field, _)) if !self.has_header => Err((
                field,
                "must be a number such as #1: the file has no header".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn columns(&self) -> impl Iterator<Item = (&'static str, &ColumnName)> {
        let single = [
            ("date", Some(&self.date)),
            ("amount", self.amount.as_ref()),
            ("debit", self.debit.as_ref()),
            ("credit", self.credit.as_ref()),
            ("category", self.category.as_ref()),
            ("reference", self.reference.as_ref()),
        ];
        let single = single
            .into_iter()
            .filter_map(|(field, column)| column.map(|column| (field, column)));
        single.chain(self.description.iter().map(|column| ("description", column)))
    }
}

/// The place of a column that is named by its number, from 0.
pub(crate) fn number(column: &str) -> Option<usize> {
    let number: usize = column.strip_prefix('#')?.parse().ok()?;
    number.checked_sub(1).filter(|place| *place < 1_000)
}
