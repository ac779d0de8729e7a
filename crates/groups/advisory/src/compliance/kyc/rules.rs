//! After how many years an identity check is repeated, by jurisdiction.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How risky a client is for the firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RiskRating {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much, as with politically exposed persons.
    High,
}

/// The years between two reviews.
struct Rule {
    jurisdiction: &'static str,
    high: u32,
    medium: u32,
    low: u32,
}

/// India: RBI, Master Direction on Know Your Customer, section 38: at least every 2, 8 and 10 years. `*` is for everywhere else:
/// the strictest that is usual.
const RULES: [Rule; 2] = [
    Rule {
        jurisdiction: "IN",
        high: 2,
        medium: 8,
        low: 10,
    },
    Rule {
        jurisdiction: "*",
        high: 1,
        medium: 2,
        low: 3,
    },
];

/// How many days before the end somebody is told, and on the day.
pub(super) const STAGES: [u32; 4] = [90, 60, 30, 0];

/// After how many years a client of the jurisdiction is looked at again.
pub(super) fn years_between(jurisdiction: &str, rating: RiskRating) -> u32 {
    let mut fallback = 1;
    for rule in &RULES {
        let years = match rating {
            RiskRating::High => rule.high,
            RiskRating::Medium => rule.medium,
            RiskRating::Low => rule.low,
        };
        match rule.jurisdiction {
            "*" => fallback = years,
            known if known == jurisdiction => return years,
            _ => {}
        }
    }
    fallback
}

/// The last day on which a check is good.
pub(super) fn good_until(checked: NaiveDate, jurisdiction: &str, rating: RiskRating) -> NaiveDate {
    let months = Months::new(years_between(jurisdiction, rating) * 12);
    checked.checked_add_months(months).unwrap_or(NaiveDate::MAX)
}

/// Which stage has come: the smallest number of days that is not less than what is left.
pub(super) fn stage(expiry: NaiveDate, today: NaiveDate) -> Option<u32> {
    let left = (expiry - today).num_days();
    STAGES
        .iter()
        .copied()
        .rev()
        .find(|stage| left <= i64::from(*stage))
}

/// When the stage after this one comes; the first one after none.
pub(super) fn next_stage(expiry: NaiveDate, told: Option<u32>) -> Option<NaiveDate> {
    let next = STAGES
        .iter()
        .find(|stage| told.is_none_or(|told| **stage < told))?;
    expiry.checked_sub_days(chrono::Days::new(u64::from(*next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn india_looks_again_after_two_eight_and_ten_years() {
        for (rating, until) in [
            (RiskRating::High, "2028-03-15"),
            (RiskRating::Medium, "2034-03-15"),
            (RiskRating::Low, "2036-03-15"),
        ] {
            assert_eq!(good_until(day("2026-03-15"), "IN", rating), day(until));
        }
        assert_eq!(
            good_until(day("2024-02-29"), "IN", RiskRating::High),
            day("2026-02-28")
        );
        assert_eq!(years_between("ZZ", RiskRating::High), 1);
    }

    #[test]
    fn stages_come_in_order_and_the_last_one_stays() {
        let end = day("2026-12-31");
        for (today, expected) in [
            ("2026-10-01", None),
            ("2026-10-02", Some(90)),
            ("2026-11-01", Some(60)),
            ("2026-12-02", Some(30)),
            ("2026-12-31", Some(0)),
            ("2027-05-01", Some(0)),
        ] {
            assert_eq!(stage(end, day(today)), expected, "{today}");
        }
        assert_eq!(next_stage(end, None), Some(day("2026-10-02")));
        assert_eq!(next_stage(end, Some(30)), Some(end));
        assert_eq!(next_stage(end, Some(0)), None);
    }
}
