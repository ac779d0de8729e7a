use crate::setting::{NOBODY, Setting, id};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testkit::Reply;

/// Records an action as an admin; it must succeed.
pub(crate) async fn recorded(setting: &Setting, body: &Value) -> Value {
    let path = "/api/v1/corporate-actions";
    let made = setting.server.post(path, &setting.admin.token, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

pub(crate) async fn step(setting: &Setting, action: &Value, step: &str) -> Reply {
    let path = format!("/api/v1/corporate-actions/{}/{step}", id(action));
    setting.server.post(&path, &setting.admin.token, &json!({})).await
}

/// Takes a step; it must succeed.
pub(crate) async fn stepped(setting: &Setting, action: &Value, what: &str) -> Value {
    let done = step(setting, action, what).await;
    assert_eq!(done.status, 200, "{}", done.text);
    done.body
}

/// A portfolio that bought ten at 100 and ten at 130 in January and February 2025, with cash left.
async fn held(setting: &Setting, method: &str) -> Value {
    setting.instrument("AAA", "equity", "tech").await;
    let portfolio = setting.portfolio(&setting.user, method).await;
    let pay = json!({ "kind": "deposit", "amount": 10_000, "date": "2025-01-01" });
    setting.entered(&setting.user, &portfolio, &pay).await;
    for (date, price) in [("2025-01-10", 100), ("2025-02-10", 130)] {
        buy(setting, &portfolio, date, 10, price).await;
    }
    portfolio
}

async fn buy(setting: &Setting, portfolio: &Value, date: &str, quantity: i32, price: i32) {
    let buy = json!({ "kind": "buy", "symbol": "AAA", "date": date, "quantity": quantity, "price": price });
    setting.entered(&setting.user, portfolio, &buy).await;
}

pub(crate) async fn consistent(setting: &Setting, portfolio: &Value) {
    let verified = setting.read(&setting.user, portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
}

pub(crate) fn number(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap()
}

/// The lots of a symbol: acquired, quantity, cost.
pub(crate) async fn lots(
    setting: &Setting,
    portfolio: &Value,
    symbol: &str,
) -> Vec<(String, Decimal, Decimal)> {
    let lots = setting.read(&setting.user, portfolio, "/lots").await;
    let lots = lots
        .as_array()
        .unwrap()
        .iter()
        .filter(|lot| lot["symbol"] == symbol);
    lots.map(|lot| {
        let acquired = lot["acquired"].as_str().unwrap().to_owned();
        (acquired, number(&lot["quantity"]), number(&lot["cost"]))
    })
    .collect()
}

async fn cash(setting: &Setting, portfolio: &Value) -> Decimal {
    number(&setting.read(&setting.user, portfolio, "").await["accounts"][0]["cash"])
}

pub(crate) fn lot(acquired: &str, quantity: &str, cost: &str) -> (String, Decimal, Decimal) {
    (
        acquired.to_owned(),
        quantity.parse().unwrap(),
        cost.parse().unwrap(),
    )
}

#[tokio::test]
async fn a_split_keeps_cost_and_age_and_its_reverse_and_its_undoing_are_identity() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "fifo").await;
    let before = lots(&setting, &portfolio, "AAA").await;
    let split = json!({ "kind": "split", "symbol": "AAA", "ratio": "3:1", "ex_date": "2025-03-01" });
    let first = recorded(&setting, &split).await;
    let path = format!("/api/v1/corporate-actions/{}/preview", id(&first));
    let preview = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(
        preview.body[0]["accounts"][0]["changes"][0]["after"][1]["quantity"], "30",
        "{}",
        preview.text
    );
    assert_eq!(
        lots(&setting, &portfolio, "AAA").await,
        before,
        "a preview changes nothing"
    );

    assert_eq!(stepped(&setting, &first, "apply").await["state"], "applied");
    let split = [lot("2025-01-10", "30", "1000"), lot("2025-02-10", "30", "1300")];
    assert_eq!(lots(&setting, &portfolio, "AAA").await, split);
    stepped(&setting, &first, "apply").await;
    assert_eq!(lots(&setting, &portfolio, "AAA").await, split, "applied once");

    let back = json!({ "kind": "reverse_split", "symbol": "AAA", "ratio": "1:3", "ex_date": "2025-04-01" });
    let back = recorded(&setting, &back).await;
    stepped(&setting, &back, "apply").await;
    assert_eq!(lots(&setting, &portfolio, "AAA").await, before);
    consistent(&setting, &portfolio).await;
    step(&setting, &first, "undo")
        .await
        .assert_error(409, "lots_touched");

    assert_eq!(stepped(&setting, &back, "undo").await["state"], "undone");
    assert_eq!(lots(&setting, &portfolio, "AAA").await, split);
    let raw_before = setting.read(&setting.user, &portfolio, "").await["market_value"].clone();
    stepped(&setting, &first, "undo").await;
    assert_eq!(lots(&setting, &portfolio, "AAA").await, before);
    assert_eq!(
        setting.read(&setting.user, &portfolio, "").await["market_value"],
        raw_before
    );
    step(&setting, &first, "apply")
        .await
        .assert_error(409, "illegal_step");
    consistent(&setting, &portfolio).await;
}

#[tokio::test]
async fn a_ratio_without_an_end_comes_back_too() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "average").await;
    let before = lots(&setting, &portfolio, "AAA").await;
    for (kind, ratio, date) in [
        ("reverse_split", "1:3", "2025-03-01"),
        ("split", "3:1", "2025-03-02"),
    ] {
        let action = json!({ "kind": kind, "symbol": "AAA", "ratio": ratio, "ex_date": date });
        stepped(&setting, &recorded(&setting, &action).await, "apply").await;
    }
    assert_eq!(lots(&setting, &portfolio, "AAA").await, before);
}

#[tokio::test]
async fn fractions_are_paid_and_what_they_cost_is_not_lost() {
    for method in ["fifo", "lifo", "hifo", "average"] {
        let setting = Setting::new().await;
        let portfolio = held(&setting, method).await;
        let paid = cash(&setting, &portfolio).await;
        let action = json!({
            "kind": "reverse_split", "symbol": "AAA", "ratio": "1:3", "ex_date": "2025-03-01",
            "cash_in_lieu_price": 360,
        });
        let action = recorded(&setting, &action).await;
        stepped(&setting, &action, "apply").await;
        // 20 / 3 = 6.67: six stay, two thirds are paid at 360.
        assert_eq!(cash(&setting, &portfolio).await - paid, 240.into(), "{method}");
        let now = lots(&setting, &portfolio, "AAA").await;
        assert_eq!(
            now.iter().map(|lot| lot.1).sum::<Decimal>().round_dp(18),
            6.into()
        );
        let entries = setting.read(&setting.user, &portfolio, "/entries").await;
        let realised = number(&entries[0]["realised_gain"]);
        let cost: Decimal = now.iter().map(|lot| lot.2).sum();
        assert_eq!(
            cost + (Decimal::from(240) - realised),
            2300.into(),
            "{method}: cost is conserved"
        );
        consistent(&setting, &portfolio).await;
        stepped(&setting, &action, "undo").await;
        assert_eq!(cash(&setting, &portfolio).await, paid);
        assert_eq!(
            lots(&setting, &portfolio, "AAA").await,
            [lot("2025-01-10", "10", "1000"), lot("2025-02-10", "10", "1300")]
        );
        consistent(&setting, &portfolio).await;
    }
}

#[tokio::test]
async fn who_held_before_the_ex_date_is_entitled_and_nobody_else() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "fifo").await;
    let late = setting.portfolio(&setting.client, "fifo").await;
    let pay = json!({ "kind": "deposit", "amount": 10_000, "date": "2025-01-01" });
    setting.entered(&setting.client, &late, &pay).await;
    let bought = json!({ "kind": "buy", "symbol": "AAA", "date": "2025-03-01", "quantity": 5, "price": 1 });
    setting.entered(&setting.client, &late, &bought).await;
    buy(&setting, &portfolio, "2025-03-05", 7, 60).await;
    let sold = json!({ "kind": "sell", "symbol": "AAA", "date": "2025-03-06", "quantity": 4, "price": 60 });
    setting.entered(&setting.user, &portfolio, &sold).await;
    let paid = cash(&setting, &portfolio).await;

    let dividend = json!({
        "kind": "cash_dividend", "symbol": "AAA", "amount": "2.5", "ex_date": "2025-03-01",
    });
    let dividend = recorded(&setting, &dividend).await;
    stepped(&setting, &dividend, "apply").await;
    assert_eq!(
        cash(&setting, &portfolio).await - paid,
        50.into(),
        "20 were held then"
    );
    let split = json!({ "kind": "split", "symbol": "AAA", "ratio": "2:1", "ex_date": "2025-03-01" });
    stepped(&setting, &recorded(&setting, &split).await, "apply").await;
    // Four new shares of the first lot were sold since: it would have cost 50 a share.
    assert_eq!(
        lots(&setting, &portfolio, "AAA").await,
        [
            lot("2025-01-10", "16", "800"),
            lot("2025-02-10", "20", "1300"),
            lot("2025-03-05", "7", "420")
        ]
    );
    consistent(&setting, &portfolio).await;

    let path = format!("/api/v1/corporate-actions/{}/portfolios", id(&dividend));
    let all = setting.server.get(&path, &setting.admin.token).await;
    assert_eq!(all.body.as_array().unwrap().len(), 2, "{}", all.text);
    let mine = setting.server.get(&path, &setting.advisor.token).await;
    assert_eq!(mine.body[0]["state"], "skipped", "{}", mine.text);
    assert!(
        mine.body[0]["reason"].as_str().unwrap().contains("2025-03-01"),
        "{}",
        mine.text
    );
    assert_eq!(mine.body[0]["portfolio_id"], late["id"]);
    assert_eq!(
        setting.server.get(&path, &setting.other_advisor.token).await.body,
        json!([])
    );
}

#[tokio::test]
async fn a_dividend_is_a_return_and_a_split_is_none() {
    let setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    let portfolio = setting.portfolio(&setting.user, "fifo").await;
    let pay = json!({ "kind": "deposit", "amount": 1000, "date": "2025-01-01" });
    setting.entered(&setting.user, &portfolio, &pay).await;
    buy(&setting, &portfolio, "2025-01-01", 10, 100).await;
    for (date, price) in [("2025-01-01", "100"), ("2025-03-01", "110")] {
        setting.quote("AAA", date, price).await;
    }
    let split = json!({ "kind": "split", "symbol": "AAA", "ratio": "2:1", "ex_date": "2025-03-03" });
    stepped(&setting, &recorded(&setting, &split).await, "apply").await;
    let days = "/performance?from=2025-01-01&to=2025-03-10";
    let rate = async |what: &str| {
        number(&setting.read(&setting.user, &portfolio, what).await["time_weighted_return"]["value"])
    };
    assert_eq!(
        rate(days).await,
        Decimal::new(1, 1),
        "the old quote is counted in new shares"
    );
    let worth = setting.read(&setting.user, &portfolio, "").await["market_value"].clone();
    assert_eq!(number(&worth), 1100.into());
    // The same history from a source that adjusts: nothing is adjusted again.
    let adjusted = "symbol,date,price,adjusted\nAAA,2025-01-01,50,true\nAAA,2025-03-01,55,true\n";
    let kept = setting
        .file(&setting.admin, "/api/v1/quotes/import", adjusted)
        .await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    assert_eq!(rate(days).await, Decimal::new(1, 1));
    let drawdown = setting.read(&setting.user, &portfolio, days).await;
    assert_eq!(
        number(&drawdown["max_drawdown"]["value"]),
        Decimal::ZERO,
        "no day jumps"
    );
    assert_eq!(
        number(&setting.read(&setting.user, &portfolio, "").await["market_value"]),
        1100.into()
    );

    let dividend = json!({
        "kind": "cash_dividend", "symbol": "AAA", "amount": 5, "ex_date": "2025-03-05",
    });
    stepped(&setting, &recorded(&setting, &dividend).await, "apply").await;
    assert_eq!(
        rate(days).await,
        Decimal::new(2, 1),
        "20 shares at 5 are a tenth of 1000"
    );
    let flows = setting.read(&setting.user, &portfolio, days).await["inputs"]["flows"].clone();
    assert_eq!(flows, json!([]), "a dividend is no flow");
}

#[tokio::test]
async fn bonus_shares_cost_nothing_in_india_and_a_part_in_the_usa() {
    for (jurisdiction, expected) in [
        (
            "IN",
            [
                lot("2025-01-10", "10", "1000"),
                lot("2025-02-10", "10", "1300"),
                lot("2025-03-01", "10", "0"),
            ]
            .to_vec(),
        ),
        (
            "US",
            [lot("2025-01-10", "15", "1000"), lot("2025-02-10", "15", "1300")].to_vec(),
        ),
    ] {
        let setting = Setting::new().await;
        let portfolio = held(&setting, "fifo").await;
        let action = json!({
            "kind": "bonus", "symbol": "AAA", "ratio": "1:2", "ex_date": "2025-03-01",
            "jurisdiction": jurisdiction,
        });
        let action = recorded(&setting, &action).await;
        stepped(&setting, &action, "apply").await;
        assert_eq!(
            lots(&setting, &portfolio, "AAA").await,
            expected,
            "{jurisdiction}"
        );
        consistent(&setting, &portfolio).await;
    }
}

#[tokio::test]
async fn what_becomes_of_shares_keeps_their_cost() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "fifo").await;
    for symbol in ["CHILD", "NEXT", "LAST"] {
        setting.instrument(symbol, "equity", "tech").await;
        setting.quote(symbol, "2025-01-01", "1").await;
    }
    let spin_off = json!({
        "kind": "spin_off", "symbol": "AAA", "new_symbol": "CHILD", "ratio": "1:2", "cost_share": "0.25",
        "ex_date": "2025-03-01",
    });
    stepped(&setting, &recorded(&setting, &spin_off).await, "apply").await;
    assert_eq!(
        lots(&setting, &portfolio, "AAA").await,
        [lot("2025-01-10", "10", "750"), lot("2025-02-10", "10", "975")]
    );
    assert_eq!(
        lots(&setting, &portfolio, "CHILD").await,
        [lot("2025-01-10", "5", "250"), lot("2025-02-10", "5", "325")]
    );
    let renamed =
        json!({ "kind": "symbol_change", "symbol": "AAA", "new_symbol": "NEXT", "ex_date": "2025-03-02" });
    stepped(&setting, &recorded(&setting, &renamed).await, "apply").await;
    assert_eq!(lots(&setting, &portfolio, "AAA").await, []);
    // Half of the value is cash: half of the cost is sold.
    let paid = cash(&setting, &portfolio).await;
    let merger = json!({
        "kind": "merger", "symbol": "NEXT", "new_symbol": "LAST", "ratio": "1:1", "amount": 100,
        "fair_value_new": 100, "ex_date": "2025-03-03",
    });
    let merger = recorded(&setting, &merger).await;
    stepped(&setting, &merger, "apply").await;
    assert_eq!(cash(&setting, &portfolio).await - paid, 2000.into());
    assert_eq!(
        lots(&setting, &portfolio, "LAST").await,
        [lot("2025-01-10", "10", "375"), lot("2025-02-10", "10", "487.5")]
    );
    let entries = setting.read(&setting.user, &portfolio, "/entries").await;
    assert_eq!(number(&entries[0]["realised_gain"]), "1137.5".parse().unwrap());
    consistent(&setting, &portfolio).await;
    stepped(&setting, &merger, "undo").await;
    assert_eq!(
        lots(&setting, &portfolio, "NEXT").await,
        [lot("2025-01-10", "10", "750"), lot("2025-02-10", "10", "975")]
    );
    consistent(&setting, &portfolio).await;
}

#[tokio::test]
async fn owners_choose_what_becomes_of_rights_and_dividends() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "fifo").await;
    let rights = json!({
        "kind": "rights", "symbol": "AAA", "ratio": "1:4", "subscription_price": 90, "rights_price": 20,
        "fair_value_share": 110, "fair_value_right": 22, "ex_date": "2025-03-01",
    });
    let rights = recorded(&setting, &rights).await;
    let path = format!("/api/v1/corporate-actions/{}/election", id(&rights));
    let elect =
        async |action: &str, body: Value| setting.server.post(action, &setting.user.token, &body).await;
    let choose = |choice: &str, quantity: Value| json!({ "portfolio_id": portfolio["id"], "choice": choice, "quantity": quantity });
    elect(&path, choose("cash", Value::Null))
        .await
        .assert_error(422, "validation_error");
    elect(&path, choose("subscribe", json!(6)))
        .await
        .assert_error(422, "validation_error");
    let chosen = elect(&path, choose("subscribe", json!(5))).await;
    assert_eq!(
        (chosen.status, &chosen["choice"]),
        (200, &json!("subscribe")),
        "{}",
        chosen.text
    );
    let sell = choose("sell", Value::Null);
    let stranger = setting.server.post(&path, &setting.other_advisor.token, &sell);
    stranger.await.assert_error(404, "not_found");
    let paid = cash(&setting, &portfolio).await;
    stepped(&setting, &rights, "apply").await;
    assert_eq!(paid - cash(&setting, &portfolio).await, 450.into());
    // 2300 * 110 / (2200 + 110): the rights take 109.52 of the cost along.
    let now = lots(&setting, &portfolio, "AAA").await;
    assert_eq!(now[2], lot("2025-03-01", "5", "559.52"), "{now:?}");
    assert_eq!(now.iter().map(|lot| lot.2).sum::<Decimal>(), 2750.into());
    consistent(&setting, &portfolio).await;
    elect(&path, choose("lapse", Value::Null))
        .await
        .assert_error(409, "election_closed");

    let dividend = json!({
        "kind": "cash_dividend", "symbol": "AAA", "amount": 4, "ratio": "1:25", "ex_date": "2025-03-10",
    });
    let dividend = recorded(&setting, &dividend).await;
    let path = format!("/api/v1/corporate-actions/{}/election", id(&dividend));
    assert_eq!(elect(&path, choose("stock", Value::Null)).await.status, 200);
    stepped(&setting, &dividend, "apply").await;
    let now = lots(&setting, &portfolio, "AAA").await;
    assert_eq!(
        now[3],
        lot("2025-03-10", "1", "100"),
        "a share in the place of 100"
    );
    stepped(&setting, &dividend, "undo").await;
    stepped(&setting, &rights, "undo").await;
    assert_eq!(
        lots(&setting, &portfolio, "AAA").await,
        [lot("2025-01-10", "10", "1000"), lot("2025-02-10", "10", "1300")]
    );
    consistent(&setting, &portfolio).await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "fifo").await;
    let split = |rest: Value| {
        let mut body = json!({ "kind": "split", "symbol": "AAA", "ratio": "2:1", "ex_date": "2025-03-01" });
        body.as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        body
    };
    for (rest, field) in [
        (json!({ "ratio": "1:2" }), "ratio"),
        (json!({ "ratio": "0:2" }), "ratio"),
        (json!({ "ratio": "NaN:1" }), "ratio"),
        (json!({ "ratio": "2" }), "ratio"),
        (json!({ "ratio": null }), "ratio"),
        (json!({ "symbol": "ZZZ" }), "symbol"),
        (json!({ "amount": 1 }), "amount"),
        (json!({ "ex_date": "2025-02-30" }), "ex_date"),
        (json!({ "cash_in_lieu_price": "-1" }), "cash_in_lieu_price"),
        (json!({ "pay_date": "2025-02-01" }), "pay_date"),
        (json!({ "kind": "merger", "ratio": "1:1" }), "new_symbol"),
        (
            json!({ "kind": "symbol_change", "ratio": null, "new_symbol": "AAA" }),
            "new_symbol",
        ),
        (json!({ "kind": "rights" }), "subscription_price"),
        (json!({ "surprise": 1 }), "surprise"),
    ] {
        let path = "/api/v1/corporate-actions";
        let refused = setting
            .server
            .post(path, &setting.admin.token, &split(rest.clone()))
            .await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field, "{rest} {}", refused.text);
    }
    let path = "/api/v1/corporate-actions";
    let client = setting
        .server
        .post(path, &setting.user.token, &split(json!({})))
        .await;
    client.assert_error(403, "forbidden");
    let future = recorded(&setting, &split(json!({ "ex_date": "2199-01-01" }))).await;
    step(&setting, &future, "apply")
        .await
        .assert_error(409, "not_due");
    step(&setting, &future, "undo")
        .await
        .assert_error(409, "illegal_step");
    assert_eq!(stepped(&setting, &future, "cancel").await["state"], "cancelled");
    step(&setting, &future, "apply")
        .await
        .assert_error(409, "illegal_step");
    let nothing = json!({ "id": NOBODY });
    step(&setting, &nothing, "apply")
        .await
        .assert_error(404, "not_found");

    let first = recorded(&setting, &split(json!({}))).await;
    stepped(&setting, &first, "apply").await;
    let earlier = recorded(&setting, &split(json!({ "ex_date": "2025-02-20" }))).await;
    step(&setting, &earlier, "apply")
        .await
        .assert_error(409, "later_action");
    let sold = json!({ "kind": "sell", "symbol": "AAA", "quantity": 1, "price": 60 });
    setting.entered(&setting.user, &portfolio, &sold).await;
    let before = setting.read(&setting.user, &portfolio, "").await;
    step(&setting, &first, "undo")
        .await
        .assert_error(409, "lots_touched");
    assert_eq!(setting.read(&setting.user, &portfolio, "").await, before);
}

#[tokio::test]
async fn actions_are_listed_for_what_somebody_holds() {
    let setting = Setting::new().await;
    let portfolio = held(&setting, "fifo").await;
    setting.instrument("BBB", "equity", "tech").await;
    for (kind, symbol, date) in [("split", "AAA", "2026-05-01"), ("bonus", "BBB", "2026-04-01")] {
        recorded(
            &setting,
            &json!({ "kind": kind, "symbol": symbol, "ratio": "2:1", "ex_date": date }),
        )
        .await;
    }
    let list = async |token: &str, rest: &str| {
        let read = setting
            .server
            .get(&format!("/api/v1/corporate-actions?{rest}"), token)
            .await;
        assert_eq!(read.status, 200, "{}", read.text);
        let symbols = read.body.as_array().unwrap().iter();
        symbols
            .map(|one| one["symbol"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let token = setting.user.token.as_str();
    assert_eq!(list(token, "").await, ["BBB", "AAA"]);
    assert_eq!(
        list(token, "kind=split&state=announced&symbol=AAA").await,
        ["AAA"]
    );
    assert_eq!(list(token, "from=2026-04-02&to=2026-05-01").await, ["AAA"]);
    assert_eq!(
        list(token, &format!("portfolio_id={}", id(&portfolio))).await,
        ["AAA"]
    );
    assert_eq!(
        list(token, &format!("user_id={}", setting.user.user())).await,
        ["AAA"]
    );
    let later = json!({ "kind": "split", "symbol": "AAA", "ratio": "3:1", "ex_date": "2026-06-01" });
    recorded(&setting, &later).await;
    let first = format!(
        "/api/v1/corporate-actions?portfolio_id={}&limit=1",
        id(&portfolio)
    );
    let page = setting.server.get(&first, token).await;
    let next = page.header("link").unwrap();
    let next = next.trim_start_matches('<').split('>').next().unwrap();
    let second = setting.server.get(next, token).await;
    assert_eq!(page.body[0]["ex_date"], "2026-05-01");
    assert_eq!(second.body[0]["ex_date"], "2026-06-01", "{}", second.text);
    assert_eq!(
        (second.body.as_array().unwrap().len(), second.header("link")),
        (1, None)
    );
    let made_up = setting.server.get(&format!("{first}&cursor=x"), token).await;
    made_up.assert_error(422, "bad_cursor");
    for rest in [
        format!("portfolio_id={}", id(&portfolio)),
        format!("user_id={}", setting.user.user()),
    ] {
        let path = format!("/api/v1/corporate-actions?{rest}");
        let stranger = setting.server.get(&path, &setting.other_advisor.token).await;
        stranger.assert_error(404, "not_found");
    }
}
