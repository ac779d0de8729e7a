use super::requests::Interval;
use crate::error::Error;
use chrono::{Datelike, Days, Months, NaiveDate};

/// How many points a series may have.
const MOST_MONTHS: usize = 120;
const MOST_DAYS: usize = 366;

/// The spans of a series, each with its first and last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Points {
    pub(crate) spans: Vec<(NaiveDate, NaiveDate)>,
}

impl Points {
    /// The months or days from `from` to `to`.
    pub(crate) fn new(interval: Interval, from: Option<NaiveDate>, to: NaiveDate) -> Result<Self, Error> {
        let default = match interval {
            Interval::Month => first_of(to).checked_sub_months(Months::new(11)),
            Interval::Day => to.checked_sub_days(Days::new(30)),
        };
        let from = from.or(default).unwrap_or(to);
        if from > to {
            return Err(Error::invalid("to", "must not be before 'from'"));
        }
        let most = match interval {
            Interval::Month => MOST_MONTHS,
            Interval::Day => MOST_DAYS,
        };
        let mut spans = Vec::new();
        let mut first = match interval {
            Interval::Month => first_of(from),
            Interval::Day => from,
        };
        while first <= to {
            if spans.len() == most {
                let message = format!("must not be more than {most} points before 'to'");
                return Err(Error::invalid("from", message));
            }
            let next = match interval {
                Interval::Month => first.checked_add_months(Months::new(1)),
                Interval::Day => first.succ_opt(),
            };
            let Some(next) = next else { break };
            let last = next.pred_opt().unwrap_or(first).min(to);
            spans.push((first, last));
            first = next;
        }
        Ok(Self { spans })
    }

    /// The first day of all.
    pub(crate) fn from(&self) -> NaiveDate {
        self.spans.first().map_or(NaiveDate::MIN, |(first, _)| *first)
    }

    /// The last day of all.
    pub(crate) fn to(&self) -> NaiveDate {
        self.spans.last().map_or(NaiveDate::MAX, |(_, last)| *last)
    }

    /// The months in which days are needed one by one: all of them for days, else the last, which `to` may cut.
    pub(crate) fn by_day(&self, interval: Interval) -> Vec<NaiveDate> {
        let mut months: Vec<NaiveDate> = match interval {
            Interval::Day => self.spans.iter().map(|(first, _)| first_of(*first)).collect(),
            Interval::Month => self.spans.last().map(|(first, _)| *first).into_iter().collect(),
        };
        months.dedup();
        months
    }

    /// In which span a day lies; nothing before the first.
    pub(crate) fn place(&self, day: NaiveDate) -> Option<usize> {
        let after = self.spans.partition_point(|(first, _)| *first <= day);
        after.checked_sub(1)
    }
}

fn first_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_month_and_every_day_has_a_point() {
        let months = Points::new(Interval::Month, Some(day("2024-01-15")), day("2024-03-10")).unwrap();
        let spans = [
            (day("2024-01-01"), day("2024-01-31")),
            (day("2024-02-01"), day("2024-02-29")),
            (day("2024-03-01"), day("2024-03-10")),
        ];
        assert_eq!(months.spans, spans);
        assert_eq!(months.by_day(Interval::Month), [day("2024-03-01")]);
        assert_eq!(months.place(day("2024-02-29")), Some(1));
        assert_eq!(months.place(day("2023-12-31")), None);
        let days = Points::new(Interval::Day, Some(day("2024-02-28")), day("2024-03-01")).unwrap();
        assert_eq!(days.spans.len(), 3);
        assert_eq!(days.by_day(Interval::Day), [day("2024-02-01"), day("2024-03-01")]);
        assert_eq!(
            Points::new(Interval::Month, None, day("2024-03-10"))
                .unwrap()
                .spans
                .len(),
            12
        );
        assert_eq!(
            Points::new(Interval::Day, None, day("2024-03-10"))
                .unwrap()
                .spans
                .len(),
            31
        );
        assert!(Points::new(Interval::Day, Some(day("2020-01-01")), day("2024-03-10")).is_err());
        assert!(Points::new(Interval::Day, Some(day("2024-03-11")), day("2024-03-10")).is_err());
    }
}
