use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// How often an instalment is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Every 7 days, 52 in a year.
    Weekly,
    /// Every 14 days, 26 in a year.
    Biweekly,
    /// Twice a month, 24 in a year.
    Semimonthly,
    /// Each month.
    #[default]
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    Semiannual,
    /// Each year.
    Annual,
}

impl Frequency {
    /// How many in a year.
    pub fn per_year(self) -> u32 {
        match self {
            Frequency::Weekly => 52,
            Frequency::Biweekly => 26,
            Frequency::Semimonthly => 24,
            Frequency::Monthly => 12,
            Frequency::Quarterly => 4,
            Frequency::Semiannual => 2,
            Frequency::Annual => 1,
        }
    }

    /// The date of an instalment, counted from 1, of a loan that was paid out on `start`. Months that are too short end
    /// on their last day. None beyond the calendar.
    pub(crate) fn date(self, start: NaiveDate, number: u32) -> Option<NaiveDate> {
        let days = |days: u64| start.checked_add_days(Days::new(days));
        let months = |each: u32| start.checked_add_months(Months::new(number.checked_mul(each)?));
        match self {
            Frequency::Weekly => days(u64::from(number) * 7),
            Frequency::Biweekly => days(u64::from(number) * 14),
            Frequency::Semimonthly => {
                let month = start.checked_add_months(Months::new(number / 2))?;
                month.checked_add_days(Days::new(if number % 2 == 1 { 15 } else { 0 }))
            }
            Frequency::Monthly => months(1),
            Frequency::Quarterly => months(3),
            Frequency::Semiannual => months(6),
            Frequency::Annual => months(12),
        }
    }
}

/// How the interest of a period is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DayCount {
    /// Every month has 30 days and a year 360: each period bears the same part of the annual rate.
    #[default]
    #[serde(rename = "30/360")]
    Thirty360,
    /// The days that pass, of 365.
    #[serde(rename = "actual/365")]
    Actual365,
}
