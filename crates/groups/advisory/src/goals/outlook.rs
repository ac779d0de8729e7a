//! What becomes of a goal: the closed form and the simulation.

use super::{
    models::GoalRecord,
    requests::{Band, Projection},
};
use crate::error::Error;
use calculator::{Due, Outcomes, Plan, Refusal, percentile, simulate, sip_future_value};
use chrono::{Datelike, NaiveDate};
use kernel::{Amount, Currency};
use rust_decimal::{Decimal, RoundingStrategy};

/// From which probability of success on a goal is on track.
pub(super) const ON_TRACK_FROM: Decimal = Decimal::from_parts(70, 0, 0, false, 2);

/// How many paths decide whether a goal is on track.
pub(super) const USUAL_PATHS: u32 = 1_000;

/// The whole months between two days: the last one counts once its day has come.
pub(super) fn months_until(today: NaiveDate, date: NaiveDate) -> u32 {
    let months =
        (date.year() - today.year()) * 12 + date.month0().cast_signed() - today.month0().cast_signed();
    let whole = months - i32::from(date.day() < today.day());
    u32::try_from(whole).unwrap_or(0)
}

/// A goal on the paths of one seed.
pub(super) fn outlook(
    goal: &GoalRecord,
    today: NaiveDate,
    paths: u32,
    seed: u64,
) -> Result<Projection, Error> {
    let months = months_until(today, goal.target_date);
    let plan = Plan {
        start: goal.there_is(),
        monthly: goal.monthly_contribution,
        months,
        mean: goal.expected_return,
        volatility: goal.volatility,
    };
    let rounded = |amount: Decimal| Amount(to_unit(amount, goal.currency));
    let prices = prices_after(goal, months)?;
    let target = match goal.in_todays_money {
        true => times(goal.target_amount, prices)?,
        false => goal.target_amount,
    };
    let expected = expected(goal, months).map_err(refused)?;
    let outcomes = simulate(&plan, paths, seed).map_err(refused)?;
    let (probability, standard_error) = outcomes.probability(target).map_err(refused)?;
    Ok(Projection {
        months,
        target_amount: rounded(target),
        target_amount_real: rounded(over(target, prices)?),
        expected_amount: rounded(expected),
        expected_amount_real: rounded(over(expected, prices)?),
        required_contribution: Amount(up_to_unit(required(goal, months, target)?, goal.currency)),
        success_probability: Amount(probability.normalize()),
        standard_error: Amount(standard_error.round_dp(10).normalize()),
        on_track: probability >= ON_TRACK_FROM,
        bands: bands(goal, &outcomes)?,
        paths,
        seed,
        method: METHOD.to_owned(),
    })
}

const METHOD: &str = "closed form: start * (1 + m)^n + monthly * ((1 + m)^n - 1) / m with m = expected_return / 12 and payments at \
the end of each of n months; probability: geometric Brownian motion in monthly steps, drift expected_return - volatility^2 / 2, \
ChaCha8 keyed by the seed, standard error sqrt(p (1 - p) / paths); real amounts are nominal ones over (1 + inflation)^(n / 12)";

/// What is there at the end if every month brings what is expected.
fn expected(goal: &GoalRecord, months: u32) -> Result<Decimal, Refusal> {
    let saved = sip_future_value(goal.monthly_contribution, months, goal.expected_return, Due::End)?;
    let growth = growth(goal.expected_return, months)?;
    let kept = goal.there_is().checked_mul(growth);
    kept.and_then(|kept| kept.checked_add(saved)).ok_or(TOO_LARGE)
}

const TOO_LARGE: Refusal = Refusal::NoAnswer("the figures leave what 28 digits can hold");

/// `(1 + rate / 12) ^ months`, by what a payment of 1 becomes: `1 + m * fv(1)`.
fn growth(annual_rate: Decimal, months: u32) -> Result<Decimal, Refusal> {
    let rate = annual_rate / Decimal::from(12);
    let annuity = sip_future_value(Decimal::ONE, months, annual_rate, Due::End)?;
    let part = rate.checked_mul(annuity);
    part.and_then(|part| part.checked_add(Decimal::ONE))
        .ok_or(TOO_LARGE)
}

/// What must be added each month so that the target is reached if every month brings what is expected: 0 or more.
fn required(goal: &GoalRecord, months: u32, target: Decimal) -> Result<Decimal, Error> {
    let grown = times(
        goal.there_is(),
        growth(goal.expected_return, months).map_err(refused)?,
    )?;
    let missing = (target - grown).max(Decimal::ZERO);
    match months {
        0 => Ok(missing),
        months => {
            let annuity = sip_future_value(Decimal::ONE, months, goal.expected_return, Due::End);
            over(missing, annuity.map_err(refused)?)
        }
    }
}

/// By how much prices have multiplied after some months: compounded by the month, `(1 + inflation)^(n / 12)` in whole years and
/// on a straight line within one.
fn prices_after(goal: &GoalRecord, months: u32) -> Result<Decimal, Error> {
    let year = Decimal::ONE + goal.inflation;
    let mut prices = Decimal::ONE;
    for _ in 0..months / 12 {
        prices = times(prices, year)?;
    }
    times(
        prices,
        Decimal::ONE + goal.inflation * Decimal::from(months % 12) / Decimal::from(12),
    )
}

fn bands(goal: &GoalRecord, outcomes: &Outcomes) -> Result<Vec<Band>, Error> {
    let mut bands = Vec::with_capacity(outcomes.years.len());
    for (months, amounts) in &outcomes.years {
        let prices = prices_after(goal, *months)?;
        let at = |percent| {
            let amount = percentile(amounts, percent).unwrap_or_default();
            Amount(to_unit(amount, goal.currency))
        };
        bands.push(Band {
            months: *months,
            p5: at(5),
            p25: at(25),
            p50: at(50),
            p75: at(75),
            p95: at(95),
            p50_real: Amount(to_unit(over(at(50).0, prices)?, goal.currency)),
        });
    }
    Ok(bands)
}

fn to_unit(amount: Decimal, currency: Currency) -> Decimal {
    amount.round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointAwayFromZero)
}

/// Rounded up: a little less would not be enough.
fn up_to_unit(amount: Decimal, currency: Currency) -> Decimal {
    amount.round_dp_with_strategy(currency.decimals(), RoundingStrategy::AwayFromZero)
}

fn times(left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_mul(right).ok_or_else(|| refused(TOO_LARGE))
}

fn over(left: Decimal, right: Decimal) -> Result<Decimal, Error> {
    left.checked_div(right).ok_or_else(|| refused(TOO_LARGE))
}

/// What cannot be calculated is a wrong field: the figures are the caller's.
fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Invalid { field, message } => Error::invalid(field, message),
        Refusal::NoAnswer(why) => Error::invalid("target_amount", why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_whole_once_its_day_has_come() {
        for (from, until, months) in [
            ("2026-01-31", "2026-02-28", 0),
            ("2026-01-15", "2026-02-15", 1),
            ("2026-01-15", "2027-01-14", 11),
            ("2026-01-15", "2036-01-15", 120),
            ("2026-01-15", "2025-01-15", 0),
        ] {
            assert_eq!(months_until(day(from), day(until)), months, "{from} {until}");
        }
    }
}
