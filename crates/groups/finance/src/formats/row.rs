use chrono::NaiveDate;
use kernel::Text;
use rust_decimal::Decimal;

/// One row of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) date: NaiveDate,
    pub(crate) description: String,
    /// Below zero for an expense.
    pub(crate) amount: Decimal,
    /// The category that the file names, in folded form.
    pub(crate) category: Option<String>,
    /// What the file calls the row: unique on its account, and the same in every file.
    pub(crate) reference: Option<String>,
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parsed {
    /// Which, from 1: of the rows after the header, or of the transactions of the file.
    pub(crate) number: u32,
    /// The row, or what is wrong with it.
    pub(crate) row: Result<Row, Vec<Complaint>>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Which column or tag; `row` for the whole row.
    pub(crate) field: String,
    /// What is wrong and what would be right.
    pub(crate) message: String,
}

impl Complaint {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// About a row as a whole.
    pub(crate) fn of_row(message: impl Into<String>) -> Self {
        Self::new("row", message)
    }
}

/// A description as a person would write it in one line.
pub(crate) fn description(text: &str) -> Result<String, String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Text::<0, 500>::parse(&line).map(Text::into_string)
}

/// A description in a spreadsheet. One that the spreadsheet would run as a formula is refused.
pub(crate) fn spreadsheet_description(text: &str) -> Result<String, String> {
    let text = Text::<0, 500>::parse(text)?;
    let signed = text.starts_with(['+', '-']) && text.contains(['(', '|', '!']);
    if text.starts_with(['=', '@']) || signed {
        return Err("must not begin like a spreadsheet formula".to_owned());
    }
    Ok(text.into_string())
}

/// A category in folded form; none for nothing.
pub(crate) fn category(text: &str) -> Result<Option<String>, String> {
    let text = Text::<0, 64>::parse(text)?;
    let folded = kernel::fold(&text);
    Ok(Some(folded).filter(|folded| !folded.is_empty()))
}

/// A reference; none for nothing.
pub(crate) fn reference(text: &str) -> Result<Option<String>, String> {
    let text = Text::<0, 255>::parse(text)?;
    Ok(Some(text.into_string()).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_no_descriptions_of_a_spreadsheet() {
        for text in [
            "=HYPERLINK(\"x\")",
            "@SUM(A1)",
            "-2+3+cmd|' /C calc'!A0",
            "+(1)",
            "a\u{0}b",
        ] {
            assert!(spreadsheet_description(text).is_err(), "{text}");
        }
        for text in ["Coffee", "- fee", "+91 98765", "", "5\" pipe"] {
            assert!(spreadsheet_description(text).is_ok(), "{text}");
        }
    }
}
