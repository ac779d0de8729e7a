use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecimalMark {
    /// 1,234.50.
    #[default]
    Point,
    /// 1.234,50.
    Comma,
}

/// Reads a signed decimal whose mark is not declared. Commas are understood as thousands separators only where they can
/// be nothing else.
pub(crate) fn amount(text: &str) -> Result<Decimal, String> {
    let wrong = || {
        "must be a decimal number such as -1250.50, with a point before the decimals and no currency sign"
            .to_owned()
    };
    let ambiguous = || "has a comma that may be a decimal point or a separator: write 1234.50".to_owned();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = if unsigned.contains(',') {
        let (whole, fraction) = unsigned.split_once('.').ok_or_else(ambiguous)?;
        let whole = without_separators(whole, &[',']).ok_or_else(ambiguous)?;
        if fraction.contains(',') {
            return Err(ambiguous());
        }
        format!("{whole}.{fraction}")
    } else {
        unsigned.to_owned()
    };
    let amount = digits(&plain).ok_or_else(wrong)??;
    Ok(if text.starts_with('-') { -amount } else { amount })
}

/// Reads a signed decimal whose mark is declared: thousands may stand apart, a currency's sign or code may stand at
/// either end, and `(12.50)` and `12.50-` are below zero.
pub(crate) fn amount_with(mark: DecimalMark, text: &str) -> Result<Decimal, String> {
    let wrong = || match mark {
        DecimalMark::Point => "must be a number such as -1,234.50".to_owned(),
        DecimalMark::Comma => "must be a number such as -1.234,50".to_owned(),
    };
    let (point, separators): (char, &[char]) = match mark {
        DecimalMark::Point => ('.', &[',', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}']),
        DecimalMark::Comma => (',', &['.', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}']),
    };
    let (negative, unsigned) = sign(text);
    let (whole, fraction) = match unsigned.split_once(point) {
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, "0"),
    };
    let whole = without_separators(whole, separators).ok_or_else(wrong)?;
    let amount = digits(&format!("{whole}.{fraction}")).ok_or_else(wrong)??;
    Ok(if negative { -amount } else { amount })
}

/// Whether a figure is below zero, and what is left of it without signs and currency.
fn sign(text: &str) -> (bool, &str) {
    let mut negative = false;
    let mut rest = bare(text);
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (negative, rest) = (true, bare(inner));
    }
    if let Some(inner) = rest
        .strip_prefix(['-', '\u{2212}'])
        .or_else(|| rest.strip_suffix(['-', '\u{2212}']))
    {
        return (!negative, bare(inner));
    }
    if let Some(inner) = rest.strip_prefix('+').or_else(|| rest.strip_suffix('+')) {
        rest = bare(inner);
    }
    (negative, rest)
}

/// Without space and a currency's sign or code at either end.
fn bare(text: &str) -> &str {
    let sign = |letter: char| matches!(letter, '$' | '€' | '£' | '₹' | '¥');
    let mut text = text.trim().trim_matches(sign).trim();
    for code in [
        text.get(..3),
        text.len().checked_sub(3).and_then(|at| text.get(at..)),
    ] {
        if let Some(code) = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_uppercase())) {
            text = text
                .strip_prefix(code)
                .or_else(|| text.strip_suffix(code))
                .unwrap_or(text)
                .trim();
            break;
        }
    }
    text
}

/// The number of plain digits; nothing for anything else.
fn digits(plain: &str) -> Option<Result<Decimal, String>> {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let amount = plain.parse::<kernel::Amount>();
    Some(amount.map(|amount| amount.0).map_err(|error| error.to_string()))
}

/// `1,234` and `1,23,456` become `1234` and `123456`; what is not in groups of three, or in the Indian way, is nothing.
fn without_separators(whole: &str, separators: &[char]) -> Option<String> {
    let groups: Vec<&str> = whole.split(separators).collect();
    let (first, rest) = groups.split_first()?;
    let Some((last, middle)) = rest.split_last() else {
        return Some((*first).to_owned());
    };
    let western = middle.iter().all(|group| group.len() == 3) && (1..=3).contains(&first.len());
    let indian = middle.iter().all(|group| group.len() == 2) && (1..=2).contains(&first.len());
    (last.len() == 3 && (western || indian)).then(|| groups.concat())
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
    fn a_declared_mark_leaves_nothing_to_guess() {
        for (mark, text, value) in [
            (DecimalMark::Comma, "1.234,50", "1234.50"),
            (DecimalMark::Comma, "-1 234,5", "-1234.5"),
            (DecimalMark::Comma, "1,234", "1.234"),
            (DecimalMark::Comma, "€ 12,00-", "-12.00"),
            (DecimalMark::Comma, "1.234", "1234.0"),
            (DecimalMark::Point, "1,234", "1234.0"),
            (DecimalMark::Point, "(1,234.50)", "-1234.50"),
            (DecimalMark::Point, "$-3.20", "-3.20"),
            (DecimalMark::Point, "-₹1,23,456.00", "-123456.00"),
            (DecimalMark::Point, "EUR 7.10", "7.10"),
            (DecimalMark::Point, "7.10 EUR", "7.10"),
            (DecimalMark::Point, "1'234.50", "1234.50"),
        ] {
            assert_eq!(amount_with(mark, text).unwrap().to_string(), value, "{text}");
        }
        for (mark, text) in [
            (DecimalMark::Comma, "1,234.50"),
            (DecimalMark::Point, "1.234,50"),
            (DecimalMark::Point, "12,34"),
            (DecimalMark::Point, "--4"),
            (DecimalMark::Point, ""),
            (DecimalMark::Point, "."),
            (DecimalMark::Point, "EUR"),
            (DecimalMark::Point, "4 euros"),
            (DecimalMark::Comma, "1e3"),
        ] {
            assert!(amount_with(mark, text).is_err(), "{text}");
        }
    }
}
