use crate::{Refusal, normal::normal_quantile, number::Number, refusal::require};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use rust_decimal::Decimal;
use std::sync::LazyLock;

/// Into how many equally probable parts a month's return is divided; a power of two, so that every part is drawn as often.
const PARTS: usize = 1024;

/// How many path months one simulation may have.
pub const MOST_PATH_MONTHS: u64 = 3_000_000;

/// What is saved, and how it may grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What there is.
    pub start: Decimal,
    /// What is added at the end of each month.
    pub monthly: Decimal,
    /// For how many months.
    pub months: u32,
    /// The drift of a year; a twelfth of it is a month's.
    pub mean: Decimal,
    /// The volatility of a year's logarithmic return.
    pub volatility: Decimal,
}

/// What became of the plan on every path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// What there is at the end, in ascending order.
    pub finals: Vec<Decimal>,
    /// What there is after each whole year and at the end: months, then the amounts in ascending order.
    pub years: Vec<(u32, Vec<Decimal>)>,
}

impl Outcomes {
    /// The part of the paths on which there is `target` or more at the end, and its standard error `sqrt(p (1-p) / n)`.
    pub fn probability(&self, target: Decimal) -> Result<(Decimal, Decimal), Refusal> {
        let below = self.finals.partition_point(|amount| *amount < target);
        let all = Number::from(Decimal::from(self.finals.len()));
        let part = Number::from(Decimal::from(self.finals.len() - below)) / all;
        let error = (part * (Number::ONE - part) / all).sqrt();
        Ok((part.get()?, error.get()?))
    }
}

/// The amount below which `percent` in a hundred of the sorted amounts lie: the nearest rank.
pub fn percentile(sorted: &[Decimal], percent: u32) -> Option<Decimal> {
    let rank = (sorted.len() * percent as usize)
        .div_ceil(100)
        .clamp(1, sorted.len().max(1));
    sorted.get(rank - 1).copied()
}

/// The plan on `paths` paths of a geometric Brownian motion in steps of a month. A month's return is drawn from 1,024
/// equally probable ones: the quantiles of the normal distribution at their middles, scaled to the variance 1. The numbers come
/// from ChaCha with 8 rounds, keyed by the seed, and everything is decimal: the same seed gives the same digits on every
/// machine. Amounts are rounded to 6 decimals each month.
pub fn simulate(plan: &Plan, paths: u32, seed: u64) -> Result<Outcomes, Refusal> {
    require(plan.start >= Decimal::ZERO, "start", "must not be negative")?;
    require(plan.monthly >= Decimal::ZERO, "monthly", "must not be negative")?;
    require(
        plan.volatility >= Decimal::ZERO,
        "volatility",
        "must not be negative",
    )?;
    require(paths > 0, "paths", "must be 1 or more")?;
    require(
        u64::from(paths) * u64::from(plan.months) <= MOST_PATH_MONTHS,
        "paths",
        "are too many for so many months",
    )?;
    let growth = growth(plan)?;
    let mut random = ChaCha8Rng::from_seed(key(seed));
    let marks: Vec<u32> = (1..=plan.months)
        .filter(|month| month % 12 == 0 || *month == plan.months)
        .collect();
    let mut years: Vec<(u32, Vec<Decimal>)> = marks.iter().map(|month| (*month, Vec::new())).collect();
    let mut finals = Vec::with_capacity(paths as usize);
    for _ in 0..paths {
        let mut amount = plan.start;
        let mut mark = 0;
        for month in 1..=plan.months {
            let drawn = random.next_u32() as usize % PARTS;
            let grown = growth.get(drawn).and_then(|factor| amount.checked_mul(*factor));
            let grown = grown.and_then(|grown| grown.checked_add(plan.monthly));
            amount = grown
                .ok_or(Refusal::NoAnswer("the figures leave what 28 digits can hold"))?
                .round_dp(6);
            if let Some((_, amounts)) = years.get_mut(mark).filter(|(at, _)| *at == month) {
                amounts.push(amount);
                mark += 1;
            }
        }
        finals.push(amount);
    }
    finals.sort_unstable();
    years.iter_mut().for_each(|(_, amounts)| amounts.sort_unstable());
    Ok(Outcomes { finals, years })
}

/// By how much a month multiplies, for each of its equally probable returns.
fn growth(plan: &Plan) -> Result<Vec<Decimal>, Refusal> {
    let year = Number::from(12_u32);
    let variance = Number::from(plan.volatility) * plan.volatility.into();
    let drift = (Number::from(plan.mean) - variance / Number::TWO) / year;
    let spread = Number::from(plan.volatility) / year.sqrt();
    let factor = |part: &Decimal| (drift + spread * (*part).into()).exp().get();
    let factors = QUANTILES.iter().map(factor).collect::<Result<Vec<_>, _>>()?;
    Ok(factors.iter().map(|factor| factor.round_dp(12)).collect())
}

/// The middles of the parts of the standard normal distribution, with variance 1.
static QUANTILES: LazyLock<Vec<Decimal>> = LazyLock::new(|| {
    let parts = Decimal::from(PARTS);
    let upper: Vec<Decimal> = (PARTS / 2..PARTS)
        .map(|part| (Decimal::from(part) + Decimal::new(5, 1)) / parts)
        .map(|middle| normal_quantile(middle).unwrap_or(Decimal::ZERO))
        .collect();
    let squares: Decimal = upper
        .iter()
        .map(|value| value.round_dp(14) * value.round_dp(14))
        .sum();
    let variance = Number::from(squares) / Number::from(Decimal::from(PARTS / 2));
    let scaled = |value: &Decimal| (Number::from(*value) / variance.sqrt()).get().unwrap_or(*value);
    let upper: Vec<Decimal> = upper.iter().map(scaled).collect();
    upper
        .iter()
        .rev()
        .map(|value| -*value)
        .chain(upper.iter().copied())
        .collect()
});

fn key(seed: u64) -> [u8; 32] {
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().zip(seed.to_le_bytes()) {
        *place = byte;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal_probability;

    fn plan(volatility: &str) -> Plan {
        Plan {
            start: Decimal::from(100),
            monthly: Decimal::ZERO,
            months: 60,
            mean: Decimal::new(8, 2),
            volatility: volatility.parse().unwrap(),
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_digits_and_another_one_others() {
        let once = simulate(&plan("0.15"), 500, 7).unwrap();
        assert_eq!(once, simulate(&plan("0.15"), 500, 7).unwrap());
        assert_ne!(once, simulate(&plan("0.15"), 500, 8).unwrap());
        assert_eq!(once.years.len(), 5);
    }

    #[test]
    fn the_probability_is_that_of_the_closed_form_within_three_standard_errors() {
        for target in [90, 120, 150, 200] {
            let target = Decimal::from(target);
            let outcomes = simulate(&plan("0.15"), 4000, 1).unwrap();
            let (found, error) = outcomes.probability(target).unwrap();
            let exact = goal_probability(
                Decimal::from(100),
                target,
                Decimal::from(5),
                Decimal::new(8, 2),
                Decimal::new(15, 2),
            )
            .unwrap();
            assert!(
                (found - exact).abs() <= error * Decimal::from(3),
                "{target}: {found} {exact} {error}"
            );
        }
    }

    #[test]
    fn without_volatility_every_path_is_the_same() {
        let outcomes = simulate(&plan("0"), 10, 3).unwrap();
        assert_eq!(outcomes.finals.first(), outcomes.finals.last());
        assert_eq!(percentile(&outcomes.finals, 50), percentile(&outcomes.finals, 5));
        assert_eq!(
            outcomes.probability(Decimal::from(149)).unwrap(),
            (Decimal::ONE, Decimal::ZERO)
        );
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let sorted: Vec<Decimal> = (1..=10).map(Decimal::from).collect();
        assert_eq!(percentile(&sorted, 5), Some(Decimal::from(1)));
        assert_eq!(percentile(&sorted, 50), Some(Decimal::from(5)));
        assert_eq!(percentile(&sorted, 95), Some(Decimal::from(10)));
        assert_eq!(percentile(&[], 50), None);
    }
}
