use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often an instalment is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Frequency {
    /// Every seven days.
    Weekly,
    /// Every fourteen days.
    Fortnightly,
    /// On a day of each month.
    Monthly,
    /// On a day of every third month.
    Quarterly,
}

impl Frequency {
    /// How many months lie between two instalments; none when they are counted in days.
    fn months(self) -> Option<u32> {
        match self {
            Frequency::Weekly | Frequency::Fortnightly => None,
            Frequency::Monthly => Some(1),
            Frequency::Quarterly => Some(3),
        }
    }

    pub(crate) fn is_by_month(self) -> bool {
        self.months().is_some()
    }
}

/// The dates of a schedule, whatever day of the week they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rhythm {
    pub(crate) frequency: Frequency,
    pub(crate) start: NaiveDate,
    pub(crate) day_of_month: u32,
}

impl Rhythm {
    /// The date at a place, from 0. A month that is too short has it on its last day; the first is never before the start. None
    /// beyond the calendar.
    pub(crate) fn date(&self, place: u32) -> Option<NaiveDate> {
        let days = match self.frequency {
            Frequency::Weekly => 7,
            Frequency::Fortnightly => 14,
            Frequency::Monthly | Frequency::Quarterly => return self.in_month(place),
        };
        let passed = u64::from(place).checked_mul(days)?;
        self.start.checked_add_days(Days::new(passed))
    }

    fn in_month(&self, place: u32) -> Option<NaiveDate> {
        let step = self.frequency.months()?;
        let begins = self.start.with_day(1)?;
        let late = u32::from(self.on_day(begins)? < self.start);
        let months = place.checked_mul(step)?.checked_add(late)?;
        self.on_day(begins.checked_add_months(Months::new(months))?)
    }

    /// The day of the month that begins here, or its last one.
    fn on_day(&self, begins: NaiveDate) -> Option<NaiveDate> {
        (28..=self.day_of_month.max(28))
            .rev()
            .map(|day| day.min(self.day_of_month))
            .find_map(|day| begins.with_day(day))
    }
}

#[cfg(test)]
mod tests {
    use super::{Frequency, Rhythm};
    use chrono::NaiveDate;

    fn dates(frequency: Frequency, start: &str, day_of_month: u32) -> Vec<String> {
        let rhythm = Rhythm {
            frequency,
            start: start.parse::<NaiveDate>().unwrap(),
            day_of_month,
        };
        (0..4)
            .map(|place| rhythm.date(place).unwrap().to_string())
            .collect()
    }

    #[test]
    fn the_31st_is_the_last_day_of_a_short_month() {
        assert_eq!(
            dates(Frequency::Monthly, "2028-01-31", 31),
            ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
        );
    }

    #[test]
    fn the_first_date_is_never_before_the_start() {
        assert_eq!(
            dates(Frequency::Monthly, "2026-01-15", 5),
            ["2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05"]
        );
        assert_eq!(
            dates(Frequency::Quarterly, "2026-01-15", 31),
            ["2026-01-31", "2026-04-30", "2026-07-31", "2026-10-31"]
        );
    }

    #[test]
    fn weeks_are_counted_from_the_start() {
        assert_eq!(
            dates(Frequency::Weekly, "2026-01-15", 15),
            ["2026-01-15", "2026-01-22", "2026-01-29", "2026-02-05"]
        );
        assert_eq!(dates(Frequency::Fortnightly, "2026-12-25", 1)[1], "2027-01-08");
    }

    #[test]
    fn beyond_the_calendar_there_is_no_date() {
        let rhythm = Rhythm {
            frequency: Frequency::Quarterly,
            start: "2199-12-31".parse().unwrap(),
            day_of_month: 31,
        };
        assert_eq!(rhythm.date(u32::MAX), None);
    }
}
