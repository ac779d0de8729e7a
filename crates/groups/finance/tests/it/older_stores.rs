//! A store that was written by the version before there was double entry.

use crate::setting::{Setting, id};
use chrono::NaiveDate;
use finance_contract::{TRANSACTION_CREATED, TransactionKind};
use kernel::{Currency, Money, NewEvent, Role, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping, Store};
use testkit::Harness;
use uuid::Uuid;

/// An account as it was stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OldAccount {
    user_id: UserId,
    client_id: Option<Uuid>,
    advisor_id: Option<Uuid>,
    name: String,
    kind: String,
    currency: Currency,
}

impl Document for OldAccount {
    fn collection() -> &'static Collection {
        static ACCOUNTS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("accounts", Scoping::Client));
        &ACCOUNTS
    }
}

/// A transaction as it was stored: without legs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OldTransaction {
    user_id: UserId,
    client_id: Option<Uuid>,
    advisor_id: Option<Uuid>,
    account_id: Uuid,
    #[serde(rename = "type")]
    kind: TransactionKind,
    amount: Decimal,
    currency: Currency,
    description: Option<String>,
    category: String,
    date: NaiveDate,
    import_id: Option<Uuid>,
    created_by: String,
    correlation: Uuid,
}

impl Document for OldTransaction {
    fn collection() -> &'static Collection {
        static TRANSACTIONS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("transactions", Scoping::Client)
                .personal(&["description"])
                .field("account_id", FieldKind::Uuid)
                .field("type", FieldKind::Text)
                .field("category", FieldKind::Text)
                .field("date", FieldKind::Time)
                .field("amount", FieldKind::Decimal)
                .belongs_to("account_id")
                .unlisted()
                .serves(&["account_id"], &["date", "created_at", "amount"])
        });
        &TRANSACTIONS
    }
}

/// What the version before kept of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OldBalance {
    balance: Decimal,
}

impl Document for OldBalance {
    fn collection() -> &'static Collection {
        static BALANCES: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("balances", Scoping::Tenant));
        &BALANCES
    }
}

fn transaction(user: UserId, account: Uuid, row: usize) -> OldTransaction {
    let kinds = [TransactionKind::Expense, TransactionKind::Income];
    OldTransaction {
        user_id: user,
        client_id: None,
        advisor_id: None,
        account_id: account,
        kind: kinds[usize::from(row.is_multiple_of(4))],
        amount: Decimal::new(1_000 + row as i64, 2),
        currency: Currency::INR,
        description: Some(format!("Row {row}")),
        category: match row {
            0 => "opening_balance".to_owned(),
            _ => ["food", "rent", "salary"][row % 3].to_owned(),
        },
        date: format!("2025-{:02}-10", 1 + row % 12).parse().unwrap(),
        import_id: None,
        created_by: format!("user/{user}"),
        correlation: Uuid::from_u128(row as u128),
    }
}

/// Writes what the version before would have written; answers what lay on the account.
async fn write(harness: &Harness, store: &Store, user: UserId, account: Uuid) -> Decimal {
    let cx = harness.system("finance");
    let mut batch = store.batch(&cx);
    let record = OldAccount {
        user_id: user,
        client_id: None,
        advisor_id: None,
        name: "Everyday".to_owned(),
        kind: "checking".to_owned(),
        currency: Currency::INR,
    };
    batch.insert(account, record);
    let mut balance = Decimal::ZERO;
    for row in 0..60 {
        let record = transaction(user, account, row);
        balance += match record.kind {
            TransactionKind::Income => record.amount,
            _ => -record.amount,
        };
        let row_id: Uuid = store.sources().ids().next();
        let told = json!({
            "transaction_id": row_id, "account_id": account, "user_id": user, "kind": record.kind,
            "amount": Money::new(record.amount, record.currency).unwrap(), "date": record.date,
            "category": record.category,
        });
        batch.event(NewEvent::new(
            &cx,
            TRANSACTION_CREATED,
            format!("transaction/{row_id}"),
            told,
        ));
        batch.insert(row_id, record);
    }
    batch.insert(account, OldBalance { balance });
    store.commit(batch).await.unwrap();
    balance
}

pub(crate) async fn the_ledger_of_an_older_version_is_brought_up_to_date_by_itself(harness: Harness) {
    let login = harness.log_in(Role::Client);
    let account_id = Uuid::from_u128(77);
    let balance = {
        let old = vec![
            OldAccount::collection(),
            OldTransaction::collection(),
            OldBalance::collection(),
        ];
        let store = harness.store("finance", old).await;
        let balance = write(&harness, &store, login.user(), account_id).await;
        // On MongoDB events are numbered a moment after their commit.
        testkit::eventually("events are numbered", || async {
            (store.last_seq().await.unwrap() == 60).then_some(())
        })
        .await;
        store.close().await;
        balance
    };
    let setting = Setting::on(harness).await;
    let account: Value = json!({ "id": account_id, "user_id": login.user() });
    assert_eq!(setting.balance(&login, &account).await, balance.to_string());
    let trial = setting
        .server
        .get("/api/v1/ledger/statements/trial-balance", &login.token)
        .await;
    assert_eq!(trial.status, 200, "{}", trial.text);
    let report = setting.server.get("/api/v1/financial-report", &login.token).await;
    assert_eq!(
        report["closing_balance"].to_string(),
        balance.to_string(),
        "{}",
        report.text
    );
    // Its transactions are found, and can be taken back.
    assert_eq!(setting.count(&login, &account).await, 60);
    let path = format!("/api/v1/transactions?account_id={account_id}&category=opening_balance");
    let first = setting.server.get(&path, &login.token).await;
    assert_eq!(first.body[0]["effect"].to_string(), "10.00", "{}", first.text);
    let posted = json!({ "type": "income", "amount": 5, "account_id": account_id });
    let posted = setting.post(&login, &posted).await;
    let reverse = format!("/api/v1/ledger/entries/{}/reverse", id(&posted["data"]));
    let body = json!({ "reason": "Wrong" });
    assert_eq!(
        setting.server.post(&reverse, &login.token, &body).await.status,
        201
    );
    let reverse = format!("/api/v1/ledger/entries/{}/reverse", id(&first.body[0]));
    assert_eq!(
        setting.server.post(&reverse, &login.token, &body).await.status,
        201
    );
    let rest = balance - Decimal::new(1_000, 2);
    assert_eq!(setting.balance(&login, &account).await, rest.to_string());
    let (_, found) = setting.group.replay.run(false).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    // It was done once: the next start has nothing to do.
    assert_eq!(setting.group.upgrade.run().await.unwrap(), 0);
}
