//! Journal entries, transfers, reversals, closed periods and the chart.

use crate::setting::{NOBODY, Setting, id};
use futures::future::join_all;
use kernel::Role;
use serde_json::{Value, json};
use testkit::{Harness, Login, Reply};

const ENTRIES: &str = "/api/v1/ledger/entries";
const ACCOUNTS: &str = "/api/v1/ledger/accounts";
const CLOSE: &str = "/api/v1/ledger/periods/close";
const REOPEN: &str = "/api/v1/ledger/periods/reopen";

async fn send(setting: &Setting, login: &Login, path: &str, body: &Value) -> Reply {
    setting.server.post(path, &login.token, body).await
}

/// What lies on an account of the chart, as `12.50 INR`.
async fn lies_on(setting: &Setting, login: &Login, account: &str, query: &str) -> Vec<String> {
    let path = format!("{ACCOUNTS}{query}");
    let chart = setting.server.get(&path, &login.token).await;
    assert_eq!(chart.status, 200, "{}", chart.text);
    let accounts = chart.body.as_array().unwrap();
    let found = accounts.iter().find(|of| of["account"] == account);
    let balances = found.and_then(|of| of["balances"].as_array());
    let text = |of: &Value| format!("{} {}", of["amount"], of["currency"].as_str().unwrap());
    balances.into_iter().flatten().map(text).collect()
}

#[tokio::test]
async fn a_transaction_is_an_entry_whose_legs_add_up() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let body =
        json!({ "type": "expense", "amount": "12.50", "category": "Food", "account_id": id(&account) });
    let posted = setting.post(&setting.user, &body).await;
    let at = format!("{ENTRIES}/{}", id(&posted["data"]));
    let entry = setting.server.get(&at, &setting.user.token).await;
    let legs: Vec<String> = entry["legs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|leg| format!("{} {}", leg["account"].as_str().unwrap(), leg["amount"]))
        .collect();
    let money = format!("money:{} -12.50", id(&account));
    assert_eq!(legs, ["expense:food 12.50".to_owned(), money]);
    assert_eq!(
        lies_on(&setting, &setting.user, "expense:food", "").await,
        ["12.50 INR"]
    );
    setting
        .server
        .get(&at, &setting.client.token)
        .await
        .assert_error(404, "not_found");
}

#[tokio::test]
async fn a_transfer_moves_money_and_is_neither_income_nor_expense() {
    let setting = Setting::new().await;
    let [from, to, dollars] = [
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "USD").await,
    ];
    setting
        .post(
            &setting.user,
            &json!({ "type": "income", "amount": 10000, "account_id": id(&from) }),
        )
        .await;
    let transfer = json!({
        "type": "transfer", "amount": "1000.50", "account_id": id(&from), "to_account_id": id(&to),
    });
    let posted = setting.post(&setting.user, &transfer).await;
    assert_eq!(posted["data"]["to_account_id"], to["id"]);
    let exchange = json!({
        "type": "transfer", "amount": 8300, "account_id": id(&from), "to_account_id": id(&dollars),
        "received_amount": 100,
    });
    setting.post(&setting.user, &exchange).await;
    assert_eq!(setting.balance(&setting.user, &from).await, "699.50");
    assert_eq!(setting.balance(&setting.user, &to).await, "1000.50");
    assert_eq!(setting.balance(&setting.user, &dollars).await, "100.00");
    let path = "/api/v1/financial-report";
    let report = setting.server.get(path, &setting.user.token).await;
    assert_eq!(report["total_income"].to_string(), "10000.00");
    assert_eq!(report["total_expenses"].to_string(), "0.00");
    assert_eq!(report["transfers"].to_string(), "-8300.00");
    assert_eq!(report["closing_balance"].to_string(), "1700.00");
    let of_one = format!("{path}?account_id={}", id(&to));
    let report = setting.server.get(&of_one, &setting.user.token).await;
    assert_eq!(report["transfers"].to_string(), "1000.50");

    let foreign = setting.account(&setting.client, "INR").await;
    for (change, status, field) in [
        (json!({ "to_account_id": id(&from) }), 422, "to_account_id"),
        (json!({ "to_account_id": null }), 422, "to_account_id"),
        (json!({ "category": "food" }), 422, "category"),
        (json!({ "received_amount": 1 }), 422, "received_amount"),
        (json!({ "to_account_id": id(&dollars) }), 422, "received_amount"),
        (
            json!({ "to_account_id": id(&dollars), "received_amount": "0.001" }),
            422,
            "received_amount",
        ),
        (json!({ "type": "income" }), 422, "to_account_id"),
        (json!({ "to_account_id": id(&foreign) }), 404, ""),
        (json!({ "to_account_id": NOBODY }), 404, ""),
    ] {
        let mut body = transfer.clone();
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = send(&setting, &setting.user, "/api/v1/transactions", &body).await;
        assert_eq!(refused.status, status, "{change}: {}", refused.text);
        if status == 422 {
            assert_eq!(refused.fields(), [field], "{change}");
        }
    }
    assert_eq!(setting.balance(&setting.user, &from).await, "699.50");
}

#[tokio::test]
async fn entries_that_are_wrong_name_the_field_and_write_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let money = format!("money:{}", id(&account));
    let leg = |account: &str, amount: Value| json!({ "account": account, "amount": amount });
    let good = json!([leg(&money, json!(-5)), leg("asset:house", json!(5))]);
    for (legs, field) in [
        (json!([]), "legs"),
        (json!([leg(&money, json!(0))]), "legs"),
        (
            json!([leg(&money, json!(5)), leg("asset:house", json!(5))]),
            "legs",
        ),
        (
            json!([leg(&money, json!(0)), leg("asset:house", json!(0))]),
            "legs[0].amount",
        ),
        (
            json!([leg(&money, json!("NaN")), leg("asset:house", json!(5))]),
            "legs[0].amount",
        ),
        (
            json!([leg(&money, json!("1".repeat(40))), leg("asset:house", json!(5))]),
            "legs[0].amount",
        ),
        (
            json!([leg(&money, json!("0.001")), leg("asset:house", json!("-0.001"))]),
            "legs[0].amount",
        ),
        (
            json!([leg("house", json!(5)), leg(&money, json!(-5))]),
            "legs[0].account",
        ),
        (
            json!([leg("asset:  ", json!(5)), leg(&money, json!(-5))]),
            "legs[0].account",
        ),
        (
            json!([
                { "account": money, "amount": 5, "currency": "USD" },
                { "account": "asset:house", "amount": -5, "currency": "USD" },
            ]),
            "legs[0].currency",
        ),
        (
            json!([{ "account": money, "amount": 5, "currency": "XXX" }, leg("asset:house", json!(-5))]),
            "legs[0].currency",
        ),
    ] {
        let refused = send(&setting, &setting.user, ENTRIES, &json!({ "legs": legs })).await;
        assert_eq!(refused.status, 422, "{legs}: {}", refused.text);
        assert_eq!(refused.fields(), [field], "{legs}");
    }
    for date in ["1899-12-31", "2200-01-01", "2026-02-30"] {
        let refused = send(
            &setting,
            &setting.user,
            ENTRIES,
            &json!({ "legs": good, "date": date }),
        )
        .await;
        assert_eq!(refused.assert_error(422, "validation_error").fields(), ["date"]);
    }
    let stranger = send(&setting, &setting.client, ENTRIES, &json!({ "legs": good })).await;
    stranger.assert_error(404, "not_found");
    assert_eq!(setting.balance(&setting.user, &account).await, "0.00");
    let made = send(&setting, &setting.user, ENTRIES, &json!({ "legs": good })).await;
    assert_eq!(
        (made.status, &made["type"]),
        (201, &json!("entry")),
        "{}",
        made.text
    );
    assert_eq!(setting.balance(&setting.user, &account).await, "-5.00");
    assert_eq!(
        lies_on(&setting, &setting.user, "asset:house", "").await,
        ["5.00 INR"]
    );
    let before = lies_on(&setting, &setting.user, "asset:house", "?as_of=2026-01-14").await;
    assert!(before.is_empty(), "{before:?}");
}

pub(crate) async fn a_reversal_restores_everything_and_there_is_one(harness: Harness) {
    let setting = Setting::on(harness).await;
    let account = setting.account(&setting.user, "INR").await;
    let kept = json!({ "type": "income", "amount": 100, "account_id": id(&account) });
    setting.post(&setting.user, &kept).await;
    let path = "/api/v1/financial-report";
    let before = setting.server.get(path, &setting.user.token).await;
    let body = json!({ "type": "expense", "amount": 40, "category": "food", "account_id": id(&account) });
    let posted = setting.post(&setting.user, &body).await;
    let at = format!("{ENTRIES}/{}", id(&posted["data"]));
    let reverse = format!("{at}/reverse");
    let reason = json!({ "reason": "Booked twice" });
    let missing = send(&setting, &setting.user, &reverse, &json!({})).await;
    assert_eq!(missing.assert_error(422, "validation_error").fields(), ["reason"]);
    let watcher = setting.harness.log_in(Role::Compliance);
    send(&setting, &watcher, &reverse, &reason)
        .await
        .assert_error(403, "forbidden");
    send(&setting, &setting.client, &reverse, &reason)
        .await
        .assert_error(404, "not_found");
    let reversals = join_all((0..4).map(|_| send(&setting, &setting.user, &reverse, &reason))).await;
    let made: Vec<&Reply> = reversals.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(made.len(), 1);
    for refused in reversals.iter().filter(|reply| reply.status != 201) {
        refused.assert_error(409, "already_reversed");
    }
    assert_eq!(made[0]["reverses"], posted["data"]["id"]);
    assert_eq!(made[0]["reason"], "Booked twice");
    assert_eq!(setting.balance(&setting.user, &account).await, "100.00");
    let after = setting.server.get(path, &setting.user.token).await;
    assert_eq!(after.body, before.body);
    let entry = setting.server.get(&at, &setting.user.token).await;
    assert_eq!(entry["reversed_by"], made[0]["id"]);
    let back = format!("{ENTRIES}/{}/reverse", id(&made[0].body));
    send(&setting, &setting.user, &back, &reason)
        .await
        .assert_error(409, "is_reversal");
    let history = format!("/api/v1/transactions/{}/history", id(&posted["data"]));
    let told = setting.server.get(&history, &setting.user.token).await;
    let kinds: Vec<&str> = told
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["transaction.created", "transaction.reversed"]);
}

#[tokio::test]
async fn a_closed_period_takes_nothing_until_it_is_opened_again() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let on = |date: &str| json!({ "type": "income", "amount": 1, "account_id": id(&account), "date": date });
    let early = setting.post(&setting.user, &on("2025-12-31")).await;
    let closing = json!({ "through": "2025-12-31", "reason": "The year is done" });
    let closed = send(&setting, &setting.user, CLOSE, &closing).await;
    assert_eq!(
        (closed.status, &closed["closed_through"]),
        (200, &json!("2025-12-31")),
        "{}",
        closed.text
    );
    for date in ["2025-12-31", "1999-01-01"] {
        let refused = send(&setting, &setting.user, "/api/v1/transactions", &on(date)).await;
        assert_eq!(refused.assert_error(409, "period_closed").fields(), ["date"]);
    }
    let file = b"Date,Description,Amount\n2025-12-30,Tea,-1\n2026-01-02,Payroll,3.25\n";
    setting
        .import(&setting.user, &account, "", file)
        .await
        .assert_error(409, "period_closed");
    setting.post(&setting.user, &on("2026-01-01")).await;
    // What lies in the closed period is taken back in the open one.
    let reverse = format!("{ENTRIES}/{}/reverse", id(&early["data"]));
    let reversal = send(&setting, &setting.user, &reverse, &json!({ "reason": "Wrong" })).await;
    assert_eq!(
        (reversal.status, &reversal["date"]),
        (201, &json!("2026-01-15")),
        "{}",
        reversal.text
    );
    let again = send(&setting, &setting.user, CLOSE, &closing).await;
    assert_eq!(again.assert_error(422, "validation_error").fields(), ["through"]);
    let unreasoned = send(&setting, &setting.user, REOPEN, &json!({})).await;
    assert_eq!(
        unreasoned.assert_error(422, "validation_error").fields(),
        ["reason"]
    );
    let opened = send(
        &setting,
        &setting.user,
        REOPEN,
        &json!({ "reason": "An invoice was late" }),
    )
    .await;
    assert_eq!((opened.status, &opened["closed_through"]), (200, &json!(null)));
    let acts: Vec<&str> = opened["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["act"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["reopen", "close"]);
    setting.post(&setting.user, &on("2025-12-31")).await;
    let of_client = json!({ "through": "2025-12-31", "reason": "x", "user_id": setting.client.user() });
    for (login, status) in [
        (&setting.advisor, 200),
        (&setting.user, 404),
        (&setting.other_advisor, 404),
    ] {
        let reply = send(&setting, login, CLOSE, &of_client).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
}

/// Many postings and a close at the same moment: what was acknowledged before the close is in the closed figures, and
/// what comes after it is refused. Nothing is added to the period once the close has answered.
pub(crate) async fn no_posting_slips_through_a_close(harness: Harness) {
    let setting = Setting::on(harness).await;
    for round in 0..4 {
        let account = setting.account(&setting.user, "INR").await;
        let day = format!("2025-0{}-10", round + 1);
        let body = json!({ "type": "income", "amount": 1, "account_id": id(&account), "date": day });
        let closing = json!({ "through": day, "reason": "Done" });
        let posts = (0..24).map(|_| send(&setting, &setting.user, "/api/v1/transactions", &body));
        let close = async {
            let closed = send(&setting, &setting.user, CLOSE, &closing).await;
            assert_eq!(closed.status, 200, "{}", closed.text);
            setting.balance(&setting.user, &account).await
        };
        let (posted, at_close) = tokio::join!(join_all(posts), close);
        let taken = posted.iter().filter(|reply| reply.status == 200).count();
        for refused in posted.iter().filter(|reply| reply.status != 200) {
            refused.assert_error(409, "period_closed");
        }
        assert_eq!(at_close, format!("{taken}.00"), "round {round}");
        assert_eq!(setting.balance(&setting.user, &account).await, at_close);
    }
}

#[tokio::test]
async fn the_chart_knows_what_is_used_and_what_was_said() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let body = json!({ "type": "expense", "amount": 7, "category": "Groceries", "account_id": id(&account) });
    setting.post(&setting.user, &body).await;
    let household = json!({ "type": "expense", "name": "Household", "code": "5000" });
    let made = send(&setting, &setting.user, ACCOUNTS, &household).await;
    assert_eq!(
        (made.status, &made["account"]),
        (201, &json!("expense:household")),
        "{}",
        made.text
    );
    send(&setting, &setting.user, ACCOUNTS, &household)
        .await
        .assert_error(409, "ledger_account_exists");
    let same_code = json!({ "type": "income", "name": "Rent", "code": "5000" });
    let refused = send(&setting, &setting.user, ACCOUNTS, &same_code).await;
    assert_eq!(refused.assert_error(409, "ledger_code_taken").fields(), ["code"]);
    for parent in ["income:salary", "money:x", "expense:household"] {
        let wrong = json!({ "type": "expense", "name": "Household", "parent": parent });
        let refused = send(&setting, &setting.user, ACCOUNTS, &wrong).await;
        assert_eq!(refused.fields(), ["parent"], "{parent}: {}", refused.text);
    }
    let at = format!("{ACCOUNTS}/expense:groceries");
    let put = async |body: &Value| setting.server.put(&at, &setting.user.token, body).await;
    let closed = put(&json!({ "name": "Groceries", "parent": "expense:household", "closed": true })).await;
    assert_eq!(
        (closed.status, &closed["closed"]),
        (200, &json!(true)),
        "{}",
        closed.text
    );
    assert_eq!(closed["balances"][0]["amount"].to_string(), "7.00");
    send(&setting, &setting.user, "/api/v1/transactions", &body)
        .await
        .assert_error(409, "ledger_account_closed");
    assert_eq!(put(&json!({ "closed": false })).await.status, 200);
    setting.post(&setting.user, &body).await;
    let nothing = format!("{ACCOUNTS}/expense:unheard-of");
    setting
        .server
        .put(&nothing, &setting.user.token, &json!({ "closed": true }))
        .await
        .assert_error(404, "not_found");
    let chart = setting.server.get(ACCOUNTS, &setting.client.token).await;
    assert_eq!(chart.body, json!([]));
}
