//! A statement that is imported twice, whatever happened in between, is there once.

use crate::setting::{Setting, id};
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
enum Between {
    /// So much to the other account of the same currency, or of another one.
    Transfer(u32, bool),
    /// One of the transactions on the account is taken back.
    Reverse(usize),
    /// The rows of these days come in a file of their own.
    Part(u32, u32),
}

type Rows = Vec<(u32, i32, usize)>;

/// Few days and few different rows, so that equal ones are frequent.
fn rows() -> impl Strategy<Value = Rows> {
    prop::collection::vec((1_u32..=9, -3_i32..=3, 0_usize..3), 1..30).prop_map(|mut rows: Rows| {
        rows.sort_by_key(|(day, _, _)| *day);
        rows
    })
}

fn between() -> impl Strategy<Value = Vec<Between>> {
    let step = prop_oneof![
        (1_u32..1_000, any::<bool>()).prop_map(|(amount, far)| Between::Transfer(amount, far)),
        (0_usize..100).prop_map(Between::Reverse),
        (1_u32..=9, 0_u32..=8).prop_map(|(from, days)| Between::Part(from, from + days)),
    ];
    prop::collection::vec(step, 0..6)
}

fn file(rows: &Rows, from: u32, to: u32) -> Vec<u8> {
    let rows = rows.iter().filter(|(day, _, _)| (from..=to).contains(day));
    let text: String = rows
        .map(|(day, amount, what)| {
            format!(
                "2026-01-0{day},{},{amount}.05\n",
                ["Coffee", "Rent", "Payroll"][*what]
            )
        })
        .collect();
    format!("Date,Description,Amount\n{text}").into_bytes()
}

async fn take(setting: &Setting, accounts: &[Value; 3], rows: &Rows, step: Between) {
    match step {
        Between::Transfer(amount, far) => {
            let to = &accounts[1 + usize::from(far)];
            let mut body = json!({ "type": "transfer", "amount": amount, "account_id": id(&accounts[0]),
                "to_account_id": id(to), "date": "2026-01-05" });
            if far {
                body["received_amount"] = json!(1);
            }
            setting.post(&setting.user, &body).await;
        }
        Between::Reverse(which) => {
            let path = format!("/api/v1/transactions?account_id={}&limit=200", id(&accounts[0]));
            let listed = setting.server.get(&path, &setting.user.token).await;
            let listed = listed.body.as_array().unwrap();
            if listed.is_empty() {
                return;
            }
            let path = format!(
                "/api/v1/ledger/entries/{}/reverse",
                id(&listed[which % listed.len()])
            );
            let made = setting
                .server
                .post(&path, &setting.user.token, &json!({ "reason": "Wrong" }))
                .await;
            assert!(matches!(made.status, 201 | 409), "{}", made.text);
        }
        Between::Part(from, to) => {
            let read = setting
                .import(&setting.user, &accounts[0], "", &file(rows, from, to))
                .await;
            assert_eq!(
                (read.status, &read["imported"]),
                (200, &json!(0)),
                "{}",
                read.text
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn importing_twice_equals_importing_once(rows in rows(), steps in between()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let setting = Setting::new().await;
            let accounts = [
                setting.account(&setting.user, "USD").await,
                setting.account(&setting.user, "USD").await,
                setting.account(&setting.user, "INR").await,
            ];
            let whole = file(&rows, 1, 9);
            let read = setting.import(&setting.user, &accounts[0], "", &whole).await;
            assert_eq!(read["imported"], rows.len(), "{}", read.text);
            for step in steps {
                take(&setting, &accounts, &rows, step).await;
            }
            let mut before = Vec::new();
            for account in &accounts {
                before.push((setting.balance(&setting.user, account).await, setting.count(&setting.user, account).await));
            }
            let again = setting.import(&setting.user, &accounts[0], "", &whole).await;
            assert_eq!((&again["imported"], &again["duplicates"]), (&json!(0), &json!(rows.len())), "{}", again.text);
            for (account, before) in accounts.iter().zip(before) {
                let now = (setting.balance(&setting.user, account).await, setting.count(&setting.user, account).await);
                assert_eq!(now, before);
            }
            let (_, found) = setting.group.replay.run(false).await.unwrap();
            assert!(found.is_empty(), "{found:?}");
        });
    }
}
