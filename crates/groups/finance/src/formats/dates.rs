use chrono::{Datelike, NaiveDate};
use kernel::CalendarDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a file writes dates. Days and months may have one digit or two where something stands between them. A year of two
/// digits is 1970 to 2069.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub(crate) enum DateFormat {
    /// The ISO form: 2026-03-31.
    #[default]
    #[serde(rename = "YYYY-MM-DD")]
    Iso,
    /// 2026/03/31.
    #[serde(rename = "YYYY/MM/DD")]
    YearSlashes,
    /// 20260331.
    #[serde(rename = "YYYYMMDD")]
    Compact,
    /// 31/03/2026.
    #[serde(rename = "DD/MM/YYYY")]
    DaySlashes,
    /// 31-03-2026.
    #[serde(rename = "DD-MM-YYYY")]
    DayDashes,
    /// 31.03.2026.
    #[serde(rename = "DD.MM.YYYY")]
    DayPoints,
    /// 31/03/26.
    #[serde(rename = "DD/MM/YY")]
    DayShort,
    /// 31.03.26.
    #[serde(rename = "DD.MM.YY")]
    DayPointsShort,
    /// 03/31/2026.
    #[serde(rename = "MM/DD/YYYY")]
    MonthSlashes,
    /// 03-31-2026.
    #[serde(rename = "MM-DD-YYYY")]
    MonthDashes,
    /// 03/31/26.
    #[serde(rename = "MM/DD/YY")]
    MonthShort,
    /// 31 Mar 2026, 31-Mar-2026; English names.
    #[serde(rename = "DD MMM YYYY")]
    NamedMonth,
}

#[derive(Clone, Copy)]
enum Order {
    Year,
    Day,
    Month,
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

impl DateFormat {
    /// As it is declared.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Iso => "YYYY-MM-DD",
            Self::YearSlashes => "YYYY/MM/DD",
            Self::Compact => "YYYYMMDD",
            Self::DaySlashes => "DD/MM/YYYY",
            Self::DayDashes => "DD-MM-YYYY",
            Self::DayPoints => "DD.MM.YYYY",
            Self::DayShort => "DD/MM/YY",
            Self::DayPointsShort => "DD.MM.YY",
            Self::MonthSlashes => "MM/DD/YYYY",
            Self::MonthDashes => "MM-DD-YYYY",
            Self::MonthShort => "MM/DD/YY",
            Self::NamedMonth => "DD MMM YYYY",
        }
    }

    /// Reads a date, between 1900-01-01 and 2199-12-31.
    pub(crate) fn read(self, text: &str) -> Result<NaiveDate, String> {
        let date = match self {
            Self::Iso => return iso(text),
            Self::Compact => compact(text),
            Self::NamedMonth => named(text),
            Self::YearSlashes => parts(text, '/', Order::Year, 4),
            Self::DaySlashes => parts(text, '/', Order::Day, 4),
            Self::DayDashes => parts(text, '-', Order::Day, 4),
            Self::DayPoints => parts(text, '.', Order::Day, 4),
            Self::DayShort => parts(text, '/', Order::Day, 2),
            Self::DayPointsShort => parts(text, '.', Order::Day, 2),
            Self::MonthSlashes => parts(text, '/', Order::Month, 4),
            Self::MonthDashes => parts(text, '-', Order::Month, 4),
            Self::MonthShort => parts(text, '/', Order::Month, 2),
        };
        date.filter(in_bounds).ok_or_else(|| {
            let name = self.name();
            format!("must be a date in the form {name}, between 1900-01-01 and 2199-12-31")
        })
    }
}

fn iso(text: &str) -> Result<NaiveDate, String> {
    text.parse::<CalendarDate>().map(CalendarDate::date).map_err(|_| {
        "must be an ISO date such as 2026-03-31, between 1900-01-01 and 2199-12-31; other forms are not \
         guessed: 01/02 may be January or February"
            .to_owned()
    })
}

/// The date with which a text of digits begins, as in 20260331 and in OFX's 20260331120000[-5:EST].
pub(crate) fn compact(text: &str) -> Option<NaiveDate> {
    let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..8)?);
    NaiveDate::from_ymd_opt(number(year)?.try_into().ok()?, number(month)?, number(day)?).filter(in_bounds)
}

fn in_bounds(date: &NaiveDate) -> bool {
    (1900..2200).contains(&date.year())
}

fn parts(text: &str, between: char, order: Order, year_digits: usize) -> Option<NaiveDate> {
    let mut parts = text.split(between);
    let three = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match (order, three) {
        (Order::Year, (year, month, day)) => (year, month, day),
        (Order::Day, (day, month, year)) => (year, month, day),
        (Order::Month, (month, day, year)) => (year, month, day),
    };
    if year.len() != year_digits {
        return None;
    }
    whole(year, month, day)
}

/// A date of its parts in digits.
pub(crate) fn whole(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let two = |part: &str| (1..=2).contains(&part.len()).then(|| number(part)).flatten();
    let read = number(year)?;
    let year = match year.len() {
        4 => read,
        2 if read < 70 => 2000 + read,
        2 => 1900 + read,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year.try_into().ok()?, two(month)?, two(day)?)
}

fn named(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split([' ', '-']).filter(|part| !part.is_empty());
    let (day, name, year) = (parts.next()?, parts.next()?, parts.next()?);
    let name = name.trim_end_matches(['.', ',']).to_lowercase();
    let short = name.get(..3)?;
    let month = MONTHS.iter().position(|known| *known == short)? + 1;
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    whole(year, &month.to_string(), day)
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_the_form_that_was_declared_and_in_no_other() {
        let same = "2026-03-04";
        for (format, text) in [
            (DateFormat::Iso, "2026-03-04"),
            (DateFormat::YearSlashes, "2026/3/4"),
            (DateFormat::Compact, "20260304"),
            (DateFormat::DaySlashes, "04/03/2026"),
            (DateFormat::DayDashes, "4-3-2026"),
            (DateFormat::DayPoints, "04.03.2026"),
            (DateFormat::DayShort, "04/03/26"),
            (DateFormat::DayPointsShort, "04.03.26"),
            (DateFormat::MonthSlashes, "03/04/2026"),
            (DateFormat::MonthDashes, "03-04-2026"),
            (DateFormat::MonthShort, "3/4/26"),
            (DateFormat::NamedMonth, "4 Mar 2026"),
            (DateFormat::NamedMonth, "04-MAR-2026"),
        ] {
            assert_eq!(format.read(text).unwrap().to_string(), same, "{text}");
        }
        assert_eq!(DateFormat::DayShort.read("01/02/70").unwrap().year(), 1970);
        for (format, text) in [
            (DateFormat::DaySlashes, "03/31/2026"),
            (DateFormat::DaySlashes, "31/03/26"),
            (DateFormat::MonthSlashes, "31/03/2026"),
            (DateFormat::Compact, "2026033"),
            (DateFormat::DaySlashes, "29/02/2025"),
            (DateFormat::DayPoints, "1.1.1899"),
            (DateFormat::NamedMonth, "4 Mär 2026"),
            (DateFormat::DaySlashes, "٠١/٠٢/٢٠٢٦"),
            (DateFormat::YearSlashes, ""),
        ] {
            assert!(format.read(text).is_err(), "{text}");
        }
    }
}
