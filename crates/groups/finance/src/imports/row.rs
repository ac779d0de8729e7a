use chrono::NaiveDate;
use kernel::{CalendarDate, Text};
use rust_decimal::Decimal;

/// One row of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) date: NaiveDate,
    pub(crate) description: String,
    /// Below zero for an expense.
    pub(crate) amount: Decimal,
}

/// Reads a date in the ISO form.
pub(crate) fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse::<CalendarDate>().map(CalendarDate::date).map_err(|_| {
        "must be an ISO date such as 2026-03-31, between 1900-01-01 and 2199-12-31; other forms are not \
         guessed: 01/02 may be January or February"
            .to_owned()
    })
}

/// Reads a description. One that a spreadsheet would run as a formula is refused.
pub(crate) fn description(text: &str) -> Result<String, String> {
    let text = Text::<0, 500>::parse(text)?;
    let signed = text.starts_with(['+', '-']) && text.contains(['(', '|', '!']);
    if text.starts_with(['=', '@']) || signed {
        return Err("must not begin like a spreadsheet formula".to_owned());
    }
    Ok(text.into_string())
}

/// Reads a signed decimal. Commas are understood as thousands separators only where they can be nothing else.
pub(crate) fn amount(text: &str) -> Result<Decimal, String> {
    let wrong = || {
        "must be a decimal number such as -1250.50, with a point before the decimals and no currency sign"
            .to_owned()
    };
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let negative = text.starts_with('-');
    let plain = if unsigned.contains(',') {
        without_separators(unsigned)?
    } else {
        unsigned.to_owned()
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain.as_str(), "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let amount = plain
        .parse::<kernel::Amount>()
        .map_err(|error| error.to_string())?
        .0;
    Ok(if negative { -amount } else { amount })
}

/// `1,234.50` and `1,23,456.00` become `1234.50` and `123456.00`; anything that could mean something else is refused.
fn without_separators(text: &str) -> Result<String, String> {
    let ambiguous = || "has a comma that may be a decimal point or a separator: write 1234.50".to_owned();
    let (whole, fraction) = text.split_once('.').ok_or_else(ambiguous)?;
    let groups: Vec<&str> = whole.split(',').collect();
    let (first, rest) = groups.split_first().ok_or_else(ambiguous)?;
    let (last, middle) = rest.split_last().ok_or_else(ambiguous)?;
    let western = middle.iter().all(|group| group.len() == 3) && (1..=3).contains(&first.len());
    let indian = middle.iter().all(|group| group.len() == 2) && (1..=2).contains(&first.len());
    if last.len() != 3 || !(western || indian) || fraction.contains(',') {
        return Err(ambiguous());
    }
    Ok(format!("{}.{fraction}", groups.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        for (text, value) in [
            ("-4.00", "-4.00"),
            ("+4", "4"),
            ("-5000", "-5000"),
            ("1,234.50", "1234.50"),
            ("-1,23,456.00", "-123456.00"),
            ("1,234,567.8", "1234567.8"),
        ] {
            assert_eq!(amount(text).unwrap().to_string(), value, "{text}");
        }
        for text in [
            "",
            "-",
            "1,234",
            "1.234,50",
            "12,34.50",
            "1,2345.00",
            "$4",
            "4 EUR",
            "(4.00)",
            "NaN",
            "1e3",
            "--4",
            "=1+1",
            "4.",
            ".5",
            "1234567890123456789012345678901234567890",
            "٣",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn formulas_are_no_descriptions() {
        for text in [
            "=HYPERLINK(\"x\")",
            "@SUM(A1)",
            "-2+3+cmd|' /C calc'!A0",
            "+(1)",
            "a\u{0}b",
        ] {
            assert!(description(text).is_err(), "{text}");
        }
        for text in ["Coffee", "- fee", "+91 98765", "", "5\" pipe"] {
            assert!(description(text).is_ok(), "{text}");
        }
    }
}
