//! Many callers order, place, fill and cancel at once on a few portfolios. Afterwards each position is the sum of its fills, the
//! cash the sum of its flows, and what is stored what follows from the feed. `WEALTH_ORDERS=10000` says how many orders.

use crate::setting::{Setting, id};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use testkit::{Harness, Login, Reply};

/// Two for each portfolio: its owner and somebody of the firm.
const CALLERS: usize = 8;
const SYMBOLS: [(&str, i64); 3] = [("AAA", 100), ("BBB", 250), ("CCC", 40)];
const DEPOSIT: i64 = 50_000;

/// How many orders there are in all.
fn orders() -> usize {
    let wanted = std::env::var("WEALTH_ORDERS").ok();
    wanted.map_or(240, |wanted| wanted.parse().unwrap())
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

pub(crate) async fn positions_are_the_fills_and_cash_the_flows_whatever_many_callers_do_at_once(
    harness: Harness,
) {
    let setting = Arc::new(Setting::on(harness).await);
    for (symbol, price) in SYMBOLS {
        setting.instrument(symbol, "equity", "tech").await;
        setting.quote(symbol, "2026-01-15", &price.to_string()).await;
    }
    let mut portfolios = Vec::new();
    let mut callers = Vec::new();
    for pair in 0..CALLERS / 2 {
        let owner = setting.harness.log_in(kernel::Role::Client);
        let portfolio = setting.portfolio(&owner, "fifo").await;
        let deposit = json!({ "kind": "deposit", "amount": DEPOSIT });
        setting.entered(&owner, &portfolio, &deposit).await;
        portfolios.push((owner.clone(), portfolio.clone()));
        for (place, login) in [owner, setting.admin.clone()].into_iter().enumerate() {
            let (setting, portfolio) = (setting.clone(), portfolio.clone());
            let numbers = Numbers(u64::try_from(pair * 2 + place + 1).unwrap());
            callers.push(async move { trade(&setting, &login, &portfolio, numbers).await });
        }
    }
    futures::future::join_all(callers).await;
    // What waits is filled by another quote, by two processes at once.
    for (symbol, price) in SYMBOLS {
        setting
            .quote(symbol, "2026-01-15", &(price * 8 / 10).to_string())
            .await;
    }
    tokio::join!(setting.hear(), setting.hear());
    let told = steps_told(&setting).await;
    let mut filled = 0;
    for (owner, portfolio) in &portfolios {
        filled += check(&setting, owner, portfolio, &told).await;
    }
    assert!(
        filled > orders() / 4,
        "only {filled} fills: the test tests little"
    );
}

/// Orders as one caller; every answer is a success or a refusal with a reason.
async fn trade(setting: &Setting, login: &Login, portfolio: &Value, mut numbers: Numbers) {
    for _ in 0..orders() / CALLERS {
        let (symbol, price) = SYMBOLS[usize::try_from(numbers.below(3)).unwrap()];
        let side = if numbers.below(5) < 3 { "buy" } else { "sell" };
        let mut body = json!({
            "portfolio_id": portfolio["id"], "symbol": symbol, "side": side, "quantity": 1 + numbers.below(20),
        });
        match numbers.below(3) {
            0 => body["limit_price"] = json!(price),
            1 => body["limit_price"] = json!(if side == "buy" { price * 9 / 10 } else { price * 2 }),
            _ => {}
        }
        let made = setting.server.post("/api/v1/orders", &login.token, &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let act = async |step: &str, login: &Login, body: Value| {
            let path = format!("/api/v1/orders/{}/{step}", id(&made.body));
            let done = setting.server.post(&path, &login.token, &body).await;
            assert!(matches!(done.status, 200 | 409), "{step}: {}", done.text);
            done
        };
        act("check", login, Value::Null).await;
        let placed: Reply = match numbers.below(5) {
            0 => {
                let cancel = act("cancel", &setting.admin, json!({}));
                tokio::join!(act("place", login, Value::Null), cancel).0
            }
            _ => act("place", login, Value::Null).await,
        };
        if placed.status == 200 && placed["state"] == "placed" {
            let fill = json!({ "quantity": 1, "price": price });
            match numbers.below(4) {
                0 => drop(act("fills", &setting.admin, fill).await),
                1 => {
                    let cancel = act("cancel", login, json!({ "reason": "enough" }));
                    drop(tokio::join!(act("fills", &setting.admin, fill), cancel));
                }
                2 => drop(act("cancel", login, json!({})).await),
                _ => {}
            }
        }
    }
}

/// The steps of each order, as the feed tells of them.
async fn steps_told(setting: &Setting) -> BTreeMap<String, Vec<Value>> {
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in setting.feed().await {
        if event.event_type.starts_with("order.") {
            let order = event.data["order_id"].as_str().unwrap().to_owned();
            told.entry(order).or_default().push(event.data["step"].clone());
        }
    }
    told
}

/// Everything of a portfolio adds up; answers how many fills there were.
async fn check(
    setting: &Setting,
    owner: &Login,
    portfolio: &Value,
    told: &BTreeMap<String, Vec<Value>>,
) -> usize {
    let list = format!("/api/v1/orders?portfolio_id={}&limit=200", id(portfolio));
    let (mut cash, mut held, mut fills) = (Decimal::from(DEPOSIT), BTreeMap::new(), 0);
    for order in setting.all(owner, &list).await {
        let history = order["history"].as_array().unwrap();
        assert_eq!(
            history,
            &told[id(&order)],
            "the state is what the feed tells: {order}"
        );
        let (mut done, mut ends) = (Decimal::ZERO, 0);
        for step in history {
            ends += usize::from(matches!(
                step["state"].as_str().unwrap(),
                "filled" | "cancelled" | "rejected" | "expired"
            ));
            if step["quantity"].is_null() {
                continue;
            }
            let figure = |name: &str| step[name].as_str().unwrap().parse::<Decimal>().unwrap();
            let (quantity, price) = (figure("quantity"), figure("price"));
            let way = if order["side"] == "buy" {
                Decimal::ONE
            } else {
                Decimal::NEGATIVE_ONE
            };
            *held
                .entry(order["symbol"].as_str().unwrap().to_owned())
                .or_insert(Decimal::ZERO) += quantity * way;
            cash -= quantity * price * way;
            done += quantity;
            fills += 1;
        }
        assert!(ends <= 1, "an order ends once: {order}");
        let figure = |name: &str| order[name].to_string().parse::<Decimal>().unwrap();
        assert_eq!(figure("filled"), done, "{order}");
        assert!(done <= figure("quantity"), "never beyond the order: {order}");
    }
    let positions = setting.read(owner, portfolio, "/positions").await;
    let positions: BTreeMap<String, Decimal> = positions
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["symbol"].as_str().unwrap().to_owned(),
                one["quantity"].to_string().parse().unwrap(),
            )
        })
        .collect();
    held.retain(|_, quantity| !quantity.is_zero());
    assert_eq!(positions, held, "positions are the sums of the fills");
    let read = setting.read(owner, portfolio, "").await;
    let stored: Decimal = read["accounts"][0]["cash"].as_str().unwrap().parse().unwrap();
    assert_eq!(stored, cash, "the cash is the deposit and what the fills moved");
    let entries = setting
        .all(
            owner,
            &format!("/api/v1/portfolios/{}/entries?limit=200", id(portfolio)),
        )
        .await;
    let flows: Decimal = entries
        .iter()
        .map(|one| one["cash"].to_string().parse::<Decimal>().unwrap())
        .sum();
    assert_eq!(
        (stored, entries.len()),
        (flows, fills + 1),
        "the cash is the sum of the flows"
    );
    let verified = setting.read(owner, portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
    fills
}
