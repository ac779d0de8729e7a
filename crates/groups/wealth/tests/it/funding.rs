use crate::setting::{NOBODY, Setting, id};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Harness, Login, Reply};

const PLACE: &str = "/api/v1/funding";

/// The client's portfolio, with so much cash on its only account.
async fn ready(setting: &Setting, cash: u32) -> Value {
    let body = json!({ "name": "Core", "user_id": setting.client.user() });
    let advisor = &setting.advisor;
    let portfolio = setting
        .server
        .post("/api/v1/portfolios", &advisor.token, &body)
        .await
        .body;
    if cash > 0 {
        let deposit = json!({ "kind": "deposit", "amount": cash });
        setting.entered(advisor, &portfolio, &deposit).await;
    }
    portfolio
}

async fn ask(setting: &Setting, login: &Login, portfolio: &Value, kind: &str, amount: Value) -> Reply {
    let mut body = json!({ "portfolio_id": portfolio["id"], "kind": kind, "amount": amount });
    if kind == "payout" {
        body["payee"] = json!("Tax office");
    }
    setting.server.post(PLACE, &login.token, &body).await
}

async fn asked(setting: &Setting, login: &Login, portfolio: &Value, kind: &str, amount: Value) -> Value {
    let made = ask(setting, login, portfolio, kind, amount).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

async fn act(setting: &Setting, login: &Login, funding: &Value, act: &str) -> Reply {
    let path = format!("{PLACE}/{}/{act}", id(funding));
    setting.server.post(&path, &login.token, &json!({})).await
}

async fn acted(setting: &Setting, login: &Login, funding: &Value, what: &str) -> Value {
    let done = act(setting, login, funding, what).await;
    assert_eq!(done.status, 200, "{}", done.text);
    done.body
}

/// Cash and what of it is set aside, as the portfolio says.
async fn money(setting: &Setting, portfolio: &Value) -> (String, String) {
    let read = setting.read(&setting.advisor, portfolio, "").await;
    let account = &read["accounts"][0];
    let figure = |name: &str| account[name].as_str().unwrap().trim_end_matches(".00").to_owned();
    (figure("cash"), figure("reserved"))
}

fn states(funding: &Value) -> Vec<&str> {
    let history = funding["history"].as_array().unwrap();
    history
        .iter()
        .map(|step| step["state"].as_str().unwrap())
        .collect()
}

/// The types of the events of a funding, in order.
async fn told(setting: &Setting, funding: &Value) -> Vec<String> {
    let feed = setting.store.feed(0, 500).await.unwrap();
    let subject = format!("funding/{}", id(funding));
    let about = feed.into_iter().filter(|event| event.subject == subject);
    about
        .map(|event| event.event_type)
        .filter(|name| name.starts_with("funding."))
        .collect()
}

#[tokio::test]
async fn a_deposit_is_in_the_portfolio_once_it_is_settled() {
    let setting = Setting::new().await;
    let portfolio = ready(&setting, 0).await;
    let deposit = asked(&setting, &setting.client, &portfolio, "deposit", json!("2500.50")).await;
    assert_eq!(
        (&deposit["state"], &deposit["needs_approval"]),
        (&json!("requested"), &json!(false))
    );
    assert_eq!(money(&setting, &portfolio).await.0, "0");
    act(&setting, &setting.client, &deposit, "settle")
        .await
        .assert_error(403, "forbidden");
    act(&setting, &setting.advisor, &deposit, "approve")
        .await
        .assert_error(409, "illegal_transition");
    let settled = acted(&setting, &setting.advisor, &deposit, "settle").await;
    assert_eq!(states(&settled), ["requested", "settled"]);
    assert_eq!(
        money(&setting, &portfolio).await,
        ("2500.50".to_owned(), "0".to_owned())
    );
    let entries = setting.read(&setting.advisor, &portfolio, "/entries").await;
    assert_eq!(entries[0]["kind"], "deposit");
    assert_eq!(entries[0]["id"], settled["entry_id"]);
    assert_eq!(entries[0]["cause"], format!("funding/{}", id(&deposit)));
    for step in ["settle", "cancel", "fail", "approve"] {
        act(&setting, &setting.advisor, &deposit, step)
            .await
            .assert_error(409, "illegal_transition");
    }
    assert_eq!(
        told(&setting, &deposit).await,
        ["funding.requested", "funding.settled"]
    );
    let verified = setting.read(&setting.advisor, &portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
}

pub(crate) async fn what_is_to_go_out_is_set_aside_and_cannot_be_taken_twice(harness: Harness) {
    let setting = Setting::on(harness).await;
    let (client, advisor) = (&setting.client, &setting.advisor);
    let portfolio = ready(&setting, 1000).await;
    let first = asked(&setting, client, &portfolio, "withdrawal", json!(700)).await;
    assert_eq!(first["history"][0]["reasons"], json!(["requested_by_owner"]));
    assert_eq!(
        money(&setting, &portfolio).await,
        ("1000".to_owned(), "700".to_owned())
    );
    ask(&setting, client, &portfolio, "withdrawal", json!(301))
        .await
        .assert_error(409, "insufficient_cash");
    let entry = json!({ "kind": "withdrawal", "amount": 301 });
    let entered = setting.enter(advisor, &portfolio, &entry).await;
    entered.assert_error(409, "insufficient_cash");
    // Not before somebody else agrees.
    act(&setting, advisor, &first, "settle")
        .await
        .assert_error(409, "illegal_transition");
    act(&setting, client, &first, "approve")
        .await
        .assert_error(403, "forbidden");
    acted(&setting, advisor, &first, "approve").await;
    let settled = acted(&setting, advisor, &first, "settle").await;
    assert_eq!(states(&settled), ["requested", "approved", "settled"]);
    assert_eq!(
        money(&setting, &portfolio).await,
        ("300".to_owned(), "0".to_owned())
    );
    // What ends otherwise is free again.
    for end in ["cancel", "fail"] {
        let payout = asked(&setting, advisor, &portfolio, "payout", json!(300)).await;
        assert_eq!(
            (states(&payout), &payout["payee"]),
            (vec!["requested", "approved"], &json!("Tax office"))
        );
        assert_eq!(money(&setting, &portfolio).await.1, "300");
        acted(&setting, advisor, &payout, end).await;
        assert_eq!(
            money(&setting, &portfolio).await,
            ("300".to_owned(), "0".to_owned())
        );
    }
}

#[tokio::test]
async fn above_the_limit_somebody_else_must_agree() {
    let setting = Setting::new().await;
    let (advisor, admin) = (&setting.advisor, &setting.admin);
    let portfolio = ready(&setting, 300_000).await;
    let small = asked(&setting, advisor, &portfolio, "withdrawal", json!(100_000)).await;
    assert_eq!(small["state"], "approved");
    let large = asked(&setting, advisor, &portfolio, "withdrawal", json!("100000.01")).await;
    assert_eq!(large["history"][0]["reasons"], json!(["above_limit"]));
    act(&setting, advisor, &large, "approve")
        .await
        .assert_error(409, "own_request");
    acted(&setting, admin, &large, "approve").await;
    acted(&setting, advisor, &large, "settle").await;
    let left = (("199999.99").to_owned(), "100000".to_owned());
    assert_eq!(money(&setting, &portfolio).await, left);
}

pub(crate) async fn of_many_who_take_the_last_money_at_once_one_gets_it(harness: Harness) {
    let setting = Setting::on(harness).await;
    let portfolio = ready(&setting, 100).await;
    let tries = (0..8).map(|_| ask(&setting, &setting.advisor, &portfolio, "withdrawal", json!(60)));
    let answers = futures::future::join_all(tries).await;
    let made: Vec<&Reply> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409)));
    // Settled by several at once, it goes out once.
    let funding = made[0].body.clone();
    let settle = (0..6).map(|_| act(&setting, &setting.advisor, &funding, "settle"));
    let settled = futures::future::join_all(settle).await;
    assert_eq!(settled.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(
        money(&setting, &portfolio).await,
        ("40".to_owned(), "0".to_owned())
    );
    // On MongoDB events are numbered a little later.
    let settled = testkit::eventually("the settlement is told of", async || {
        let mut all = told(&setting, &funding).await;
        all.retain(|name| name == "funding.settled");
        (!all.is_empty()).then_some(all.len())
    })
    .await;
    assert_eq!(settled, 1);
}

#[tokio::test]
async fn the_same_key_moves_money_once() {
    let setting = Setting::new().await;
    let portfolio = ready(&setting, 0).await;
    let token = &setting.advisor.token;
    let body = json!({ "portfolio_id": portfolio["id"], "kind": "deposit", "amount": 10 });
    let send = |path: String, body: Value| {
        let request = setting.server.request(Method::POST, &path, Some(token));
        setting
            .server
            .send(request.header("Idempotency-Key", "pay-1").json(&body))
    };
    let first = send(PLACE.to_owned(), body.clone()).await;
    let second = send(PLACE.to_owned(), body.clone()).await;
    assert_eq!((first.status, &first.text), (201, &second.text));
    let path = format!("{PLACE}/{}/settle", id(&first.body));
    let first = send(path.clone(), json!({})).await;
    let second = send(path, json!({})).await;
    assert_eq!((first.status, &first.text), (200, &second.text));
    assert_eq!(money(&setting, &portfolio).await.0, "10");
}

#[tokio::test]
async fn bad_requests_change_nothing() {
    let setting = Setting::new().await;
    let portfolio = ready(&setting, 100).await;
    let token = &setting.advisor.token;
    let good = json!({ "portfolio_id": portfolio["id"], "kind": "deposit", "amount": 5 });
    for (field, value) in [
        ("amount", json!("NaN")),
        ("amount", json!(0)),
        ("amount", json!(-1)),
        ("amount", json!("0.001")),
        ("amount", json!("99999999999999999999999999999")),
        ("kind", json!("gift")),
        ("account_id", json!(NOBODY)),
        ("expected_on", json!("2020-01-01")),
        ("expected_on", json!("2026-02-30")),
        ("payee", json!("Somebody")),
        ("payee", json!("")),
        ("portfolio_id", json!("none")),
        ("colour", json!("red")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = setting.server.post(PLACE, token, &body).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field, "{}", refused.text);
    }
    let mut payout = good.clone();
    payout["kind"] = json!("payout");
    let refused = setting.server.post(PLACE, token, &payout).await;
    assert_eq!(refused["details"][0]["field"], "payee", "{}", refused.text);
    let deposit = setting.server.post(PLACE, token, &good).await.body;
    let path = format!("{PLACE}/{}", id(&deposit));
    let late = setting
        .server
        .post(&format!("{path}/settle"), token, &json!({ "date": "2999-01-01" }))
        .await;
    assert_eq!(late["details"][0]["field"], "date", "{}", late.text);
    let reason = json!({ "reason": "He said: no!" });
    let worded = setting
        .server
        .post(&format!("{path}/cancel"), token, &reason)
        .await;
    assert_eq!(worded["details"][0]["field"], "reason", "{}", worded.text);
    assert_eq!(
        money(&setting, &portfolio).await,
        ("100".to_owned(), "0".to_owned())
    );
    for query in [
        "cash-flow-forecast?months=0",
        "cash-flow-forecast?months=61",
        "cash-flow-forecast?currency=XXY",
        "summary?from=2026-02-01&to=2026-01-01",
        "summary?from=1900-01-01",
        "summary?from=yesterday",
    ] {
        let refused = setting
            .server
            .get(&format!("{PLACE}/analytics/{query}"), token)
            .await;
        refused.assert_error(422, "validation_error");
    }
}

#[tokio::test]
async fn another_advisors_funding_is_not_there() {
    let setting = Setting::new().await;
    let portfolio = ready(&setting, 1000).await;
    let funding = asked(&setting, &setting.client, &portfolio, "withdrawal", json!(100)).await;
    for login in [&setting.other_advisor, &setting.user] {
        let path = format!("{PLACE}/{}", id(&funding));
        setting
            .server
            .get(&path, &login.token)
            .await
            .assert_error(404, "not_found");
        for step in ["approve", "settle", "fail", "cancel"] {
            act(&setting, login, &funding, step)
                .await
                .assert_error(404, "not_found");
        }
        ask(&setting, login, &portfolio, "deposit", json!(1))
            .await
            .assert_error(404, "not_found");
        for what in ["cash-flow-forecast", "summary"] {
            let path = format!("{PLACE}/analytics/{what}");
            for narrowed in [
                format!("user_id={}", setting.client.user()),
                format!("portfolio_id={}", id(&portfolio)),
            ] {
                let read = setting
                    .server
                    .get(&format!("{path}?{narrowed}"), &login.token)
                    .await;
                read.assert_error(404, "not_found");
            }
        }
        let listed = setting.server.get(PLACE, &login.token).await;
        assert_eq!(listed.body, json!([]));
        let summary = setting
            .server
            .get(&format!("{PLACE}/analytics/summary"), &login.token)
            .await;
        assert_eq!(summary["count"], 0, "{}", summary.text);
        let path = format!("{PLACE}?portfolio_id={}", id(&portfolio));
        setting
            .server
            .get(&path, &login.token)
            .await
            .assert_error(404, "not_found");
    }
    for login in [&setting.client, &setting.advisor, &setting.admin] {
        let listed = setting
            .server
            .get(&format!("{PLACE}?state=requested"), &login.token)
            .await;
        assert_eq!(listed.body.as_array().unwrap().len(), 1, "{}", listed.text);
    }
}

#[tokio::test]
async fn the_forecast_knows_requests_and_what_is_usual() {
    let setting = Setting::new().await;
    let (advisor, token) = (&setting.advisor, &setting.advisor.token);
    let portfolio = ready(&setting, 0).await;
    let today = setting
        .server
        .get(&format!("{PLACE}/analytics/cash-flow-forecast"), token)
        .await;
    let today: chrono::NaiveDate = today["as_of"].as_str().unwrap().parse().unwrap();
    let back = |months: u32| today.checked_sub_months(chrono::Months::new(months)).unwrap();
    let ahead = |months: u32| today.checked_add_months(chrono::Months::new(months)).unwrap();
    // 1,200 four months ago: 300 a month since then.
    let deposit = asked(&setting, advisor, &portfolio, "deposit", json!(1200)).await;
    let path = format!("{PLACE}/{}/settle", id(&deposit));
    let settled = setting
        .server
        .post(&path, token, &json!({ "date": back(4) }))
        .await;
    assert_eq!(settled.status, 200, "{}", settled.text);
    asked(&setting, advisor, &portfolio, "withdrawal", json!(200)).await;
    let mut later = json!({ "portfolio_id": portfolio["id"], "kind": "deposit", "amount": 450 });
    later["expected_on"] = json!(ahead(2));
    assert_eq!(setting.server.post(PLACE, token, &later).await.status, 201);
    let path = format!(
        "{PLACE}/analytics/cash-flow-forecast?months=3&portfolio_id={}",
        id(&portfolio)
    );
    let forecast = setting.server.get(&path, token).await;
    assert_eq!(forecast.status, 200, "{}", forecast.text);
    assert_eq!(
        (&forecast["currency"], &forecast["history_months"]),
        (&json!("INR"), &json!(4))
    );
    let figures = |name: &str| -> Vec<f64> {
        let months = forecast["months"].as_array().unwrap();
        months
            .iter()
            .map(|month| month[name].to_string().parse().unwrap())
            .collect()
    };
    assert_eq!(figures("inflow"), [300.0, 300.0, 450.0], "{}", forecast.text);
    assert_eq!(figures("outflow"), [200.0, 0.0, 0.0]);
    assert_eq!(figures("balance"), [1300.0, 1600.0, 2050.0]);
    assert_eq!(figures("known_inflow"), [0.0, 0.0, 450.0]);
    assert!(
        forecast["method"]
            .as_str()
            .unwrap()
            .starts_with("larger_of_known_and_average")
    );

    let summary = setting
        .server
        .get(&format!("{PLACE}/analytics/summary"), token)
        .await;
    assert_eq!(summary["count"], 3, "{}", summary.text);
    let part = |kind: &str, state: &str| {
        let totals = summary["totals"].as_array().unwrap();
        let found = totals
            .iter()
            .find(|part| part["kind"] == kind && part["state"] == state)
            .unwrap();
        found["amount"].to_string().parse::<f64>().unwrap()
    };
    assert_eq!(part("deposit", "settled"), 1200.0);
    assert_eq!(part("deposit", "requested"), 450.0);
    assert_eq!(part("withdrawal", "approved"), 200.0);
}

#[tokio::test]
async fn the_forecast_knows_schedules() {
    let setting = Setting::new().await;
    let (advisor, token) = (&setting.advisor, &setting.advisor.token);
    let portfolio = ready(&setting, 10_000).await;
    setting.instrument("AAA", "equity", "tech").await;
    let path = format!(
        "{PLACE}/analytics/cash-flow-forecast?months=4&portfolio_id={}",
        id(&portfolio)
    );
    let plain = setting.server.get(&path, token).await;
    let today: chrono::NaiveDate = plain["as_of"].as_str().unwrap().parse().unwrap();
    let start = today.checked_add_months(chrono::Months::new(1)).unwrap();
    let plan = json!({
        "portfolio_id": portfolio["id"], "symbol": "AAA", "type": "SIP", "amount": 500, "frequency": "monthly",
        "start_date": start, "instalments": 2,
    });
    let made = setting
        .server
        .post("/api/v1/schedules", &advisor.token, &plan)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let forecast = setting.server.get(&path, token).await;
    let figures = |name: &str| -> Vec<f64> {
        let months = forecast["months"].as_array().unwrap();
        months
            .iter()
            .map(|month| month[name].to_string().parse().unwrap())
            .collect()
    };
    assert_eq!(
        figures("known_outflow"),
        [0.0, 500.0, 500.0, 0.0],
        "{}",
        forecast.text
    );
    assert_eq!(figures("balance"), [10_000.0, 9_500.0, 9_000.0, 9_000.0]);
}
