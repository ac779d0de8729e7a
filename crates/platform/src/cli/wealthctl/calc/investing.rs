use super::{
    Answer,
    input::{DueFlag, scalar, whole},
};
use calculator::{LotMethod, Refusal, Side, Trade};
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Dated = (CalendarDate, Amount);

fn dated(list: &[Dated]) -> Vec<(NaiveDate, Decimal)> {
    list.iter()
        .map(|(date, amount)| (date.date(), amount.0))
        .collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct XirrInput {
    flows: Vec<Dated>,
}

pub(super) fn xirr(input: &XirrInput) -> Answer {
    Ok(scalar(calculator::xirr(&dated(&input.flows))?))
}

#[derive(Debug, Deserialize)]
pub(super) struct TwrInput {
    values: Vec<Dated>,
    flows: Option<Vec<Dated>>,
}

pub(super) fn twr(input: &TwrInput) -> Answer {
    let flows = dated(input.flows.as_deref().unwrap_or_default());
    Ok(scalar(calculator::twr(&dated(&input.values), &flows)?))
}

#[derive(Debug, Deserialize)]
pub(super) struct ModifiedDietzInput {
    begin: Amount,
    end: Amount,
    days: Amount,
    flows: Option<Vec<(Amount, Amount)>>,
}

pub(super) fn modified_dietz(input: &ModifiedDietzInput) -> Answer {
    let flows = pairs(input.flows.as_deref().unwrap_or_default());
    Ok(scalar(calculator::modified_dietz(
        input.begin.0,
        input.end.0,
        input.days.0,
        &flows,
    )?))
}

fn pairs(list: &[(Amount, Amount)]) -> Vec<(Decimal, Decimal)> {
    list.iter().map(|(first, second)| (first.0, second.0)).collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct RiskInput {
    returns: Vec<Amount>,
    periods_per_year: Amount,
}

pub(super) fn risk(input: &RiskInput) -> Answer {
    let returns: Vec<Decimal> = input.returns.iter().map(|each| each.0).collect();
    let found = calculator::risk(&returns, input.periods_per_year.0)?;
    let mut shown = json!({
        "cumulative": Amount(found.cumulative),
        "max_drawdown": Amount(found.max_drawdown),
    });
    let mut reasons = Vec::new();
    for (name, figure, reason) in [
        ("volatility", found.volatility, "volatility needs two returns"),
        ("sharpe", found.sharpe, "sharpe needs returns that vary"),
        ("sortino", found.sortino, "sortino needs a return below 0"),
        ("calmar", found.calmar, "calmar needs a fall"),
    ] {
        shown[name] = json!(figure.map(Amount));
        if figure.is_none() {
            reasons.push(reason);
        }
    }
    if !reasons.is_empty() {
        shown["reason"] = json!(reasons.join("; "));
    }
    Ok(shown)
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Fifo,
    Lifo,
    Hifo,
    Average,
}

#[derive(Debug, Deserialize)]
pub(super) struct LotsInput {
    method: Method,
    buys: Vec<(CalendarDate, Amount, Amount)>,
    sell: (CalendarDate, Amount, Amount),
}

pub(super) fn lots(input: &LotsInput) -> Answer {
    let trade = |trade: &(CalendarDate, Amount, Amount)| Trade {
        date: trade.0.date(),
        quantity: trade.1.0,
        total: trade.2.0,
    };
    let method = match input.method {
        Method::Fifo => LotMethod::Fifo,
        Method::Lifo => LotMethod::Lifo,
        Method::Hifo => LotMethod::Hifo,
        Method::Average => LotMethod::Average,
    };
    let buys: Vec<Trade> = input.buys.iter().map(trade).collect();
    let found = calculator::sell_lots(method, &buys, trade(&input.sell))?;
    Ok(json!({
        "realised_gain": Amount(found.realised_gain),
        "remaining_quantity": Amount(found.remaining_quantity),
        "remaining_cost": Amount(found.remaining_cost),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct SplitInput {
    quantity: Amount,
    unit_cost: Amount,
    ratios: Vec<String>,
}

pub(super) fn split(input: &SplitInput) -> Answer {
    let ratio = |(index, text): (usize, &String)| {
        let parts = text.split_once(':').and_then(|(new, old)| {
            let number = |part: &str| part.trim().parse::<Amount>().ok();
            Some((number(new)?.0, number(old)?.0))
        });
        parts.ok_or_else(|| Refusal::Invalid {
            field: format!("ratios[{index}]"),
            message: "must be a ratio such as 2:1, new for old".to_owned(),
        })
    };
    let ratios: Result<Vec<_>, Refusal> = input.ratios.iter().enumerate().map(ratio).collect();
    let found = calculator::split(input.quantity.0, input.unit_cost.0, &ratios?)?;
    Ok(json!({
        "quantity": Amount(found.quantity),
        "unit_cost": Amount(found.unit_cost),
        "cost": Amount(found.cost),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct RightsInput {
    shares: Amount,
    unit_cost: Amount,
    rights: Amount,
    subscription_price: Amount,
    fair_value_share: Amount,
    fair_value_right: Amount,
}

pub(super) fn rights(input: &RightsInput) -> Answer {
    let found = calculator::rights(
        input.shares.0,
        input.unit_cost.0,
        input.rights.0,
        input.subscription_price.0,
        input.fair_value_share.0,
        input.fair_value_right.0,
    )?;
    Ok(json!({
        "old_basis": Amount(found.old_basis),
        "rights_basis": Amount(found.rights_basis),
        "unit_basis_new": Amount(found.unit_basis_new),
        "unit_basis_old": Amount(found.unit_basis_old),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct WashSaleInput {
    buy: (Amount, Amount),
    sell: (Amount, Amount),
    rebuys: Vec<(Amount, Amount)>,
}

pub(super) fn wash_sale(input: &WashSaleInput) -> Answer {
    let pair = |pair: (Amount, Amount)| (pair.0.0, pair.1.0);
    let found = calculator::wash_sale(pair(input.buy), pair(input.sell), &pairs(&input.rebuys))?;
    Ok(json!({
        "disallowed_loss": Amount(found.disallowed_loss),
        "allowed_loss": Amount(found.allowed_loss),
        "new_bases": found.new_bases.iter().map(|basis| Amount(*basis)).collect::<Vec<_>>(),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct Ltcg112aInput {
    cost: Amount,
    fair_value_2018: Amount,
    sale: Amount,
}

pub(super) fn ltcg_112a(input: &Ltcg112aInput) -> Answer {
    Ok(scalar(calculator::ltcg_112a(
        input.cost.0,
        input.fair_value_2018.0,
        input.sale.0,
    )?))
}

#[derive(Debug, Deserialize)]
pub(super) struct SipInput {
    monthly: Amount,
    months: Amount,
    annual_rate: Amount,
    due: Option<DueFlag>,
}

pub(super) fn sip_future_value(input: &SipInput) -> Answer {
    Ok(scalar(calculator::sip_future_value(
        input.monthly.0,
        whole("months", input.months)?,
        input.annual_rate.0,
        input.due.unwrap_or_default().0,
    )?))
}

#[derive(Debug, Deserialize)]
pub(super) struct GoalInput {
    start: Amount,
    target: Amount,
    years: Amount,
    mean: Amount,
    volatility: Amount,
}

pub(super) fn goal_probability(input: &GoalInput) -> Answer {
    Ok(scalar(calculator::goal_probability(
        input.start.0,
        input.target.0,
        input.years.0,
        input.mean.0,
        input.volatility.0,
    )?))
}

#[derive(Debug, Deserialize)]
pub(super) struct RebalanceInput {
    positions: BTreeMap<String, Amount>,
    targets: BTreeMap<String, Amount>,
    prices: BTreeMap<String, Amount>,
    cash: Amount,
    minimum_trade: Option<Amount>,
}

pub(super) fn rebalance(input: &RebalanceInput) -> Answer {
    let plain = |map: &BTreeMap<String, Amount>| -> BTreeMap<String, Decimal> {
        map.iter()
            .map(|(name, amount)| (name.clone(), amount.0))
            .collect()
    };
    let minimum_trade = input.minimum_trade.map_or(Decimal::ZERO, |minimum| minimum.0);
    let found = calculator::rebalance(
        &plain(&input.positions),
        &plain(&input.targets),
        &plain(&input.prices),
        input.cash.0,
        minimum_trade,
    )?;
    let trades = found.trades.iter().map(|trade| {
        json!({
            "symbol": trade.symbol,
            "side": match trade.side { Side::Buy => "buy", Side::Sell => "sell" },
            "quantity": Amount(trade.quantity),
            "amount": Amount(trade.amount),
        })
    });
    let skipped = found
        .skipped
        .iter()
        .map(|(symbol, reason)| json!({ "symbol": symbol, "reason": reason }));
    Ok(json!({
        "trades": trades.collect::<Vec<Value>>(),
        "skipped": skipped.collect::<Vec<Value>>(),
        "cash": Amount(found.cash),
    }))
}
