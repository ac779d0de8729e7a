//! Business days of markets. The calendars are data (`calendars/*.json`): weekends, and the holidays of the years for which the
//! market has published them. In other years only weekends count.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use kernel::Currency;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

const FILES: [&str; 3] = [
    include_str!("../../calendars/nse.json"),
    include_str!("../../calendars/nyse.json"),
    include_str!("../../calendars/weekends.json"),
];

static CALENDARS: LazyLock<Vec<Calendar>> = LazyLock::new(|| {
    let read = |file: &&str| serde_json::from_str(file).ok();
    FILES.iter().filter_map(read).collect()
});

/// How far a business day may be away: farther than any row of holidays is long.
const FARTHEST: u64 = 31;

/// A market's business days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Calendar {
    /// What schedules call it.
    pub(crate) code: String,
    /// Of which market.
    pub(crate) name: String,
    /// The days of the week on which nothing is traded, as in `Sat`.
    #[schema(value_type = Vec<String>)]
    weekend: Vec<Weekday>,
    /// The first day whose holidays are known.
    known_from: Option<NaiveDate>,
    /// The last one.
    known_through: Option<NaiveDate>,
    /// The other days on which nothing is traded.
    holidays: Vec<Holiday>,
}

/// A day on which a market rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Holiday {
    date: NaiveDate,
    name: String,
}

/// Which business day stands for a day that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Default)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Convention {
    /// The next one.
    #[default]
    Following,
    /// The next one, unless that is in another month: then the one before.
    ModifiedFollowing,
    /// The one before.
    Preceding,
}

impl Calendar {
    /// All calendars.
    pub(crate) fn all() -> &'static [Calendar] {
        &CALENDARS
    }

    /// A calendar by its code.
    pub(crate) fn named(code: &str) -> Option<&'static Calendar> {
        CALENDARS.iter().find(|calendar| calendar.code == code)
    }

    /// The one by which a currency's markets are open.
    pub(crate) fn code_for(currency: Currency) -> &'static str {
        match currency.code() {
            "INR" => "NSE",
            "USD" => "NYSE",
            _ => "WEEKENDS",
        }
    }

    pub(crate) fn is_business_day(&self, day: NaiveDate) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.iter().any(|holiday| holiday.date == day)
    }

    /// The day itself, or the business day that stands for it.
    pub(crate) fn adjusted(&self, day: NaiveDate, convention: Convention) -> NaiveDate {
        let following = self.seek(day, NaiveDate::checked_add_days);
        match convention {
            Convention::Following => following,
            Convention::ModifiedFollowing if following.month() == day.month() => following,
            Convention::ModifiedFollowing | Convention::Preceding => {
                self.seek(day, NaiveDate::checked_sub_days)
            }
        }
    }

    /// The first business day after a day.
    pub(crate) fn next(&self, day: NaiveDate) -> NaiveDate {
        let tomorrow = day.succ_opt().unwrap_or(day);
        self.adjusted(tomorrow, Convention::Following)
    }

    fn seek(&self, day: NaiveDate, away: fn(NaiveDate, Days) -> Option<NaiveDate>) -> NaiveDate {
        (0..=FARTHEST)
            .filter_map(|days| away(day, Days::new(days)))
            .find(|one| self.is_business_day(*one))
            .unwrap_or(day)
    }
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Convention, FILES};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_file_is_a_calendar_with_its_holidays_in_order_and_within_its_years() {
        assert_eq!(Calendar::all().len(), FILES.len());
        for calendar in Calendar::all() {
            let dates: Vec<NaiveDate> = calendar.holidays.iter().map(|one| one.date).collect();
            assert!(dates.is_sorted(), "{}", calendar.code);
            for date in dates {
                assert!(
                    calendar.known_from.is_some_and(|from| from <= date)
                        && calendar.known_through.is_some_and(|through| date <= through),
                    "{date}"
                );
            }
        }
    }

    #[test]
    fn a_day_that_is_none_is_moved_by_its_convention() {
        let nse = Calendar::named("NSE").unwrap();
        // Friday 1 May 2026 is a holiday, and a weekend follows.
        let holiday = day("2026-05-01");
        assert_eq!(nse.adjusted(holiday, Convention::Following), day("2026-05-04"));
        assert_eq!(nse.adjusted(holiday, Convention::Preceding), day("2026-04-30"));
        let within = nse.adjusted(holiday, Convention::ModifiedFollowing);
        assert_eq!(within, day("2026-05-04"), "the same month");
        // Sunday 31 May 2026: the next business day is in June.
        let sunday = day("2026-05-31");
        assert_eq!(nse.adjusted(sunday, Convention::Following), day("2026-06-01"));
        assert_eq!(
            nse.adjusted(sunday, Convention::ModifiedFollowing),
            day("2026-05-29")
        );
        assert_eq!(
            nse.adjusted(day("2026-06-02"), Convention::Preceding),
            day("2026-06-02")
        );
        assert_eq!(nse.next(day("2026-10-01")), day("2026-10-05"));
    }
}
