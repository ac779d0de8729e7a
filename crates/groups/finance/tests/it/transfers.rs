//! Transfers, seen from both of their accounts; and taking back what moves between accounts.

use crate::setting::{Setting, id};
use serde_json::{Value, json};
use testkit::{Harness, Login, Reply};

const ENTRIES: &str = "/api/v1/ledger/entries";

/// All of a list, two at a time, as `type effect`.
async fn listed(setting: &Setting, login: &Login, account: &Value, more: &str) -> Vec<String> {
    let path = format!("/api/v1/transactions?account_id={}&limit=2{more}", id(account));
    let mut next = Some(path);
    let mut rows = Vec::new();
    while let Some(path) = next {
        let page = setting.server.get(&path, &login.token).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let text = |row: &Value| format!("{} {}", row["type"].as_str().unwrap(), row["effect"]);
        rows.extend(page.body.as_array().unwrap().iter().map(text));
        next = page.header("link").and_then(|link| {
            let place = link.split_once('<')?.1.split_once('>')?.0;
            Some(place[place.find("/api/")?..].to_owned())
        });
    }
    rows
}

async fn exported(setting: &Setting, account: &Value) -> String {
    let path = format!("/api/v1/transactions/export?account_id={}", id(account));
    let file = setting.server.get(&path, &setting.user.token).await;
    assert_eq!(file.status, 200, "{}", file.text);
    file.text
}

async fn reverse(setting: &Setting, entry: &str, more: Value) -> Reply {
    let mut body = json!({ "reason": "Wrong" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let path = format!("{ENTRIES}/{entry}/reverse");
    setting.server.post(&path, &setting.user.token, &body).await
}

pub(crate) async fn a_transfer_is_found_at_both_accounts_with_its_sign(harness: Harness) {
    let setting = Setting::on(harness).await;
    let [from, to, dollars] = [
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "USD").await,
    ];
    for body in [
        json!({ "type": "income", "amount": 10000, "account_id": id(&from), "date": "2026-01-02" }),
        json!({ "type": "transfer", "amount": "1000.50", "account_id": id(&from), "to_account_id": id(&to),
            "date": "2026-01-03" }),
        json!({ "type": "transfer", "amount": 8300, "account_id": id(&from), "to_account_id": id(&dollars),
            "received_amount": 100, "date": "2026-01-04" }),
        json!({ "type": "transfer", "amount": 200, "account_id": id(&to), "to_account_id": id(&from),
            "date": "2026-01-05" }),
        json!({ "type": "expense", "amount": 50, "account_id": id(&to), "date": "2026-01-06" }),
    ] {
        setting.post(&setting.user, &body).await;
        setting.harness.clock.advance(chrono::TimeDelta::seconds(1));
    }
    let at = async |account: &Value, more: &str| listed(&setting, &setting.user, account, more).await;
    let of_from = [
        "income 10000.00",
        "transfer -1000.50",
        "transfer -8300.00",
        "transfer 200.00",
    ];
    assert_eq!(at(&from, "&sort=date").await, of_from);
    let mut newest_first = of_from;
    newest_first.reverse();
    assert_eq!(at(&from, "").await, newest_first);
    assert_eq!(at(&from, "&sort=-created_at").await, newest_first);
    assert_eq!(
        at(&from, "&sort=amount").await,
        [
            "transfer 200.00",
            "transfer -1000.50",
            "transfer -8300.00",
            "income 10000.00"
        ]
    );
    assert_eq!(at(&from, "&type=transfer&sort=date").await, of_from[1..]);
    assert_eq!(
        at(&from, "&category=transfer&sort=date&from=2026-01-04").await,
        of_from[2..]
    );
    assert_eq!(
        at(&to, "&sort=date").await,
        ["transfer 1000.50", "transfer -200.00", "expense -50.00"]
    );
    assert_eq!(at(&dollars, "&sort=amount").await, ["transfer 100.00"]);
    assert_eq!(setting.count(&setting.user, &from).await, 4);
    assert!(at(&to, "&type=income").await.is_empty());
    // Nobody else sees it, at whichever account.
    for stranger in [&setting.client, &setting.other_advisor] {
        assert!(listed(&setting, stranger, &dollars, "").await.is_empty());
    }
    // What was exported of either account is known at either.
    for (account, rows) in [(&from, 4), (&to, 3), (&dollars, 1)] {
        let file = exported(&setting, account).await;
        assert_eq!(file.lines().count(), rows + 1, "{file}");
        let again = setting.import(&setting.user, account, "", file.as_bytes()).await;
        assert_eq!(
            (again.status, &again["imported"]),
            (200, &json!(0)),
            "{}",
            again.text
        );
        assert_eq!(again["duplicates"], rows);
    }
    // An entry of several accounts stands on all of them.
    let leg = |account: &Value, amount: i32| json!({ "account": format!("money:{}", id(account)), "amount": amount });
    let third = setting.account(&setting.user, "INR").await;
    let body = json!({ "legs": [leg(&from, -30), leg(&to, 10), leg(&third, 20)], "date": "2026-01-07" });
    let made = setting.server.post(ENTRIES, &setting.user.token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(at(&third, "").await, ["entry 20.00"]);
    assert_eq!(at(&to, "").await[0], "entry 10.00");
    assert_eq!(at(&from, "").await[0], "entry -30.00");
}

pub(crate) async fn reversals_of_transfers_and_of_imported_rows_restore(harness: Harness) {
    let setting = Setting::on(harness).await;
    let [rupees, savings, dollars] = [
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "USD").await,
    ];
    let file = b"Date,Description,Amount\n2026-01-02,Payroll,10000\n2026-01-03,Tea,-1\n";
    let read = setting.import(&setting.user, &rupees, "", file).await;
    assert_eq!(read["imported"], 2, "{}", read.text);
    let figures = async || {
        let mut all = Vec::new();
        for account in [&rupees, &savings, &dollars] {
            all.push(setting.balance(&setting.user, account).await);
        }
        for place in ["ledger/statements/trial-balance", "financial-report"] {
            let read = setting
                .server
                .get(&format!("/api/v1/{place}"), &setting.user.token)
                .await;
            assert_eq!(read.status, 200, "{}", read.text);
            all.push(read.text.clone());
        }
        all
    };
    let before = figures().await;
    for transfer in [
        json!({ "type": "transfer", "amount": 40, "account_id": id(&rupees), "to_account_id": id(&savings) }),
        json!({ "type": "transfer", "amount": 8300, "account_id": id(&rupees), "to_account_id": id(&dollars),
            "received_amount": "99.99" }),
    ] {
        let posted = setting.post(&setting.user, &transfer).await;
        assert_ne!(figures().await[0], before[0]);
        let entry = id(&posted["data"]);
        setting.harness.clock.advance(chrono::TimeDelta::seconds(1));
        let made = reverse(&setting, entry, json!({})).await;
        assert_eq!(
            (made.status, &made["reverses"]),
            (201, &json!(entry)),
            "{}",
            made.text
        );
        assert_eq!(figures().await[..3], before[..3]);
        let sums: Vec<&Value> = made["legs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|leg| &leg["amount"])
            .collect();
        assert!(sums.len() == 2 || sums.len() == 4, "{sums:?}");
        let back = id(&made.body);
        reverse(&setting, back, json!({}))
            .await
            .assert_error(409, "is_reversal");
        reverse(&setting, entry, json!({}))
            .await
            .assert_error(409, "already_reversed");
    }
    // At both accounts, each with the sign of what it gives back.
    let at = async |account: &Value| listed(&setting, &setting.user, account, "&sort=created_at").await;
    assert_eq!(at(&savings).await, ["transfer 40.00", "reversal -40.00"]);
    assert_eq!(at(&dollars).await, ["transfer 99.99", "reversal -99.99"]);
    // A row of a statement is taken back, and is not posted anew by the same statement.
    let path = format!("/api/v1/transactions?account_id={}&sort=date", id(&rupees));
    let rows = setting.server.get(&path, &setting.user.token).await;
    let tea = rows
        .body
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["description"] == "Tea")
        .unwrap();
    let made = reverse(&setting, id(tea), json!({})).await;
    assert_eq!(
        (made.status, &made["date"]),
        (201, &json!("2026-01-03")),
        "{}",
        made.text
    );
    assert_eq!(setting.balance(&setting.user, &rupees).await, "10000.00");
    let again = setting.import(&setting.user, &rupees, "", file).await;
    assert_eq!(
        (&again["imported"], &again["duplicates"]),
        (&json!(0), &json!(2)),
        "{}",
        again.text
    );
    assert_eq!(setting.balance(&setting.user, &rupees).await, "10000.00");
    // Into a closed period nothing is taken back; what lies in it is taken back today.
    let payroll = rows
        .body
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["description"] == "Payroll")
        .unwrap();
    let closing = json!({ "through": "2026-01-10", "reason": "Done" });
    let closed = setting
        .server
        .post("/api/v1/ledger/periods/close", &setting.user.token, &closing)
        .await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    for date in ["2026-01-02", "2026-01-10"] {
        let refused = reverse(&setting, id(payroll), json!({ "date": date })).await;
        assert_eq!(refused.assert_error(409, "period_closed").fields(), ["date"]);
    }
    assert_eq!(setting.balance(&setting.user, &rupees).await, "10000.00");
    let made = reverse(&setting, id(payroll), json!({ "date": "2026-01-11" })).await;
    assert_eq!(
        (made.status, &made["date"]),
        (201, &json!("2026-01-11")),
        "{}",
        made.text
    );
    assert_eq!(setting.balance(&setting.user, &rupees).await, "0.00");
}

/// Replay compares with the feed, which on MongoDB is numbered a moment after the commit.
pub(crate) async fn a_replay_finds_what_is_stored(harness: Harness) {
    let setting = Setting::on(harness).await;
    let [rupees, dollars] = [
        setting.account(&setting.user, "INR").await,
        setting.account(&setting.user, "USD").await,
    ];
    for round in 1..=20 {
        let income = json!({ "type": "income", "amount": 100 * round, "account_id": id(&rupees) });
        let posted = setting.post(&setting.user, &income).await;
        let transfer = json!({ "type": "transfer", "amount": 80, "account_id": id(&rupees),
            "to_account_id": id(&dollars), "received_amount": 1 });
        setting.post(&setting.user, &transfer).await;
        if round % 5 == 0 {
            assert_eq!(
                reverse(&setting, id(&posted["data"]), json!({})).await.status,
                201
            );
        }
    }
    let (books, found) = setting.group.replay.run(false).await.unwrap();
    assert_eq!((books, found), (1, Vec::new()));
}
