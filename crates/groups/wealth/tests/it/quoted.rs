//! What new quotes do: orders that wait are filled, once for each fill, and portfolios have another value.

use crate::{
    actions::{recorded, stepped},
    setting::{Setting, id},
};
use kernel::Role;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::{Harness, Login};

/// A portfolio with ten thousand rupees.
async fn funded(setting: &Setting, login: &Login) -> Value {
    let portfolio = setting.portfolio(login, "fifo").await;
    let deposit = json!({ "kind": "deposit", "amount": 10_000 });
    setting.entered(login, &portfolio, &deposit).await;
    portfolio
}

/// An order that the broker has.
async fn placed(setting: &Setting, login: &Login, portfolio: &Value, more: Value) -> Value {
    let mut body = json!({ "portfolio_id": portfolio["id"], "symbol": "AAA", "side": "buy", "quantity": 10 });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let order = setting.server.post("/api/v1/orders", &login.token, &body).await;
    assert_eq!(order.status, 201, "{}", order.text);
    for step in ["check", "place"] {
        let path = format!("/api/v1/orders/{}/{step}", id(&order.body));
        let done = setting.server.post(&path, &login.token, &json!(null)).await;
        assert_eq!(done.status, 200, "{}", done.text);
    }
    order.body
}

async fn order(setting: &Setting, login: &Login, order: &Value) -> Value {
    let path = format!("/api/v1/orders/{}", id(order));
    setting.server.get(&path, &login.token).await.body
}

async fn state(setting: &Setting, login: &Login, of: &Value) -> String {
    let order = order(setting, login, of).await;
    order["state"].as_str().unwrap().to_owned()
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) async fn an_order_that_waits_is_filled_once_when_its_price_comes(harness: Harness) {
    let setting = Setting::on(harness).await;
    let user = &setting.user;
    setting.instrument("AAA", "equity", "tech").await;
    setting.quote("AAA", "2026-01-14", "100").await;
    let portfolio = funded(&setting, user).await;
    let waits = placed(&setting, user, &portfolio, json!({ "limit_price": 90 })).await;
    let lower = placed(&setting, user, &portfolio, json!({ "limit_price": 50 })).await;
    let dear = json!({ "limit_price": 95, "quantity": 1000 });
    let dear = placed(&setting, user, &portfolio, dear).await;
    let part = placed(
        &setting,
        user,
        &portfolio,
        json!({ "limit_price": 90, "quantity": 20 }),
    )
    .await;
    let path = format!("/api/v1/orders/{}/fills", id(&part));
    let fill = json!({ "quantity": 15, "price": 90 });
    let fill = setting.server.post(&path, &setting.admin.token, &fill).await;
    assert_eq!(fill["state"], "partially_filled", "{}", fill.text);
    setting.hear().await;
    assert_eq!(
        state(&setting, user, &waits).await,
        "placed",
        "the price has not come"
    );
    setting.quote("AAA", "2026-01-15", "89").await;
    tokio::join!(setting.hear(), setting.hear());
    setting.hear().await;
    let filled = order(&setting, user, &waits).await;
    assert_eq!(filled["state"], "filled", "{filled}");
    let last = filled["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["price"], &last["quantity"]),
        (&json!("89"), &json!("10")),
        "{last}"
    );
    assert_eq!(state(&setting, user, &part).await, "filled");
    assert_eq!(state(&setting, user, &lower).await, "placed");
    let refused = order(&setting, user, &dear).await;
    let last = refused["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["state"], &last["reasons"]),
        (&json!("rejected"), &json!(["insufficient_cash"])),
        "{refused}"
    );
    let positions = setting.read(user, &portfolio, "/positions").await;
    assert_eq!(
        positions[0]["quantity"].to_string(),
        "30",
        "the sum of the fills: {positions}"
    );
    let verified = setting.read(user, &portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
    assert_eq!(setting.told("order.filled").await.len(), 2, "each is told once");
}

#[tokio::test]
async fn an_order_that_was_placed_by_a_stale_quote_waits_for_a_fresh_one() {
    let setting = Setting::new().await;
    let user = &setting.user;
    setting.instrument("AAA", "equity", "tech").await;
    setting.quote("AAA", "2026-01-02", "100").await;
    let portfolio = funded(&setting, user).await;
    let waits = placed(&setting, user, &portfolio, json!({})).await;
    setting.hear().await;
    assert_eq!(state(&setting, user, &waits).await, "placed");
    // An older day's quote is nothing new.
    setting.quote("AAA", "2026-01-01", "1").await;
    setting.hear().await;
    assert_eq!(state(&setting, user, &waits).await, "placed");
    setting.quote("AAA", "2026-01-15", "101").await;
    setting.hear().await;
    assert_eq!(state(&setting, user, &waits).await, "filled");
}

#[tokio::test]
async fn an_order_of_before_a_split_is_not_filled_by_the_prices_after_it() {
    let mut setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    setting.quote("AAA", "2026-01-15", "100").await;
    let user = setting.user.clone();
    let portfolio = funded(&setting, &user).await;
    let waits = placed(&setting, &user, &portfolio, json!({ "limit_price": 60 })).await;
    let split = json!({ "kind": "split", "symbol": "AAA", "ratio": "2:1", "ex_date": "2026-01-16" });
    let split = recorded(&setting, &split).await;
    setting.pass(1);
    stepped(&setting, &split, "apply").await;
    setting.quote("AAA", "2026-01-16", "50").await;
    setting.hear().await;
    let refused = order(&setting, &setting.user, &waits).await;
    let last = refused["history"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["state"], &last["reasons"]),
        (&json!("rejected"), &json!(["split_since_placed"])),
        "{refused}"
    );
    let positions = setting.read(&setting.user, &portfolio, "/positions").await;
    assert_eq!(positions, json!([]), "nothing was bought");
}

#[tokio::test]
async fn new_quotes_value_anew_what_is_held_and_nothing_else() {
    let setting = Setting::new().await;
    for symbol in ["AAA", "BBB", "CCC"] {
        setting.instrument(symbol, "equity", "tech").await;
        setting.quote(symbol, "2026-01-14", "100").await;
    }
    let (first, second) = (&setting.user, &setting.client);
    let buy = |symbol: &str| json!({ "kind": "buy", "symbol": symbol, "quantity": 10, "price": 100 });
    let core = funded(&setting, first).await;
    setting.entered(first, &core, &buy("AAA")).await;
    funded(&setting, first).await;
    let other = funded(&setting, second).await;
    setting.entered(second, &other, &buy("BBB")).await;
    setting.hear().await;
    let before = setting.told("portfolio.valued").await.len();
    setting.quote("CCC", "2026-01-15", "500").await;
    setting.quote("AAA", "2026-01-15", "100").await;
    setting.hear().await;
    assert_eq!(
        setting.told("portfolio.valued").await.len(),
        before,
        "nobody holds it, or it costs what it did"
    );
    setting.quote("AAA", "2026-01-15", "110").await;
    tokio::join!(setting.hear(), setting.hear());
    setting.hear().await;
    let told = setting.told("portfolio.valued").await;
    assert_eq!(told.len(), before + 1, "it is told once");
    let last = &told.last().unwrap()["data"];
    assert_eq!(last["portfolio_id"], core["id"], "{last}");
    assert_eq!(
        (decimal(&last["value"]), decimal(&last["total"])),
        (10_100.into(), 20_100.into()),
        "{last}"
    );
    let listed = setting
        .server
        .get("/api/v1/portfolios?sort=-value", &first.token)
        .await;
    assert_eq!(listed.body[0]["id"], core["id"], "{}", listed.text);
}

pub(crate) async fn a_book_is_valued_page_by_page_and_so_is_another_currency(harness: Harness) {
    let setting = Setting::on(harness).await;
    setting.instrument("AAA", "equity", "tech").await;
    setting.instrument("USDINR", "currency", "rates").await;
    setting.quote("AAA", "2026-01-14", "100").await;
    setting.quote("USDINR", "2026-01-14", "80").await;
    let buy = json!({ "kind": "buy", "symbol": "AAA", "quantity": 10, "price": 100 });
    for _ in 0..45 {
        let somebody = setting.harness.log_in(Role::Client);
        let portfolio = funded(&setting, &somebody).await;
        setting.entered(&somebody, &portfolio, &buy).await;
    }
    let user = &setting.user;
    let body = json!({ "name": "Abroad", "accounts": [{ "name": "Dollars", "currency": "USD" }] });
    let abroad = setting
        .server
        .post("/api/v1/portfolios", &user.token, &body)
        .await
        .body;
    let deposit = json!({ "kind": "deposit", "amount": 10 });
    setting.entered(user, &abroad, &deposit).await;
    setting.hear().await;
    let before = setting.told("portfolio.valued").await.len();
    setting.quote("AAA", "2026-01-15", "90").await;
    tokio::join!(setting.hear(), setting.hear());
    let told = setting.told("portfolio.valued").await;
    assert_eq!(told.len(), before + 45, "each is told once");
    for event in &told[before..] {
        let data = &event["data"];
        assert_eq!(
            (decimal(&data["value"]), decimal(&data["total"])),
            (9_900.into(), 9_900.into()),
            "{data}"
        );
    }
    setting.quote("USDINR", "2026-01-15", "90").await;
    setting.hear().await;
    let told = setting.told("portfolio.valued").await;
    assert_eq!(told.len(), before + 46);
    let last = &told.last().unwrap()["data"];
    assert_eq!(last["portfolio_id"], abroad["id"], "{last}");
    assert_eq!(decimal(&last["value"]), 900.into(), "{last}");
}

#[tokio::test]
async fn a_file_of_quotes_does_not_wait_for_what_it_causes() {
    let setting = Setting::new().await;
    let symbols: Vec<String> = (0..100).map(|number| format!("S{number:03}")).collect();
    let instruments: String = symbols
        .iter()
        .map(|symbol| format!("{symbol},{symbol},equity,3\n"))
        .collect();
    let file = format!("symbol,name,class,product_risk\n{instruments}");
    let kept = setting
        .file(&setting.admin, "/api/v1/instruments/import", &file)
        .await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let portfolio = funded(&setting, &setting.user).await;
    let buy = json!({ "kind": "buy", "symbol": "S007", "quantity": 10, "price": 100 });
    setting.entered(&setting.user, &portfolio, &buy).await;
    let days = ["2026-01-12", "2026-01-13", "2026-01-14"];
    let rows = days
        .iter()
        .flat_map(|day| symbols.iter().map(move |symbol| format!("{symbol},{day},120\n")));
    let file = format!("symbol,date,price\n{}", rows.collect::<String>());
    let before = setting.told("portfolio.valued").await.len();
    let kept = setting.file(&setting.admin, "/api/v1/quotes/import", &file).await;
    assert_eq!(
        (kept.status, &kept["changed"]),
        (200, &json!(300)),
        "{}",
        kept.text
    );
    assert_eq!(
        setting.told("portfolio.valued").await.len(),
        before,
        "not in the request"
    );
    setting.hear().await;
    let told = setting.told("portfolio.valued").await;
    assert_eq!(told.len(), before + 1);
    assert_eq!(decimal(&told.last().unwrap()["data"]["value"]), 10_200.into());
}
