use super::{requests::Figure, timeline::Timeline};
use calculator::{Refusal, modified_dietz, risk, twr, xirr};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use kernel::Amount;
use rust_decimal::{Decimal, prelude::ToPrimitive};

/// So many weekdays make a year.
pub(super) const PERIODS: u32 = 252;

fn figure(found: Result<Decimal, Refusal>, formula: &str) -> Figure {
    let (value, reason) = match found {
        Ok(value) => (Some(Amount(value.round_dp(10).normalize())), None),
        Err(refusal) => (None, Some(refusal.to_string())),
    };
    Figure {
        value,
        reason,
        formula: formula.to_owned(),
    }
}

fn optional(found: Result<Option<Decimal>, Refusal>, reason: &'static str, formula: &str) -> Figure {
    figure(
        found.and_then(|found| found.ok_or(Refusal::NoAnswer(reason))),
        formula,
    )
}

/// The days from the first on which something was invested.
fn invested(days: &[(NaiveDate, Decimal, Decimal)]) -> &[(NaiveDate, Decimal, Decimal)] {
    let start = days
        .iter()
        .position(|(_, value, flow)| !value.is_zero() || !flow.is_zero());
    // The worth at the end of the first day is where it begins; a flow at its start needs the day before.
    let start = start.map(|at| match days[at].1.is_zero() || days[at].2.is_zero() {
        true => at,
        false => at.saturating_sub(1),
    });
    start.map_or(&[], |start| &days[start..])
}

pub(super) fn time_weighted(timeline: &Timeline) -> Figure {
    let days = invested(&timeline.days);
    // A value before a day's flow is that of the end of the day before: flows are at the start of the day.
    let after = |day: NaiveDate| day.checked_add_days(Days::new(1)).unwrap_or(day);
    let values: Vec<(NaiveDate, Decimal)> =
        days.iter().map(|(day, value, _)| (after(*day), *value)).collect();
    let flows: Vec<(NaiveDate, Decimal)> = days
        .iter()
        .skip(1)
        .filter(|(_, _, flow)| !flow.is_zero())
        .map(|(day, _, flow)| (*day, *flow))
        .collect();
    let found = match values.len() < 2 {
        true => Err(Refusal::NoAnswer("there is no return: nothing was invested")),
        false => twr(&values, &flows),
    };
    figure(
        found,
        "prod(V_end(d) / (V_end(d-1) + F(d))) - 1 over all days, flows at the start of the day; not annualised",
    )
}

/// Flows after the first day.
pub(super) fn flows(timeline: &Timeline) -> Vec<(NaiveDate, Decimal)> {
    let later = timeline.days.iter().skip(1);
    let flows = later.filter(|(_, _, flow)| !flow.is_zero());
    flows.map(|(day, _, flow)| (*day, *flow)).collect()
}

pub(super) fn money_weighted(timeline: &Timeline, begin: Decimal, end: Decimal) -> Figure {
    let mut all: Vec<(NaiveDate, Decimal)> = Vec::new();
    if let (Some(first), Some(last)) = (timeline.days.first(), timeline.days.last()) {
        if !begin.is_zero() {
            all.push((first.0, -begin));
        }
        all.extend(flows(timeline).into_iter().map(|(day, flow)| (day, -flow)));
        if !end.is_zero() {
            all.push((last.0, end));
        }
    }
    let found = match all.len() < 2 {
        true => Err(Refusal::NoAnswer("there is no rate: nothing was invested")),
        false => xirr(&all),
    };
    figure(
        found,
        "the rate r nearest 10% for which sum(a / (1 + r)^(days / 365)) = 0, what is paid in negative",
    )
}

pub(super) fn dietz(timeline: &Timeline, begin: Decimal, end: Decimal) -> Figure {
    let (Some(first), Some(last)) = (timeline.days.first(), timeline.days.last()) else {
        return figure(Err(Refusal::NoAnswer("there are no days")), "");
    };
    let days = Decimal::from((last.0 - first.0).num_days());
    let flows: Vec<(Decimal, Decimal)> = flows(timeline)
        .into_iter()
        // At the start of its day, which is the end of the day before.
        .map(|(day, flow)| (Decimal::from((day - first.0).num_days() - 1), flow))
        .collect();
    figure(
        modified_dietz(begin, end, days, &flows),
        "(E - B - F) / (B + sum(w f)), w = (days - day) / days, a flow at the start of its day; not annualised",
    )
}

/// The returns of weekdays and of days with a flow, and their days.
pub(super) fn returns(timeline: &Timeline) -> Vec<(NaiveDate, Decimal)> {
    let weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let (mut found, mut before) = (Vec::new(), Decimal::ZERO);
    for (place, (day, value, flow)) in invested(&timeline.days).iter().enumerate() {
        if place == 0 {
            before = *value;
            continue;
        }
        if weekend(*day) && flow.is_zero() {
            continue;
        }
        let paid = before + flow;
        if paid > Decimal::ZERO
            && let Some(growth) = value.checked_div(paid)
        {
            found.push((*day, (growth - Decimal::ONE).max(Decimal::NEGATIVE_ONE)));
        }
        before = *value;
    }
    found
}

/// The figures of risk, in the order in which they stand in the answer.
pub(super) struct RiskFigures {
    pub(super) volatility: Figure,
    pub(super) sharpe: Figure,
    pub(super) sortino: Figure,
    pub(super) calmar: Figure,
    pub(super) max_drawdown: Figure,
    pub(super) value_at_risk: Figure,
}

pub(super) fn risks(returns: &[(NaiveDate, Decimal)], risk_free: Decimal) -> RiskFigures {
    let plain: Vec<Decimal> = returns.iter().map(|(_, one)| *one).collect();
    let free = risk_free / Decimal::from(PERIODS);
    let excess: Vec<Decimal> = plain
        .iter()
        .map(|one| (*one - free).max(Decimal::NEGATIVE_ONE))
        .collect();
    let none = || Refusal::NoAnswer("there is no return to measure");
    let measured = |series: &[Decimal]| match series.is_empty() {
        true => Err(none()),
        false => risk(series, Decimal::from(PERIODS)),
    };
    let (own, over) = (measured(&plain), measured(&excess));
    RiskFigures {
        volatility: optional(
            own.clone().map(|risk| risk.volatility),
            "volatility needs two returns",
            "standard deviation of daily returns (n - 1) * sqrt(252)",
        ),
        sharpe: optional(
            over.clone().map(|risk| risk.sharpe),
            "sharpe needs returns that vary",
            "(mean - rf / 252) / standard deviation (n - 1) * sqrt(252)",
        ),
        sortino: optional(
            over.map(|risk| risk.sortino),
            "sortino needs a return below the risk-free rate",
            "(mean - rf / 252) / sqrt(sum(min(r - rf / 252, 0)^2) / n) * sqrt(252)",
        ),
        calmar: optional(
            own.clone().map(|risk| risk.calmar),
            "calmar needs a fall",
            "compound return of a year / depth of the deepest fall",
        ),
        max_drawdown: figure(own.map(|risk| risk.max_drawdown), "min(V / peak before - 1)"),
        value_at_risk: figure(
            at_risk(&plain).ok_or_else(none),
            "the loss that 95% of the daily returns do not exceed: -quantile(0.05), linear between returns; 0 at least",
        ),
    }
}

/// The loss at the fifth percentile, with linear interpolation between order statistics.
fn at_risk(returns: &[Decimal]) -> Option<Decimal> {
    let mut sorted = returns.to_vec();
    sorted.sort();
    let place = Decimal::from(sorted.len().checked_sub(1)?) * Decimal::new(5, 2);
    let below = place.trunc().to_usize()?;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    let quantile = low + (high - low) * place.fract();
    Some((-quantile).max(Decimal::ZERO))
}

/// The return of the benchmark over the whole time, and the beta against it.
pub(super) fn against(own: &[(NaiveDate, Decimal)], benchmark: &[Option<Decimal>]) -> (Figure, Figure) {
    let (total, formula) = (
        "V_end / V_begin - 1 of the benchmark's quotes",
        "cov(r, b) / var(b) of daily returns",
    );
    let pairs: Vec<(Decimal, Decimal)> = own
        .iter()
        .zip(benchmark)
        .filter_map(|((_, own), other)| Some((*own, (*other)?)))
        .collect();
    let none = || Refusal::NoAnswer("there is no benchmark with quotes for these days");
    let growth = pairs
        .iter()
        .try_fold(Decimal::ONE, |growth, (_, one)| {
            growth.checked_mul(Decimal::ONE + one)
        })
        .filter(|_| !pairs.is_empty());
    let count = Decimal::from(pairs.len());
    let mean = |of: fn(&(Decimal, Decimal)) -> Decimal| {
        pairs
            .iter()
            .map(of)
            .sum::<Decimal>()
            .checked_div(count)
            .unwrap_or_default()
    };
    let (own_mean, mean) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let covariance: Decimal = pairs
        .iter()
        .map(|(own, other)| (own - own_mean) * (other - mean))
        .sum();
    let variance: Decimal = pairs
        .iter()
        .map(|(_, other)| (other - mean) * (other - mean))
        .sum();
    let beta = covariance.checked_div(variance).ok_or_else(none);
    (
        figure(growth.map(|growth| growth - Decimal::ONE).ok_or_else(none), total),
        figure(beta, formula),
    )
}

/// No figure, and why.
pub(super) fn missing(reason: &'static str) -> Figure {
    figure(Err(Refusal::NoAnswer(reason)), "")
}
