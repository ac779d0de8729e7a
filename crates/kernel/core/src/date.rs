use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type, schema::Schema},
};

/// A calendar date that a person sent: `YYYY-MM-DD`, from 1900-01-01 to 2199-12-31. Anything farther away is a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CalendarDate(NaiveDate);

impl CalendarDate {
    /// The date.
    pub fn date(self) -> NaiveDate {
        self.0
    }
}

impl FromStr for CalendarDate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a date such as 2026-03-31, between 1900-01-01 and 2199-12-31";
        let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date = text.parse::<NaiveDate>().ok().filter(|_| shaped).ok_or(WRONG)?;
        if (1900..2200).contains(&date.year()) {
            Ok(Self(date))
        } else {
            Err(WRONG)
        }
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for CalendarDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for CalendarDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .pattern(Some("^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"))
            .into()
    }
}

impl ToSchema for CalendarDate {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("CalendarDate")
    }
}

#[cfg(test)]
mod tests {
    use super::CalendarDate;

    #[test]
    fn only_near_dates_in_the_iso_form_are_dates() {
        assert_eq!(
            "2024-02-29".parse::<CalendarDate>().unwrap().to_string(),
            "2024-02-29"
        );
        for text in [
            "2023-02-29",
            "1899-12-31",
            "2200-01-01",
            "31.12.2024",
            "2024-1-1",
            "+12024-01-01",
            "",
        ] {
            assert!(text.parse::<CalendarDate>().is_err(), "{text}");
        }
    }
}
