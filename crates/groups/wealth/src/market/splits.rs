//! Prices across splits: the price of one as it was counted on a day.

use super::models::Quote;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A split, bonus or stock dividend that was applied: from `ex_date` on there are `new` in the place of `old`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SplitFactor {
    pub(crate) action_id: Uuid,
    pub(crate) ex_date: NaiveDate,
    pub(crate) new: Decimal,
    pub(crate) old: Decimal,
}

/// The price of one, as one was counted on `day`, by a quote of an earlier day. A quote that was not adjusted counts as things
/// were on its own day: splits since divide it. One that was adjusted counts all splits in already: it is not adjusted again,
/// and for a day before a split it is multiplied back to what one cost then.
pub(crate) fn price_on(
    price: Decimal,
    (quoted, adjusted): (NaiveDate, bool),
    day: NaiveDate,
    splits: &[SplitFactor],
) -> Option<Decimal> {
    let (mut times, mut over) = (Decimal::ONE, Decimal::ONE);
    for split in splits {
        if adjusted && split.ex_date > day {
            (times, over) = (times.checked_mul(split.new)?, over.checked_mul(split.old)?);
        }
        if !adjusted && quoted < split.ex_date && split.ex_date <= day {
            (times, over) = (times.checked_mul(split.old)?, over.checked_mul(split.new)?);
        }
    }
    match times == over {
        true => Some(price),
        false => price.checked_mul(times)?.checked_div(over),
    }
}

/// The same quotes, all counted as one is counted after the last split.
pub(crate) fn comparable(quotes: Vec<Quote>, splits: &[SplitFactor]) -> Vec<Quote> {
    let counted = |quote: Quote| {
        let price = price_on(quote.price, (quote.date, quote.adjusted), NaiveDate::MAX, splits)?;
        Some(Quote {
            price,
            adjusted: true,
            ..quote
        })
    };
    quotes.into_iter().filter_map(counted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_adjusted_once_and_an_adjusted_one_never_again() {
        let day = |day: u32| NaiveDate::from_ymd_opt(2025, 6, day).unwrap();
        let split = SplitFactor {
            action_id: Uuid::nil(),
            ex_date: day(10),
            new: 2.into(),
            old: 1.into(),
        };
        let on = |quoted: u32, adjusted: bool, asked: u32| {
            price_on(
                100.into(),
                (day(quoted), adjusted),
                day(asked),
                std::slice::from_ref(&split),
            )
            .unwrap()
        };
        assert_eq!(on(9, false, 9), 100.into(), "before the split it is what it was");
        assert_eq!(on(9, false, 10), 50.into(), "carried over the split it is halved");
        assert_eq!(
            on(10, false, 11),
            100.into(),
            "a quote of the day itself knows the split"
        );
        assert_eq!(
            on(9, true, 10),
            100.into(),
            "an adjusted quote is not adjusted again"
        );
        assert_eq!(on(9, true, 9), 200.into(), "what one share cost before the split");
    }
}
