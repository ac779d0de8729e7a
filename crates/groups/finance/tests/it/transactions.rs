use crate::setting::{NOBODY, Setting, id};
use finance_contract::{NewTransaction, TransactionKind};
use futures::future::join_all;
use kernel::{IdempotencyKey, Money, RateClass};
use serde_json::json;

#[tokio::test]
async fn a_posting_answers_in_the_shape_of_source_004() {
    let setting = Setting::new().await;
    let body = json!({
        "type": "expense", "amount": "12345678901234567.89", "description": "A house", "category": "Hôme",
        "date": "2026-01-02",
    });
    let posted = setting.post(&setting.user, &body).await;
    assert_eq!(posted["status"], "success");
    assert_eq!(posted["transaction_id"], posted["data"]["id"]);
    let data = &posted["data"];
    assert_eq!(data["amount"].to_string(), "12345678901234567.89");
    assert_eq!(
        (&data["category"], &data["date"]),
        (&json!("home"), &json!("2026-01-02"))
    );
    let at = format!("/api/v1/transactions/{}", id(data));
    let read = setting.server.get(&at, &setting.user.token).await;
    assert_eq!((read.status, &read.body), (200, data));
    let history = setting
        .server
        .get(&format!("{at}/history"), &setting.user.token)
        .await;
    assert_eq!(history.body[0]["type"], "transaction.created", "{}", history.text);
}

#[tokio::test]
async fn the_same_key_posts_once_and_answers_the_same_bytes() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let body = json!({ "type": "income", "amount": 10.10, "account_id": id(&account) });
    let first = setting.post_with_key(&setting.user, "one", &body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = setting.post_with_key(&setting.user, "one", &body).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    let mut other = body.clone();
    other["amount"] = json!("10.11");
    setting
        .post_with_key(&setting.user, "one", &other)
        .await
        .assert_error(409, "idempotency_key_reused");
    assert_eq!(setting.count(&setting.user, &account).await, 1);
    assert_eq!(setting.balance(&setting.user, &account).await, "10.10");
}

#[tokio::test]
async fn postings_at_the_same_moment_make_one_main_account_and_lose_nothing() {
    let setting = Setting::new().await;
    let posts = (1..=16).map(|cents| {
        let kind = if cents % 4 == 0 { "expense" } else { "income" };
        let body = json!({ "type": kind, "amount": format!("0.{cents:02}") });
        async { setting.post(&setting.user, &{ body }).await }
    });
    let posted = join_all(posts).await;
    let accounts = setting
        .server
        .get(
            &format!("/api/v1/accounts/{}", setting.user.user()),
            &setting.user.token,
        )
        .await;
    assert_eq!(accounts.body.as_array().unwrap().len(), 1, "{}", accounts.text);
    let account = &accounts.body[0];
    assert!(
        posted
            .iter()
            .all(|posted| posted["data"]["account_id"] == account["id"])
    );
    // 1 to 16 less twice 4, 8, 12 and 16: 136 - 80.
    assert_eq!(account["balance"].to_string(), "0.56");
    assert_eq!(setting.count(&setting.user, account).await, 16);
}

#[tokio::test]
async fn a_balance_stays_exact_while_its_changes_are_folded() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    for _ in 0..4 {
        let posts = (0..75).map(|_| {
            let body = json!({ "type": "income", "amount": "0.10", "account_id": id(&account) });
            async { setting.post(&setting.user, &{ body }).await }
        });
        join_all(posts).await;
    }
    assert_eq!(setting.balance(&setting.user, &account).await, "30.00");
    assert_eq!(setting.count(&setting.user, &account).await, 300);
}

#[tokio::test]
async fn wrong_postings_name_the_field_and_write_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    for (field, value) in [
        ("type", json!("gift")),
        ("amount", json!(0)),
        ("amount", json!(-1)),
        ("amount", json!("NaN")),
        ("amount", json!("0.001")),
        ("amount", json!("1000000000000000000")),
        ("amount", json!("1".repeat(40))),
        ("description", json!("a\u{0}b")),
        ("description", json!("x".repeat(501))),
        ("category", json!("")),
        ("date", json!("2026-02-30")),
        ("account_id", json!({ "$ne": null })),
        ("tenant_id", json!(NOBODY)),
    ] {
        let mut body = json!({ "type": "income", "amount": "1", "account_id": id(&account) });
        body[field] = value.clone();
        let refused = server.post("/api/v1/transactions", token, &body).await;
        let named = refused.assert_error(422, "validation_error").fields();
        assert_eq!(named, [field], "{value}");
    }
    let other_currency =
        json!({ "type": "income", "amount": "1", "account_id": id(&account), "currency": "USD" });
    server
        .post("/api/v1/transactions", token, &other_currency)
        .await
        .assert_error(400, "transaction_refused");
    let unknown = json!({ "type": "income", "amount": "1", "account_id": NOBODY });
    server
        .post("/api/v1/transactions", token, &unknown)
        .await
        .assert_error(404, "not_found");
    assert_eq!(setting.count(&setting.user, &account).await, 0);
    assert_eq!(setting.balance(&setting.user, &account).await, "0.00");
}

#[tokio::test]
async fn everybody_sees_what_is_theirs_to_see() {
    let setting = Setting::new().await;
    let body = json!({ "type": "income", "amount": "5" });
    let of_client = setting.post(&setting.client, &body).await["data"].clone();
    setting.harness.clock.advance(chrono::TimeDelta::seconds(1));
    let of_user = setting.post(&setting.user, &body).await["data"].clone();
    let server = &setting.server;
    for (login, seen) in [
        (&setting.client, vec![&of_client]),
        (&setting.user, vec![&of_user]),
        (&setting.advisor, vec![&of_client]),
        (&setting.other_advisor, vec![]),
        (&setting.admin, vec![&of_client, &of_user]),
    ] {
        let path = "/api/v1/transactions?sort=created_at";
        let listed = server.get(path, &login.token).await;
        assert_eq!(listed.body, json!(seen), "{:?}", login.principal.role);
        for transaction in [&of_client, &of_user] {
            let at = format!("/api/v1/transactions/{}", id(transaction));
            let read = server.get(&at, &login.token).await;
            let history = server.get(&format!("{at}/history"), &login.token).await;
            if seen.contains(&transaction) {
                assert_eq!((read.status, history.status), (200, 200));
            } else {
                read.assert_error(404, "not_found");
                history.assert_error(404, "not_found");
            }
        }
    }
    let into_it = json!({ "type": "expense", "amount": "5", "account_id": of_client["account_id"] });
    for stranger in [&setting.user, &setting.other_advisor] {
        server
            .post("/api/v1/transactions", &stranger.token, &into_it)
            .await
            .assert_error(404, "not_found");
    }
    let account = json!({ "id": of_client["account_id"], "user_id": of_client["user_id"] });
    assert_eq!(setting.balance(&setting.client, &account).await, "5.00");
}

#[tokio::test]
async fn postings_have_a_limit_of_their_own() {
    let setting = Setting::with(|harness| {
        // One a minute: the limiter's clock is the real one, and a slow machine must not earn another posting.
        harness.settings.limits.enabled = true;
        harness.settings.limits.transaction_per_minute = 1;
    })
    .await;
    let class = ("finance_create_transaction", RateClass::Transaction);
    assert!(setting.group.mount.info.rates.contains(&class));
    let account = setting.account(&setting.user, "INR").await;
    let body = json!({ "type": "income", "amount": "1", "account_id": id(&account) });
    setting.post(&setting.user, &body).await;
    let refused = setting
        .server
        .post("/api/v1/transactions", &setting.user.token, &body)
        .await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(setting.balance(&setting.user, &account).await, "1.00");
}

#[tokio::test]
async fn the_ledger_posts_once_for_each_key() {
    let setting = Setting::new().await;
    let cx = setting.user.context(setting.harness.sources.ids());
    let new = NewTransaction {
        user_id: None,
        account_id: None,
        to_account_id: None,
        received: None,
        kind: TransactionKind::Income,
        amount: Money::new("7.5".parse().unwrap(), "USD".parse().unwrap()).unwrap(),
        description: None,
        category: None,
        date: None,
    };
    let mut posted = Vec::new();
    for _ in 0..2 {
        let key = IdempotencyKey::parse("one").unwrap();
        posted.push(
            setting
                .group
                .ledger
                .create_transaction(&cx, key, new.clone())
                .await
                .unwrap(),
        );
    }
    assert_eq!(posted[0], posted[1]);
    assert_eq!(posted[0].amount.to_string(), "7.50 USD");
    assert_eq!(posted[0].date.to_string(), "2026-01-15");
    let account = json!({ "id": posted[0].account_id, "user_id": setting.user.user() });
    assert_eq!(setting.balance(&setting.user, &account).await, "7.50");
}
