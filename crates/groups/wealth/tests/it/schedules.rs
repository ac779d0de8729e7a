//! Instalments by the clock of the test: on their day, once whatever the number of processes, none on a holiday, and what could
//! not be done is said.

use crate::setting::{NOBODY, Setting, id};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Harness, Login};

const PATH: &str = "/api/v1/schedules";

/// A portfolio with a hundred thousand rupees, and a quote of 300 of today.
async fn ready(setting: &Setting, login: &Login, user: &Login) -> Value {
    setting.instrument("AAA", "equity", "tech").await;
    setting.instrument("FUND", "mutual_fund", "tech").await;
    quotes(setting).await;
    let body = json!({ "name": "Core", "user_id": user.user() });
    let portfolio = setting
        .server
        .post("/api/v1/portfolios", &login.token, &body)
        .await
        .body;
    let deposit = json!({ "kind": "deposit", "amount": 100_000 });
    setting.entered(login, &portfolio, &deposit).await;
    portfolio
}

async fn quotes(setting: &Setting) {
    let today = setting.today();
    setting.quote("AAA", &today, "300").await;
    setting.quote("FUND", &today, "37.5").await;
}

async fn made(setting: &Setting, login: &Login, portfolio: &Value, body: Value) -> Value {
    let mut schedule = json!({
        "portfolio_id": portfolio["id"], "type": "SIP", "symbol": "AAA", "amount": 1000, "frequency": "monthly",
    });
    for (name, value) in body.as_object().unwrap() {
        schedule[name] = value.clone();
    }
    if body.get("quantity").is_some() {
        schedule.as_object_mut().unwrap().remove("amount");
    }
    let made = setting.server.post(PATH, &login.token, &schedule).await;
    assert_eq!(
        (made.status, made["state"].as_str()),
        (201, Some("active")),
        "{}",
        made.text
    );
    made.body
}

/// The instalments of a schedule, the first first.
async fn instalments(setting: &Setting, login: &Login, schedule: &Value) -> Vec<Value> {
    let path = format!("{PATH}/{}/instalments", id(schedule));
    let read = setting.server.get(&path, &login.token).await;
    assert_eq!(read.status, 200, "{}", read.text);
    let mut instalments = read.body.as_array().unwrap().clone();
    instalments.reverse();
    instalments
}

/// Due day, state and reasons of each instalment.
async fn outcomes(setting: &Setting, login: &Login, schedule: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    instalments(setting, login, schedule)
        .await
        .iter()
        .map(|one| {
            let reasons = one["reasons"].as_array().unwrap();
            let reasons: Vec<&str> = reasons.iter().map(|reason| reason.as_str().unwrap()).collect();
            (text(&one["due_on"]), text(&one["state"]), reasons.join(" "))
        })
        .collect()
}

async fn orders(setting: &Setting, login: &Login) -> Vec<Value> {
    let read = setting.server.get("/api/v1/orders", &login.token).await;
    read.body.as_array().unwrap().clone()
}

pub(crate) async fn an_instalment_creates_an_order_on_its_day_once_with_two_replicas(harness: Harness) {
    let mut setting = Setting::on(harness).await;
    let portfolio = ready(&setting, &setting.advisor, &setting.client).await;
    let terms = json!({ "start_date": "2026-01-31", "day_of_month": 31, "instalments": 2 });
    let schedule = made(&setting, &setting.advisor, &portfolio, terms).await;
    assert_eq!(schedule["calendar"], "NSE");
    assert_eq!(schedule["next_date"], "2026-01-31");
    assert_eq!(
        schedule["next_due_on"], "2026-02-02",
        "Saturday is no business day"
    );
    setting.work();
    setting.work();
    for (days, made) in [(0, 0), (16, 0), (1, 0), (1, 1), (0, 1), (1, 1)] {
        setting.pass(days);
        quotes(&setting).await;
        tokio::join!(setting.due(), setting.due());
        let orders = orders(&setting, &setting.advisor).await;
        assert_eq!(orders.len(), made, "{} {orders:?}", setting.today());
    }
    let advisor = &setting.advisor;
    let order = &orders(&setting, advisor).await[0];
    assert_eq!(order["order_type"], "SIP", "{order}");
    assert_eq!(order["schedule_id"], schedule["id"]);
    assert_eq!(
        (&order["state"], order["quantity"].to_string()),
        (&json!("filled"), "3".to_owned()),
        "whole shares"
    );
    let history: Vec<&Value> = order["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["state"])
        .collect();
    assert_eq!(history, ["draft", "checked", "placed", "filled"]);
    let first = &instalments(&setting, advisor, &schedule).await[0];
    assert_eq!(
        (&first["state"], &first["order_id"], &first["late"]),
        (&json!("ordered"), &order["id"], &json!(false)),
        "{first}"
    );
    assert_eq!(first["leftover"].to_string(), "100", "{first}");
    let read = setting
        .server
        .get(&format!("{PATH}/{}", id(&schedule)), &advisor.token)
        .await;
    assert_eq!(
        read["next_date"], "2026-02-28",
        "the last day of a short month: {}",
        read.text
    );
    setting.pass(27);
    quotes(&setting).await;
    tokio::join!(setting.due(), setting.due());
    let read = setting
        .server
        .get(&format!("{PATH}/{}", id(&schedule)), &setting.advisor.token)
        .await;
    assert_eq!(
        (&read["state"], &read["made"]),
        (&json!("completed"), &json!(2)),
        "{}",
        read.text
    );
    let positions = setting.read(&setting.advisor, &portfolio, "/positions").await;
    assert_eq!(positions[0]["quantity"].to_string(), "6", "{positions}");
    let verified = setting.read(&setting.advisor, &portfolio, "/verification").await;
    assert_eq!(verified["consistent"], true, "{verified}");
    let told = setting.told("schedule.instalment_ordered").await;
    assert_eq!(told.len(), 2);
    assert_eq!(setting.told("order.filled").await.len(), 2);
    assert_eq!(setting.told("schedule.completed").await.len(), 1);
    setting.is_what_the_feed_says().await;
}

#[tokio::test]
async fn nothing_is_due_on_a_holiday() {
    let mut setting = Setting::new().await;
    let user = setting.user.clone();
    let portfolio = ready(&setting, &user, &user).await;
    // Republic Day is a Monday.
    let weekly = json!({ "start_date": "2026-01-26", "frequency": "weekly" });
    let schedule = made(&setting, &user, &portfolio, weekly).await;
    let before = json!({ "start_date": "2026-01-23", "frequency": "monthly", "day_of_month": 26,
        "convention": "preceding", "symbol": "FUND" });
    let before = made(&setting, &user, &portfolio, before).await;
    assert_eq!(before["next_due_on"], "2026-01-23");
    setting.work();
    setting.pass(11);
    quotes(&setting).await;
    setting.due().await;
    assert_eq!(outcomes(&setting, &setting.user, &schedule).await, []);
    let funds = instalments(&setting, &setting.user, &before).await;
    assert_eq!(funds.len(), 1, "{funds:?}");
    assert_eq!(
        (funds[0]["quantity"].to_string(), funds[0]["leftover"].to_string()),
        ("26.666".to_owned(), "0.025".to_owned()),
        "thousandths of a fund's unit"
    );
    setting.pass(1);
    setting.due().await;
    let done = outcomes(&setting, &setting.user, &schedule).await;
    assert_eq!(
        done,
        [("2026-01-27".to_owned(), "ordered".to_owned(), String::new())]
    );
}

pub(crate) async fn what_was_missed_is_made_late_and_once_or_left_out(harness: Harness) {
    let mut setting = Setting::on(harness).await;
    let user = setting.user.clone();
    let portfolio = ready(&setting, &user, &user).await;
    let terms = json!({ "start_date": "2026-01-19", "frequency": "weekly" });
    let late = made(&setting, &user, &portfolio, terms.clone()).await;
    let mut skipping = terms;
    skipping["missed"] = json!("skip");
    let skipping = made(&setting, &user, &portfolio, skipping).await;
    // Nothing runs until Monday 2 March.
    setting.pass(46);
    quotes(&setting).await;
    setting.work();
    setting.work();
    tokio::join!(setting.due(), setting.due());
    let states = |outcomes: Vec<(String, String, String)>| {
        let states = outcomes
            .into_iter()
            .map(|(day, state, reason)| format!("{day} {state} {reason}"));
        states.map(|one| one.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        states(outcomes(&setting, &setting.user, &late).await),
        [
            "2026-01-19 skipped too_late",
            "2026-01-27 skipped too_late",
            "2026-02-02 ordered",
            "2026-02-09 ordered",
            "2026-02-16 ordered",
            "2026-02-23 ordered",
            "2026-03-02 ordered",
        ]
    );
    let flags: Vec<bool> = instalments(&setting, &setting.user, &late)
        .await
        .iter()
        .map(|one| one["late"].as_bool().unwrap())
        .collect();
    assert_eq!(flags, [true, true, true, true, true, true, false]);
    let left_out = states(outcomes(&setting, &setting.user, &skipping).await);
    assert_eq!(left_out.len(), 7);
    assert!(
        left_out[..6].iter().all(|one| one.ends_with("skipped missed")),
        "{left_out:?}"
    );
    assert_eq!(left_out[6], "2026-03-02 ordered");
    assert_eq!(orders(&setting, &setting.user).await.len(), 6);
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_tried_again_on_business_days() {
    let mut setting = Setting::new().await;
    let user = setting.user.clone();
    let portfolio = ready(&setting, &user, &user).await;
    // Friday the 23rd; the 26th is a holiday.
    let start = json!({ "start_date": "2026-01-23", "retries": 2 });
    let stale = made(&setting, &user, &portfolio, start.clone()).await;
    let with = |more: Value| {
        let mut body = start.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let unheld = with(json!({ "type": "SWP", "symbol": "FUND", "quantity": 1, "retries": 0 }));
    let unheld = made(&setting, &user, &portfolio, unheld).await;
    let dear = with(json!({ "symbol": "FUND", "amount": 1_000_000, "retries": 1 }));
    let dear = made(&setting, &user, &portfolio, dear).await;
    let small = made(&setting, &user, &portfolio, with(json!({ "amount": 299 }))).await;
    setting.work();
    setting.pass(8);
    setting.quote("FUND", &setting.today(), "37.5").await;
    setting.due().await;
    let first = &instalments(&setting, &setting.user, &stale).await[0];
    assert_eq!(
        (&first["state"], &first["reasons"], &first["retry_on"]),
        (&json!("retrying"), &json!(["stale_quote"]), &json!("2026-01-27")),
        "{first}"
    );
    let failed =
        |reason: &str, state: &str| vec![("2026-01-23".to_owned(), state.to_owned(), reason.to_owned())];
    let read = outcomes(&setting, &setting.user, &unheld).await;
    assert_eq!(read, failed("not_held", "failed"));
    let read = outcomes(&setting, &setting.user, &dear).await;
    assert_eq!(read, failed("insufficient_cash", "retrying"));
    assert_eq!(orders(&setting, &setting.user).await, Vec::<Value>::new());
    // A day later it is Saturday: nothing is tried.
    setting.pass(1);
    quotes(&setting).await;
    setting.due().await;
    assert_eq!(
        instalments(&setting, &setting.user, &stale).await[0]["attempts"],
        1
    );
    setting.pass(3);
    quotes(&setting).await;
    tokio::join!(setting.due(), setting.due());
    let again = &instalments(&setting, &setting.user, &stale).await[0];
    assert_eq!(
        (&again["state"], &again["attempts"], &again["done_on"]),
        (&json!("ordered"), &json!(2), &json!("2026-01-27")),
        "{again}"
    );
    let read = outcomes(&setting, &setting.user, &dear).await;
    assert_eq!(read, failed("insufficient_cash", "failed"));
    setting.pass(1);
    quotes(&setting).await;
    setting.due().await;
    let read = outcomes(&setting, &setting.user, &small).await;
    assert_eq!(read, failed("amount_too_small", "failed"));
    let told = setting.told("schedule.instalment_failed").await;
    let last = told
        .iter()
        .rev()
        .find(|event| event["data"]["schedule_id"] == small["id"])
        .unwrap();
    assert_eq!(last["data"]["state"], "failed", "{last}");
    assert_eq!(last["data"]["reasons"], json!(["amount_too_small"]));
    assert_eq!(orders(&setting, &setting.user).await.len(), 1);
}

#[tokio::test]
async fn what_compliance_holds_stays_a_draft_and_a_plan_sells_what_is_held() {
    let mut setting = Setting::new().await;
    let portfolio = ready(&setting, &setting.advisor, &setting.client).await;
    let advisor = setting.advisor.clone();
    let buy = json!({ "kind": "buy", "symbol": "AAA", "quantity": 10, "price": 300 });
    setting.entered(&advisor, &portfolio, &buy).await;
    let start = json!({ "start_date": "2026-01-16" });
    let with = |more: Value| {
        let mut body = start.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    // The stub holds whatever is worth more than 5,000.
    let held = made(&setting, &advisor, &portfolio, with(json!({ "amount": 6000 }))).await;
    let sells = with(json!({ "type": "SWP", "amount": 1000 }));
    let sells = made(&setting, &advisor, &portfolio, sells).await;
    setting.work();
    setting.pass(1);
    quotes(&setting).await;
    setting.due().await;
    let first = &instalments(&setting, &setting.advisor, &held).await[0];
    assert_eq!(first["state"], "held", "{first}");
    assert_eq!(first["reasons"], json!(["compliance_hold", "unsuitable_risk"]));
    let path = format!("/api/v1/orders/{}", first["order_id"].as_str().unwrap());
    let order = setting.server.get(&path, &setting.advisor.token).await;
    assert_eq!(order["state"], "draft", "{}", order.text);
    let sold = &instalments(&setting, &setting.advisor, &sells).await[0];
    assert_eq!(
        (&sold["state"], sold["quantity"].to_string()),
        (&json!("ordered"), "3".to_owned()),
        "{sold}"
    );
    let path = format!("/api/v1/orders/{}", sold["order_id"].as_str().unwrap());
    let order = setting.server.get(&path, &setting.advisor.token).await;
    assert_eq!(
        (&order["order_type"], &order["side"]),
        (&json!("SWP"), &json!("sell")),
        "{}",
        order.text
    );
    let positions = setting.read(&setting.advisor, &portfolio, "/positions").await;
    assert_eq!(positions[0]["quantity"].to_string(), "7", "{positions}");
}

#[tokio::test]
async fn a_schedule_rests_goes_on_and_ends() {
    let mut setting = Setting::new().await;
    let user = setting.user.clone();
    let portfolio = ready(&setting, &user, &user).await;
    let weekly = json!({ "frequency": "weekly", "start_date": "2026-01-19", "instalments": 3 });
    let schedule = made(&setting, &user, &portfolio, weekly).await;
    let path = format!("{PATH}/{}", id(&schedule));
    setting.work();
    let step = async |setting: &Setting, step: &str| {
        let path = format!("{path}/{step}");
        setting
            .server
            .post(&path, &setting.user.token, &json!(null))
            .await
    };
    step(&setting, "resume")
        .await
        .assert_error(409, "illegal_transition");
    let paused = step(&setting, "pause").await;
    assert_eq!(
        (&paused["state"], &paused["next_date"]),
        (&json!("paused"), &Value::Null),
        "{}",
        paused.text
    );
    setting.pass(20);
    quotes(&setting).await;
    setting.due().await;
    let resumed = step(&setting, "resume").await;
    assert_eq!(
        (&resumed["next_date"], &resumed["made"]),
        (&json!("2026-02-09"), &json!(0)),
        "{}",
        resumed.text
    );
    let terms = json!({ "quantity": 2, "instalments": 5, "version": resumed["version"] });
    let changed = setting.server.put(&path, &setting.user.token, &terms).await;
    assert_eq!(
        (
            changed.status,
            changed["quantity"].to_string(),
            &changed["amount"]
        ),
        (200, "2".to_owned(), &Value::Null),
        "{}",
        changed.text
    );
    let stale = setting.server.put(&path, &setting.user.token, &terms).await;
    stale.assert_error(409, "version_conflict");
    setting.pass(5);
    quotes(&setting).await;
    setting.due().await;
    assert_eq!(instalments(&setting, &setting.user, &schedule).await.len(), 1);
    assert_eq!(step(&setting, "cancel").await["state"], "cancelled");
    for refused in ["pause", "resume", "cancel"] {
        step(&setting, refused)
            .await
            .assert_error(409, "illegal_transition");
    }
    let terms = json!({ "quantity": 2 });
    let refused = setting.server.put(&path, &setting.user.token, &terms).await;
    refused.assert_error(409, "illegal_transition");
    setting.pass(30);
    quotes(&setting).await;
    setting.due().await;
    assert_eq!(instalments(&setting, &setting.user, &schedule).await.len(), 1);
}

#[tokio::test]
async fn a_schedule_ends_with_its_portfolio() {
    let mut setting = Setting::new().await;
    let user = setting.user.clone();
    ready(&setting, &user, &user).await;
    let portfolio = setting.portfolio(&user, "fifo").await;
    let weekly = json!({ "frequency": "weekly", "start_date": "2026-01-16" });
    let schedule = made(&setting, &user, &portfolio, weekly).await;
    let path = format!("/api/v1/portfolios/{}", id(&portfolio));
    let closed = setting.server.delete(&path, &user.token).await;
    assert_eq!(closed.status, 204, "{}", closed.text);
    setting.work();
    setting.pass(1);
    quotes(&setting).await;
    setting.due().await;
    let done = outcomes(&setting, &setting.user, &schedule).await;
    let failed = ("2026-01-16", "failed", "portfolio_gone");
    assert_eq!(
        done,
        [(failed.0.to_owned(), failed.1.to_owned(), failed.2.to_owned())]
    );
    let path = format!("{PATH}/{}", id(&schedule));
    let read = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(read["state"], "cancelled", "{}", read.text);
}

#[tokio::test]
async fn impossible_schedules_are_refused_and_the_field_is_named() {
    let setting = Setting::new().await;
    let user = &setting.user;
    let portfolio = ready(&setting, user, user).await;
    let good = json!({
        "portfolio_id": portfolio["id"], "type": "SIP", "symbol": "AAA", "amount": 1000, "frequency": "weekly",
    });
    for (field, value) in [
        ("type", json!("STP")),
        ("symbol", json!("ZZZ")),
        ("amount", json!("NaN")),
        ("amount", json!(0)),
        ("amount", json!("1.001")),
        ("quantity", json!(1)),
        ("frequency", json!("daily")),
        ("day_of_month", json!(1)),
        ("start_date", json!("2026-01-14")),
        ("end_date", json!("2026-01-01")),
        ("instalments", json!(0)),
        ("instalments", json!(1201)),
        ("calendar", json!("MOON")),
        ("convention", json!("nearest")),
        ("missed", json!("forget")),
        ("retries", json!(11)),
        ("retries", json!(-1)),
        ("account_id", json!(NOBODY)),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let refused = setting.server.post(PATH, &user.token, &body).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field, "{}", refused.text);
    }
    let mut monthly = good.clone();
    (monthly["frequency"], monthly["day_of_month"]) = (json!("monthly"), json!(32));
    let refused = setting.server.post(PATH, &user.token, &monthly).await;
    assert_eq!(refused["details"][0]["field"], "day_of_month", "{}", refused.text);
    let listed = setting.server.get(PATH, &user.token).await;
    assert_eq!(listed.body, json!([]), "nothing was written");
    let calendars = setting
        .server
        .get("/api/v1/schedules/calendars", &user.token)
        .await;
    assert_eq!(calendars.body.as_array().unwrap().len(), 3, "{}", calendars.text);
}

#[tokio::test]
async fn somebody_elses_schedule_is_the_same_404_as_an_unknown_one() {
    let setting = Setting::new().await;
    let portfolio = ready(&setting, &setting.advisor, &setting.client).await;
    let schedule = made(&setting, &setting.advisor, &portfolio, json!({})).await;
    let server = &setting.server;
    let terms = json!({ "amount": 1 });
    for stranger in [&setting.other_advisor, &setting.user] {
        for (method, step, body) in [
            (Method::GET, "", json!(null)),
            (Method::PUT, "", terms.clone()),
            (Method::POST, "/pause", json!(null)),
            (Method::POST, "/resume", json!(null)),
            (Method::POST, "/cancel", json!(null)),
            (Method::GET, "/instalments", json!(null)),
        ] {
            let ask = |id: &str| {
                let request = server.request(
                    method.clone(),
                    &format!("{PATH}/{id}{step}"),
                    Some(&stranger.token),
                );
                server.send(match body.is_null() {
                    true => request,
                    false => request.json(&body),
                })
            };
            let unknown = ask(NOBODY).await;
            unknown.assert_error(404, "not_found");
            assert_eq!(ask(id(&schedule)).await.text, unknown.text, "{method} {step}");
        }
        assert_eq!(server.get(PATH, &stranger.token).await.body, json!([]));
        let list = format!("{PATH}?portfolio_id={}", id(&portfolio));
        server
            .get(&list, &stranger.token)
            .await
            .assert_error(404, "not_found");
        let body = json!({
            "portfolio_id": portfolio["id"], "type": "SIP", "symbol": "AAA", "amount": 1, "frequency": "weekly",
        });
        let refused = server.post(PATH, &stranger.token, &body).await;
        refused.assert_error(404, "not_found");
    }
    for (filter, count) in [("", 1), ("?state=active", 1), ("?state=paused", 0)] {
        let own = server
            .get(&format!("{PATH}{filter}"), &setting.client.token)
            .await;
        assert_eq!(
            own.body.as_array().unwrap().len(),
            count,
            "{filter}: {}",
            own.text
        );
    }
}
