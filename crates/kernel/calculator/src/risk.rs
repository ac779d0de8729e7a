use crate::{Refusal, number::Number, refusal::require};
use rust_decimal::Decimal;

/// What a series of simple returns says. What cannot be said is None.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// The return of the whole time: `prod (1 + r) - 1`.
    pub cumulative: Decimal,
    /// The deepest fall from a peak, the beginning counted: 0 or negative.
    pub max_drawdown: Decimal,
    /// The standard deviation of the returns (n - 1) times the root of the periods of a year; None for one return.
    pub volatility: Option<Decimal>,
    /// The mean over the standard deviation times the root of the periods of a year, without a risk-free rate; None
    /// when nothing varies.
    pub sharpe: Option<Decimal>,
    /// The mean over the downside deviation `sqrt(sum min(r, 0)^2 / n)` times the root of the periods of a year; None when
    /// nothing was lost.
    pub sortino: Option<Decimal>,
    /// The compound return of a year over the depth of the deepest fall; None when nothing fell.
    pub calmar: Option<Decimal>,
}

/// Measures the risk of simple returns, each above or equal to -1. Not rounded.
pub fn risk(returns: &[Decimal], periods_per_year: Decimal) -> Result<Risk, Refusal> {
    require(!returns.is_empty(), "returns", "must have at least one entry")?;
    require(
        periods_per_year > Decimal::ZERO,
        "periods_per_year",
        "must be more than 0",
    )?;
    let (mut wealth, mut peak, mut deepest) = (Number::ONE, Decimal::ONE, Decimal::ZERO);
    for (index, each) in returns.iter().enumerate() {
        let at = format!("returns[{index}]");
        require(*each >= Decimal::NEGATIVE_ONE, &at, "must not be less than -1")?;
        wealth = wealth * (Number::ONE + (*each).into());
        let now = wealth.get()?;
        peak = peak.max(now);
        let fall = (Number::from(now) / peak.into() - Number::ONE).get()?;
        deepest = deepest.min(fall);
    }
    let count = Number::from(Decimal::from(returns.len()));
    let each = || returns.iter().map(|each| Number::from(*each));
    let mean = each().fold(Number::ZERO, |sum, one| sum + one) / count;
    let root = Number::from(periods_per_year).sqrt();
    let squares = each().fold(Number::ZERO, |sum, one| sum + (one - mean) * (one - mean));
    let deviation = (returns.len() > 1).then(|| (squares / (count - Number::ONE)).sqrt());
    let losses = each().filter(|one| one.value().is_some_and(|one| one < Decimal::ZERO));
    let downside = (losses.fold(Number::ZERO, |sum, one| sum + one * one) / count).sqrt();
    let years = (Number::from(periods_per_year) / count).get()?;
    let compound = || match wealth.get() {
        Ok(wealth) if wealth > Decimal::ZERO => Number::from(wealth).pow(years) - Number::ONE,
        _ => -Number::ONE,
    };
    let over = |above: Number, below: Number| {
        (below.value().is_some_and(|below| !below.is_zero())).then(|| above / below)
    };
    let got = |figure: Option<Number>| figure.map(Number::get).transpose();
    Ok(Risk {
        cumulative: (wealth - Number::ONE).get()?,
        max_drawdown: deepest.normalize(),
        volatility: got(deviation.map(|deviation| deviation * root))?,
        sharpe: got(deviation.and_then(|deviation| over(mean * root, deviation)))?,
        sortino: got(over(mean * root, downside))?,
        calmar: got(over(compound(), Number::from(deepest.abs())))?,
    })
}
