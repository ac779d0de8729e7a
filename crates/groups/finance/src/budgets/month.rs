use chrono::NaiveDate;
use kernel::CalendarDate;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Type, schema::Schema},
};

/// A month that a person named: `YYYY-MM`, from 1900-01 to 2199-12.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month(NaiveDate);

impl Month {
    /// Its first day.
    pub(crate) fn first_day(self) -> NaiveDate {
        self.0
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let date = format!("{text}-01").parse::<CalendarDate>();
        let date = date.map_err(|_| {
            serde::de::Error::custom("must be a month such as 2026-03, from 1900-01 to 2199-12")
        })?;
        Ok(Self(date.date()))
    }
}

impl PartialSchema for Month {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"))
            .into()
    }
}

impl ToSchema for Month {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Month")
    }
}
