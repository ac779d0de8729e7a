use crate::{balances::month_of, error::Error};
use chrono::{Months, NaiveDate};

/// The days of a report, both included; open where none is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: Option<NaiveDate>,
    pub(crate) to: Option<NaiveDate>,
}

/// Where a month or a day lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Before,
    Inside,
    After,
    /// A month that the period cuts.
    Cut,
}

impl Period {
    pub(crate) fn new(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Self, Error> {
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Error::invalid("to", "must not be before 'from'"));
        }
        Ok(Self { from, to })
    }

    /// Where a day lies.
    pub(crate) fn day(&self, day: NaiveDate) -> Place {
        match (self.from, self.to) {
            (Some(from), _) if day < from => Place::Before,
            (_, Some(to)) if day > to => Place::After,
            _ => Place::Inside,
        }
    }

    /// Where a month lies as a whole.
    pub(crate) fn month(&self, month: NaiveDate) -> Place {
        match (self.day(month), self.day(last_of(month))) {
            (first, last) if first == last => first,
            _ => Place::Cut,
        }
    }

    /// The first days of the months that the period cuts.
    pub(crate) fn cut_months(&self) -> Vec<NaiveDate> {
        let mut months: Vec<NaiveDate> = [self.from, self.to].into_iter().flatten().map(month_of).collect();
        months.dedup();
        months.retain(|month| self.month(*month) == Place::Cut);
        months
    }
}

fn last_of(month: NaiveDate) -> NaiveDate {
    month
        .checked_add_months(Months::new(1))
        .and_then(|next| next.pred_opt())
        .unwrap_or(month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn only_months_that_the_period_cuts_are_read_day_by_day() {
        let whole = Period::new(Some(day("2024-02-01")), Some(day("2024-02-29"))).unwrap();
        assert_eq!(whole.cut_months(), []);
        assert_eq!(whole.month(day("2024-02-01")), Place::Inside);
        assert_eq!(whole.month(day("2024-01-01")), Place::Before);
        assert_eq!(whole.month(day("2024-03-01")), Place::After);

        let cut = Period::new(Some(day("2024-01-15")), Some(day("2024-03-10"))).unwrap();
        assert_eq!(cut.cut_months(), [day("2024-01-01"), day("2024-03-01")]);
        let inner = Period::new(Some(day("2024-01-15")), Some(day("2024-01-16"))).unwrap();
        assert_eq!(inner.cut_months(), [day("2024-01-01")]);
        assert_eq!(Period::new(None, None).unwrap().cut_months(), []);
        assert!(Period::new(Some(day("2024-01-02")), Some(day("2024-01-01"))).is_err());
    }
}
