use super::{
    Figures, feed,
    ledger::{decimal, text},
};
use crate::{
    error::Error,
    load::{Investor, Journal, SYMBOLS, What},
};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// After every day on which a clock that jumps may have posted.
const TRIAL_BALANCE: &str = "/api/v1/ledger/statements/trial-balance?as_of=2099-12-31";

/// What one investor has, as the API shows it.
struct Portfolio {
    orders: Vec<Value>,
    funding: Vec<Value>,
    entries: Vec<Value>,
    positions: Vec<Value>,
    whole: Value,
    verification: Value,
    trial: Value,
}

/// What was acknowledged is there, once; an order has been filled by as much as its entries say; cash and positions are
/// the sums of the entries; each entry has its event, and each settled funding its entry in the ledger.
pub(crate) async fn examine(
    investor: &mut Investor,
    feeds: &feed::Feeds,
    figures: &mut Figures,
) -> Result<(), Error> {
    let portfolio = read(investor).await?;
    let journal = &investor.sender.journal;
    made_once(
        journal,
        "/api/v1/orders",
        &portfolio.orders,
        "limit_price",
        figures,
    );
    made_once(journal, "/api/v1/funding", &portfolio.funding, "amount", figures);
    steps(journal, &portfolio, figures);
    let by_cause = by_cause(&portfolio.entries, figures)?;
    fills(&portfolio, &by_cause, figures)?;
    settled(&portfolio, &by_cause, figures)?;
    add_up(&portfolio, figures)?;
    let id = &investor.portfolio;
    let told = feed::tell_of_portfolio(feeds, id);
    if told != portfolio.entries.len() {
        figures.chain_breaks.push(format!(
            "portfolio {id} has {} entries and {told} events",
            portfolio.entries.len()
        ));
    }
    if portfolio.verification["consistent"] != true {
        figures.imbalance.push(format!(
            "portfolio {id} is not its replay: {}",
            portfolio.verification["differences"]
        ));
    }
    Ok(())
}

async fn read(investor: &mut Investor) -> Result<Portfolio, Error> {
    let failed = |error: String| Error::at("read a portfolio", error);
    let (id, owner) = (investor.portfolio.clone(), investor.owner.clone());
    let (api, session) = investor.sender.fresh().await.map_err(failed)?;
    let token = session.token.as_str();
    let list = async |path: String| api.list(&path, token).await.map_err(failed);
    let one = async |path: String| {
        let read = api.get(&path, token).await.map_err(failed)?;
        Ok::<_, Error>(read.json())
    };
    Ok(Portfolio {
        orders: list(format!("/api/v1/orders?portfolio_id={id}&limit=200")).await?,
        funding: list(format!("/api/v1/funding?portfolio_id={id}&limit=200")).await?,
        entries: list(format!("/api/v1/portfolios/{id}/entries?limit=200")).await?,
        positions: list(format!("/api/v1/portfolios/{id}/positions")).await?,
        whole: one(format!("/api/v1/portfolios/{id}")).await?,
        verification: one(format!("/api/v1/portfolios/{id}/verification")).await?,
        trial: one(format!("{TRIAL_BALANCE}&user_id={owner}")).await?,
    })
}

/// What was asked for at this path, by what it is known by.
fn made_once(journal: &Journal, path: &str, found: &[Value], mark: &str, figures: &mut Figures) {
    let mut there: BTreeMap<Decimal, Vec<String>> = BTreeMap::new();
    for one in found {
        let known_by = decimal(&one[mark]).unwrap_or_default().normalize();
        there.entry(known_by).or_default().push(text(&one["id"]));
    }
    for entry in &journal.entries {
        let What::Step(step) = &entry.request.what else {
            continue;
        };
        let Some(mark) = step.mark.filter(|_| step.path == path) else {
            continue;
        };
        let ids = there.remove(&mark.normalize()).unwrap_or_default();
        let key = &entry.request.key;
        match (entry.acknowledged(), ids.as_slice()) {
            (Some((_, body)), ids) => {
                let told: Value = serde_json::from_str(body).unwrap_or_default();
                if !ids.contains(&text(&told["id"])) {
                    let story = format!("{key} was acknowledged as {path}/{} and is not there", told["id"]);
                    figures.acknowledged_lost.push(story);
                }
            }
            (None, [_, ..]) if !entry.answers.is_empty() => {
                figures.phantom.push(format!("{key} was refused and is there"));
            }
            (None, _) => {}
        }
        if ids.len() > 1 {
            figures
                .double_posted
                .push(format!("{key} was made {} times", ids.len()));
        }
    }
    for mark in there.keys() {
        figures
            .phantom
            .push(format!("{path} has one of {mark} that nobody asked for"));
    }
}

/// What a step was acknowledged to have brought must not be gone.
fn steps(journal: &Journal, portfolio: &Portfolio, figures: &mut Figures) {
    let state: HashMap<String, &str> = portfolio
        .orders
        .iter()
        .chain(&portfolio.funding)
        .map(|one| (text(&one["id"]), one["state"].as_str().unwrap_or_default()))
        .collect();
    for entry in &journal.entries {
        let (What::Step(step), Some((_, body))) = (&entry.request.what, entry.acknowledged()) else {
            continue;
        };
        let told: Value = serde_json::from_str(body).unwrap_or_default();
        let told_state = told["state"].as_str().unwrap_or_default();
        let is_final = matches!(told_state, "filled" | "cancelled" | "rejected" | "settled");
        let now = state.get(&text(&told["id"])).copied().unwrap_or_default();
        if is_final && now != told_state {
            figures.acknowledged_lost.push(format!(
                "{} ({}) was acknowledged as {told_state} and is {now}",
                entry.request.key, step.path
            ));
        }
    }
}

/// The entries of each order and funding; every entry has one.
fn by_cause<'a>(
    entries: &'a [Value],
    figures: &mut Figures,
) -> Result<HashMap<&'a str, Vec<&'a Value>>, Error> {
    let mut causes: HashMap<&str, Vec<&Value>> = HashMap::new();
    for (seq, entry) in (1_u64..).zip(by_seq(entries)) {
        if entry["seq"] != seq {
            figures.chain_breaks.push(format!(
                "the entries of a portfolio count {} where {seq} should be",
                entry["seq"]
            ));
            break;
        }
    }
    for entry in entries {
        let cause = entry["cause"].as_str().unwrap_or_default();
        causes.entry(cause).or_default().push(entry);
    }
    Ok(causes)
}

fn by_seq(entries: &[Value]) -> Vec<&Value> {
    let mut sorted: Vec<&Value> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry["seq"].as_u64());
    sorted
}

/// What came and what went of this symbol in an entry.
fn moved(entry: &Value, symbol: &str) -> Result<Decimal, Error> {
    let mut sum = Decimal::ZERO;
    let legs = entry["legs"].as_array().into_iter().flatten();
    for leg in legs.filter(|leg| leg["symbol"] == symbol) {
        for lot in leg["made"].as_array().into_iter().flatten() {
            sum += decimal(&lot["quantity"])?;
        }
        for lot in leg["taken"].as_array().into_iter().flatten() {
            sum -= decimal(&lot["quantity"])?;
        }
    }
    Ok(sum)
}

fn fills(
    portfolio: &Portfolio,
    by_cause: &HashMap<&str, Vec<&Value>>,
    figures: &mut Figures,
) -> Result<(), Error> {
    for order in &portfolio.orders {
        let cause = format!("order/{}", text(&order["id"]));
        let mut filled = Decimal::ZERO;
        for entry in by_cause.get(cause.as_str()).into_iter().flatten() {
            filled += moved(entry, &text(&order["symbol"]))?.abs();
        }
        let said = decimal(&order["filled"])?;
        if said != filled {
            figures.imbalance.push(format!(
                "{cause} says that {said} were filled, its entries moved {filled}"
            ));
        }
        if filled > decimal(&order["quantity"])? {
            figures
                .double_posted
                .push(format!("{cause} moved {filled}: more than was ordered"));
        }
    }
    Ok(())
}

/// Each funding that was settled has one entry in the portfolio, and the ledger has them all.
fn settled(
    portfolio: &Portfolio,
    by_cause: &HashMap<&str, Vec<&Value>>,
    figures: &mut Figures,
) -> Result<(), Error> {
    let mut sum = Decimal::ZERO;
    for funding in &portfolio.funding {
        let cause = format!("funding/{}", text(&funding["id"]));
        let entries = by_cause.get(cause.as_str()).map_or(0, Vec::len);
        let is_settled = funding["state"] == "settled";
        if is_settled {
            sum += decimal(&funding["amount"])?;
        }
        match (is_settled, entries) {
            (true, 1) | (false, 0) => {}
            (true, 0) => figures
                .acknowledged_lost
                .push(format!("{cause} is settled and has no entry")),
            (_, times) => figures.double_posted.push(format!(
                "{cause} is {} and has {times} entries",
                text(&funding["state"])
            )),
        }
    }
    let rows = portfolio.trial["rows"].as_array().into_iter().flatten();
    let mut lies = Decimal::ZERO;
    for row in rows.filter(|row| row["account"] == "asset:investments") {
        lies += decimal(&row["debit"])? - decimal(&row["credit"])?;
    }
    if lies != sum {
        figures
            .imbalance
            .push(format!("{sum} were paid into a portfolio, the ledger has {lies}"));
    }
    Ok(())
}

/// Cash and positions are the sums of the entries.
fn add_up(portfolio: &Portfolio, figures: &mut Figures) -> Result<(), Error> {
    let mut cash = Decimal::ZERO;
    for entry in &portfolio.entries {
        cash += decimal(&entry["cash"])?;
    }
    let said = decimal(&portfolio.whole["cash"])?;
    if said != cash {
        figures.imbalance.push(format!(
            "a portfolio has {said} in cash, its entries add up to {cash}"
        ));
    }
    for symbol in SYMBOLS {
        let mut held = Decimal::ZERO;
        for entry in &portfolio.entries {
            held += moved(entry, symbol)?;
        }
        let position = portfolio.positions.iter().find(|found| found["symbol"] == symbol);
        let said = match position {
            Some(position) => decimal(&position["quantity"])?,
            None => Decimal::ZERO,
        };
        if said != held {
            figures.imbalance.push(format!(
                "a portfolio holds {said} of {symbol}, its entries add up to {held}"
            ));
        }
    }
    Ok(())
}
