use crate::{Refusal, number::Number, refusal::require, root::root};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Where money-weighted rates are looked for, beside finer steps between -99% and 200%: down to almost -100%, up to 10^9.
const FAR: [i64; 7] = [3, 5, 10, 100, 1_000, 1_000_000, 1_000_000_000];

/// The money-weighted rate of a year for dated flows, as the function `XIRR` of spreadsheets: the rate r for which
/// `sum a / (1 + r)^(days / 365)` is nothing, days counted from the first flow. Where several rates do it, the one nearest
/// 10%. Good to 20 decimals; not rounded.
///
/// There is no answer when nothing is paid in or nothing comes back, or when no rate makes the sum nothing.
pub fn xirr(flows: &[(NaiveDate, Decimal)]) -> Result<Decimal, Refusal> {
    require(flows.len() >= 2, "flows", "must be at least two")?;
    let any = |sign: fn(&Decimal) -> bool| flows.iter().any(|(_, amount)| sign(amount));
    if !any(|amount| *amount > Decimal::ZERO) || !any(|amount| *amount < Decimal::ZERO) {
        return Err(Refusal::NoAnswer(
            "there is no rate: the flows need one that is paid and one that is received",
        ));
    }
    let first = flows.iter().map(|(date, _)| *date).min();
    let last = flows.iter().map(|(date, _)| *date).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Refusal::NoAnswer("there is no rate: there are no flows"));
    };
    if first == last {
        return Err(Refusal::NoAnswer("there is no rate: all flows are on one day"));
    }
    let value = |rate: Decimal| worth(flows, (first, last), rate);
    let mut found: Option<Decimal> = None;
    let tenth = Decimal::new(1, 1);
    let mut low: Option<(Decimal, Decimal)> = None;
    for rate in places() {
        let Some(at) = value(rate).value() else {
            low = None;
            continue;
        };
        let rates = match low {
            _ if at.is_zero() => Some(rate),
            Some((before, at_before))
                if !at_before.is_zero() && at_before.is_sign_negative() != at.is_sign_negative() =>
            {
                root(value, before, rate)
            }
            _ => None,
        };
        if let Some(rate) = rates
            && found.is_none_or(|best| (rate - tenth).abs() < (best - tenth).abs())
        {
            found = Some(rate);
        }
        low = Some((rate, at));
    }
    found.map(|rate| rate.normalize()).ok_or(Refusal::NoAnswer(
        "there is no rate that makes the flows worth nothing",
    ))
}

/// Where a change of sign is looked for, ascending.
fn places() -> Vec<Decimal> {
    let mut places: Vec<Decimal> = ["-0.9999999999", "-0.999999", "-0.9999", "-0.999"]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect();
    places.extend((-99..=200).map(|percent| Decimal::new(percent, 2)));
    places.extend(FAR.map(Decimal::from));
    places
}

/// The worth of all flows, at the first day for rates from 0 and at the last day below: so no factor leaves the range.
fn worth(flows: &[(NaiveDate, Decimal)], (first, last): (NaiveDate, NaiveDate), rate: Decimal) -> Number {
    let year = Number::from(365_u32);
    let logarithm = (Number::ONE + rate.into()).ln() / year;
    let grows = rate >= Decimal::ZERO;
    let day = match grows {
        true => (-logarithm).exp(),
        false => logarithm.exp(),
    };
    let days = |date: NaiveDate| match grows {
        true => (date - first).num_days(),
        false => (last - date).num_days(),
    };
    flows.iter().fold(Number::ZERO, |sum, (date, amount)| {
        sum + Number::from(*amount) * day.powi(days(*date).unsigned_abs())
    })
}

/// The time-weighted return by chain-linking: between two valuations `V(next) / (V + F) - 1`, where V is the value before
/// that day's flow F; the links are multiplied. A flow must be on the day of a valuation. Not annualised, not rounded.
pub fn twr(values: &[(NaiveDate, Decimal)], flows: &[(NaiveDate, Decimal)]) -> Result<Decimal, Refusal> {
    require(values.len() >= 2, "values", "must be at least two")?;
    for (index, pair) in values.windows(2).enumerate() {
        let at = format!("values[{}]", index + 1);
        require(pair[0].0 < pair[1].0, &at, "must be later than the one before it")?;
    }
    for (index, (date, _)) in flows.iter().enumerate() {
        let at = format!("flows[{index}]");
        let known = values.iter().any(|(day, _)| day == date);
        require(known, &at, "must be on the day of a valuation")?;
    }
    let mut growth = Number::ONE;
    for pair in values.windows(2) {
        let flows_then = flows.iter().filter(|(date, _)| *date == pair[0].0);
        let invested = flows_then.fold(Number::from(pair[0].1), |sum, (_, flow)| sum + (*flow).into());
        if invested.get()? <= Decimal::ZERO {
            return Err(Refusal::NoAnswer(
                "there is no return: nothing was invested in a part of the time",
            ));
        }
        growth = growth * Number::from(pair[1].1) / invested;
    }
    (growth - Number::ONE).get()
}

/// The return by the modified Dietz method: `(E - B - F) / (B + sum w f)`, each flow weighted with the part of the time that
/// was left, `w = (days - day) / days`. Not annualised, not rounded.
pub fn modified_dietz(
    begin: Decimal,
    end: Decimal,
    days: Decimal,
    flows: &[(Decimal, Decimal)],
) -> Result<Decimal, Refusal> {
    require(days > Decimal::ZERO, "days", "must be more than 0")?;
    let (mut net, mut weighted) = (Number::ZERO, Number::ZERO);
    for (index, (day, amount)) in flows.iter().enumerate() {
        let at = format!("flows[{index}]");
        let within = *day >= Decimal::ZERO && *day <= days;
        require(within, &at, "must be on a day from 0 to 'days'")?;
        let left = (Number::from(days) - (*day).into()) / days.into();
        net = net + (*amount).into();
        weighted = weighted + Number::from(*amount) * left;
    }
    let capital = Number::from(begin) + weighted;
    if capital.get()? <= Decimal::ZERO {
        return Err(Refusal::NoAnswer(
            "there is no return: nothing was invested on average",
        ));
    }
    ((Number::from(end) - begin.into() - net) / capital).get()
}
