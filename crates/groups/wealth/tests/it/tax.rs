use crate::{
    actions::{recorded, stepped},
    setting::{Setting, id, place},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::Login;

fn number(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap()
}

/// Trades of AAA: kind, day, quantity, price. Cash is paid in first.
async fn traded(setting: &Setting, login: &Login, trades: &[(&str, &str, i64, i64)]) -> Value {
    let portfolio = setting.portfolio(login, "fifo").await;
    let pay = json!({ "kind": "deposit", "amount": 100_000_000, "date": "2015-01-01" });
    setting.entered(login, &portfolio, &pay).await;
    trade(setting, login, &portfolio, trades).await;
    portfolio
}

async fn trade(setting: &Setting, login: &Login, portfolio: &Value, trades: &[(&str, &str, i64, i64)]) {
    for (kind, date, quantity, price) in trades {
        let body =
            json!({ "kind": kind, "symbol": "AAA", "date": date, "quantity": quantity, "price": price });
        setting.entered(login, portfolio, &body).await;
    }
}

async fn gains(setting: &Setting, login: &Login, portfolio: &Value, rest: &str) -> Value {
    setting
        .read(login, portfolio, &format!("/tax/gains?{rest}"))
        .await
}

#[tokio::test]
async fn an_indian_year_is_split_into_short_and_long_term_with_grandfathering() {
    let setting = Setting::new().await;
    let instrument = json!({
        "symbol": "AAA", "name": "AAA", "class": "equity", "product_risk": 3, "fair_value_2018": 150,
    });
    let made = setting
        .server
        .post("/api/v1/instruments", &setting.admin.token, &instrument)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let user = &setting.user;
    let portfolio = traded(
        &setting,
        user,
        &[
            ("buy", "2017-06-01", 100, 100),
            ("buy", "2024-06-01", 100, 180),
            ("sell", "2025-04-10", 100, 200),
            ("sell", "2025-05-02", 50, 190),
            ("sell", "2025-07-01", 50, 170),
        ],
    )
    .await;
    let year = gains(&setting, user, &portfolio, "year=2025").await;
    assert_eq!(
        (year["from"].as_str(), year["to"].as_str()),
        (Some("2025-04-01"), Some("2026-03-31"))
    );
    let lines = year["lines"].as_array().unwrap();
    // 200 less the value of 31 January 2018, not less the cost.
    assert_eq!(number(&lines[0]["taxable_gain"]), 5000.into(), "{year}");
    assert_eq!(
        (lines[0]["term"].as_str(), number(&lines[0]["rate"])),
        (Some("long"), Decimal::new(125, 3))
    );
    assert_eq!(
        (lines[1]["term"].as_str(), number(&lines[1]["taxable_gain"])),
        (Some("short"), 500.into())
    );
    assert_eq!(
        (lines[2]["term"].as_str(), number(&lines[2]["taxable_gain"])),
        (Some("long"), (-500).into())
    );
    assert_eq!(number(&lines[1]["rate"]), Decimal::new(20, 2));
    let totals = &year["totals"][0];
    assert_eq!(number(&totals["long_term_gains"]), 5000.into());
    assert_eq!(number(&totals["long_term_losses"]), (-500).into());
    assert_eq!(number(&totals["short_term_gains"]), 500.into());
    assert_eq!(number(&year["exemption"]["amount"]), 125_000.into());
    assert_eq!(number(&year["exemption"]["used"]), 4500.into());
    assert!(
        year["disclaimer"]
            .as_str()
            .unwrap()
            .contains("no tax or investment advice")
    );
    assert_eq!(
        gains(&setting, user, &portfolio, "year=2024").await["lines"],
        json!([])
    );

    let path = format!("{}/tax/gains?year=2025&format=csv", place(&portfolio));
    let table = setting.server.get(&path, &user.token).await;
    assert_eq!(table.text.lines().count(), 4, "{}", table.text);
    assert!(table.text.starts_with("symbol,account_id,acquired,sold,"));
}

#[tokio::test]
async fn a_wash_sale_is_disallowed_and_goes_to_the_cost_of_what_replaces_it() {
    let setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    let user = &setting.user;
    // IRS publication 550: 100 bought for 1,000, sold for 750, bought again for 800 within 30 days.
    let first = traded(&setting, user, &[("buy", "2024-09-21", 100, 10)]).await;
    let sale =
        json!({ "kind": "sell", "symbol": "AAA", "date": "2024-12-15", "quantity": 100, "price": "7.5" });
    setting.entered(user, &first, &sale).await;
    // The replacement is in another portfolio of the same person.
    let second = traded(&setting, user, &[("buy", "2024-12-19", 100, 8)]).await;
    let year = gains(&setting, user, &first, "year=2024&jurisdiction=US").await;
    let line = &year["lines"][0];
    assert_eq!(number(&line["gain"]), (-250).into(), "{year}");
    assert_eq!(number(&line["disallowed_loss"]), 250.into());
    assert_eq!(number(&line["taxable_gain"]), Decimal::ZERO);
    assert_eq!(line["replacements"][0]["portfolio_id"], second["id"]);
    assert_eq!(number(&line["replacements"][0]["new_basis"]), 1050.into());
    assert_eq!(year["exemption"], Value::Null);
    let india = gains(&setting, user, &first, "year=2024&jurisdiction=IN").await;
    assert_eq!(
        number(&india["lines"][0]["taxable_gain"]),
        (-250).into(),
        "India has no such rule"
    );
    trade(&setting, user, &second, &[("sell", "2025-06-01", 50, 12)]).await;
    let next = gains(&setting, user, &second, "year=2025&jurisdiction=US").await;
    // Half of 1,050 is the cost.
    assert_eq!(number(&next["lines"][0]["cost"]), 525.into(), "{next}");
    assert_eq!(number(&next["lines"][0]["taxable_gain"]), 75.into());
}

#[tokio::test]
async fn losses_are_found_with_their_saving_and_what_stands_in_the_way() {
    let setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    let client = &setting.client;
    let today = setting.today();
    setting.quote("AAA", &today, "80").await;
    let portfolio = traded(
        &setting,
        client,
        &[("buy", "2024-01-10", 10, 100), ("buy", "2024-02-10", 10, 70)],
    )
    .await;
    let other = traded(&setting, client, &[]).await;
    let path = "/tax/harvesting";
    let india = setting.read(client, &portfolio, path).await;
    let all = india["candidates"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{india}");
    assert_eq!(number(&all[0]["loss"]), (-200).into());
    assert_eq!(
        (all[0]["term"].as_str(), number(&all[0]["estimated_saving"])),
        (Some("long"), 25.into())
    );
    assert_eq!(all[0]["wash_sale"], Value::Null);
    let usa = format!("{path}?jurisdiction=US");
    let clear = setting.read(client, &portfolio, &usa).await;
    assert_eq!(
        number(&clear["candidates"][0]["estimated_saving"]),
        40.into(),
        "{clear}"
    );
    assert_eq!(clear["candidates"][0]["wash_sale"]["purchases"], json!([]));
    // Four are bought today in another portfolio, one is ordered.
    trade(&setting, client, &other, &[("buy", &today, 4, 80)]).await;
    let order = json!({
        "portfolio_id": other["id"], "side": "buy", "symbol": "AAA", "quantity": 1, "limit_price": 80,
    });
    let made = setting.server.post("/api/v1/orders", &client.token, &order).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let washed = setting.read(client, &portfolio, &usa).await;
    let check = &washed["candidates"][0]["wash_sale"];
    assert_eq!(number(&check["disallowed_loss"]), 100.into(), "{washed}");
    assert_eq!(check["purchases"].as_array().unwrap().len(), 2);
    assert_eq!(number(&washed["candidates"][0]["estimated_saving"]), 20.into());

    let book = setting
        .server
        .get("/api/v1/tax/harvesting", &setting.advisor.token)
        .await;
    assert_eq!(book.body.as_array().unwrap().len(), 1, "{}", book.text);
    assert_eq!(book.body[0]["portfolio_id"], portfolio["id"]);
    let others = setting
        .server
        .get("/api/v1/tax/harvesting", &setting.other_advisor.token)
        .await;
    assert_eq!(others.body, json!([]));
    for path in [
        format!("{}/tax/gains", place(&portfolio)),
        format!("{}/tax/harvesting", place(&portfolio)),
        format!("/api/v1/tax/gains?user_id={}", client.user()),
        format!("/api/v1/tax/harvesting?user_id={}", client.user()),
    ] {
        let stranger = setting.server.get(&path, &setting.other_advisor.token).await;
        stranger.assert_error(404, "not_found");
        let own = setting.server.get(&path, &setting.advisor.token).await;
        assert_eq!(own.status, 200, "{path} {}", own.text);
    }
    for wrong in [
        "year=1",
        "year=99999999999",
        "year=x",
        "jurisdiction=FR",
        "format=xml",
        "surprise=1",
    ] {
        let path = format!("{}/tax/gains?{wrong}", place(&portfolio));
        let refused = setting.server.get(&path, &client.token).await;
        refused.assert_error(422, "validation_error");
    }
    // Also where there is nothing to look through.
    for year in [1899, 2200] {
        let path = format!("/api/v1/tax/gains?year={year}");
        let refused = setting.server.get(&path, &setting.other_advisor.token).await;
        refused.assert_error(422, "validation_error");
    }
}

#[tokio::test]
async fn taxes_look_through_corporate_actions() {
    let setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    let user = &setting.user;
    let portfolio = traded(&setting, user, &[("buy", "2023-01-10", 5, 100)]).await;
    let split = json!({
        "kind": "reverse_split", "symbol": "AAA", "ratio": "1:2", "ex_date": "2025-05-01",
        "cash_in_lieu_price": 300,
    });
    let split = recorded(&setting, &split).await;
    stepped(&setting, &split, "apply").await;
    trade(&setting, user, &portfolio, &[("sell", "2025-06-01", 2, 250)]).await;
    let year = gains(&setting, user, &portfolio, "year=2025").await;
    let lines = year["lines"].as_array().unwrap();
    // Half a share for 150 that had cost 100, then two for 500 that had cost 400; both held since 2023.
    assert_eq!(lines.len(), 2, "{year}");
    assert_eq!(
        (number(&lines[0]["gain"]), lines[0]["term"].as_str()),
        (50.into(), Some("long"))
    );
    assert_eq!(
        (number(&lines[1]["gain"]), lines[1]["acquired"].as_str()),
        (100.into(), Some("2023-01-10"))
    );
    let book = setting
        .server
        .get("/api/v1/tax/gains?year=2025", &user.token)
        .await;
    assert_eq!(
        book.body[0]["portfolio_id"].as_str(),
        Some(id(&portfolio)),
        "{}",
        book.text
    );
}
