use crate::setting::{Setting, id};
use reqwest::Method;
use serde_json::{Value, json};

fn buy(date: &str, quantity: &str, price: &str) -> Value {
    json!({ "kind": "buy", "symbol": "AAA", "date": date, "quantity": quantity, "price": price })
}

async fn with_three_lots(setting: &Setting, method: &str) -> Value {
    setting.instrument("AAA", "equity", "tech").await;
    let portfolio = setting.portfolio(&setting.user, method).await;
    let user = &setting.user;
    let pay = json!({ "kind": "deposit", "amount": 100_000, "date": "2025-01-01" });
    setting.entered(user, &portfolio, &pay).await;
    for (date, quantity, price) in [
        ("2025-01-10", "10", "100"),
        ("2025-02-10", "10", "150"),
        ("2025-03-10", "10", "120"),
    ] {
        setting
            .entered(user, &portfolio, &buy(date, quantity, price))
            .await;
    }
    portfolio
}

#[tokio::test]
async fn each_method_sells_its_own_lots_and_a_sale_may_choose_another() {
    for method in ["fifo", "lifo", "hifo", "average"] {
        let setting = Setting::new().await;
        let portfolio = with_three_lots(&setting, method).await;
        let sell = json!({ "kind": "sell", "symbol": "AAA", "quantity": 15, "price": 180 });
        // Fifo 1000 + 750, lifo 1200 + 750, hifo 1500 + 600, average 123.33 each.
        let expected = match method {
            "fifo" => "950.00",
            "lifo" => "750.00",
            "hifo" => "600.00",
            _ => "850.00",
        };
        let sold = setting.entered(&setting.user, &portfolio, &sell).await;
        assert_eq!(sold["realised_gain"].to_string(), expected, "{method} {sold}");
        assert_eq!(sold["method"], method);
        let lots = setting.read(&setting.user, &portfolio, "/lots").await;
        let sum = |field: &str| -> f64 {
            let lots = lots.as_array().unwrap().iter();
            lots.map(|lot| lot[field].to_string().parse::<f64>().unwrap())
                .sum()
        };
        let positions = setting.read(&setting.user, &portfolio, "/positions").await;
        assert_eq!(positions[0]["quantity"].to_string(), "15", "{positions}");
        assert_eq!(sum("quantity"), 15.0, "lots add up to the position");
        assert_eq!(
            positions[0]["cost"].to_string().parse::<f64>().unwrap(),
            sum("cost")
        );
        let verified = setting.read(&setting.user, &portfolio, "/verification").await;
        assert_eq!(verified["consistent"], true, "{verified}");
    }
    let setting = Setting::new().await;
    let portfolio = with_three_lots(&setting, "fifo").await;
    let over = json!({ "kind": "sell", "symbol": "AAA", "quantity": 15, "price": 180, "method": "hifo" });
    let sold = setting.entered(&setting.user, &portfolio, &over).await;
    assert_eq!(
        (sold["realised_gain"].to_string(), sold["method"].as_str()),
        ("600.00".to_owned(), Some("hifo"))
    );
}

#[tokio::test]
async fn chosen_lots_are_sold_and_the_trail_names_them() {
    let setting = Setting::new().await;
    let portfolio = with_three_lots(&setting, "fifo").await;
    let lots = setting.read(&setting.user, &portfolio, "/lots").await;
    let second = id(&lots[1]);
    let sell = |quantity: i32, chosen: i32| {
        json!({
            "kind": "sell", "symbol": "AAA", "quantity": quantity, "price": 180,
            "lots": [{ "lot_id": second, "quantity": chosen }],
        })
    };
    for (body, field) in [(sell(5, 4), "lots"), (sell(11, 11), "lots[0].quantity")] {
        let refused = setting.enter(&setting.user, &portfolio, &body).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field);
    }
    let sold = setting.entered(&setting.user, &portfolio, &sell(4, 4)).await;
    let taken = &sold["legs"][0]["taken"][0];
    assert_eq!(taken["lot_id"], second);
    assert_eq!(
        (taken["cost"].as_str(), taken["proceeds"].as_str()),
        (Some("600.00"), Some("720.00")),
        "{sold}"
    );
    assert_eq!(sold["realised_gain"].to_string(), "120.00");
}

#[tokio::test]
async fn impossible_entries_change_nothing() {
    let setting = Setting::new().await;
    let portfolio = with_three_lots(&setting, "fifo").await;
    let before = setting.read(&setting.user, &portfolio, "").await;
    for (body, status, code) in [
        (
            json!({ "kind": "sell", "symbol": "AAA", "quantity": 31, "price": 1 }),
            409,
            "not_held",
        ),
        (
            json!({ "kind": "sell", "symbol": "AAA", "quantity": 11, "price": 1, "date": "2025-01-15" }),
            409,
            "not_held",
        ),
        (
            json!({ "kind": "sell", "symbol": "AAA", "quantity": 1, "price": 1, "fees": 2 }),
            422,
            "validation_error",
        ),
        (buy("2025-01-10", "1000000", "100"), 409, "insufficient_cash"),
        (
            json!({ "kind": "withdrawal", "amount": 10_000_000 }),
            409,
            "insufficient_cash",
        ),
        (
            json!({ "kind": "buy", "symbol": "ZZZ", "quantity": 1, "price": 1 }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "buy", "symbol": "AAA", "quantity": "NaN", "price": 1 }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "buy", "symbol": "AAA", "quantity": -1, "price": 1 }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "buy", "symbol": "AAA", "quantity": 1, "price": -1 }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "buy", "symbol": "AAA", "quantity": 1, "price": 1, "date": "2030-01-01" }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "buy", "symbol": "AAA", "price": 1 }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "deposit", "amount": "1.234" }),
            422,
            "validation_error",
        ),
        (json!({ "kind": "deposit", "amount": 0 }), 422, "validation_error"),
        (
            json!({ "kind": "deposit", "amount": 1, "quantity": 1 }),
            422,
            "validation_error",
        ),
        (
            json!({ "kind": "dividend", "amount": 1 }),
            422,
            "validation_error",
        ),
    ] {
        let refused = setting.enter(&setting.user, &portfolio, &body).await;
        refused.assert_error(status, code);
    }
    assert_eq!(setting.read(&setting.user, &portfolio, "").await, before);
}

#[tokio::test]
async fn a_key_makes_one_entry_and_many_at_once_lose_nothing() {
    let setting = Setting::new().await;
    let portfolio = setting.portfolio(&setting.user, "fifo").await;
    let path = format!("/api/v1/portfolios/{}/entries", id(&portfolio));
    let send = |key: String, amount: i32| {
        let request = setting
            .server
            .request(Method::POST, &path, Some(&setting.user.token));
        let body = json!({ "kind": "deposit", "amount": amount });
        setting
            .server
            .send(request.header("Idempotency-Key", key).json(&body))
    };
    let first = send("k".to_owned(), 7).await;
    assert_eq!(send("k".to_owned(), 7).await.body, first.body);
    send("k".to_owned(), 8)
        .await
        .assert_error(409, "idempotency_key_reused");
    let sent = futures::future::join_all((0..8).map(|number| send(format!("k{number}"), 1))).await;
    assert!(sent.iter().all(|sent| sent.status == 201));
    let read = setting.read(&setting.user, &portfolio, "").await;
    assert_eq!(read["accounts"][0]["cash"], "15.00", "{read}");
    let verified = setting.read(&setting.user, &portfolio, "/verification").await;
    assert_eq!(
        (&verified["consistent"], verified["entries"].as_u64()),
        (&json!(true), Some(9))
    );
}

#[tokio::test]
async fn the_feed_holds_all_that_is_needed_to_make_it_anew() {
    let setting = Setting::new().await;
    let portfolio = with_three_lots(&setting, "fifo").await;
    let feed = setting.store.feed(0, 200).await.unwrap();
    let entered = feed
        .iter()
        .filter(|event| event.event_type == "portfolio.entered");
    let cash: f64 = entered
        .map(|event| {
            event.data["entry"]["cash"]
                .as_str()
                .unwrap()
                .parse::<f64>()
                .unwrap()
        })
        .sum();
    let read = setting.read(&setting.user, &portfolio, "").await;
    assert_eq!(
        read["accounts"][0]["cash"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap(),
        cash
    );
    let valued = feed
        .iter()
        .rev()
        .find(|event| event.event_type == "portfolio.valued")
        .unwrap();
    assert_eq!(valued.data["total"], valued.data["value"]);
    assert_eq!(valued.data["user_id"], json!(setting.user.user()));
}
