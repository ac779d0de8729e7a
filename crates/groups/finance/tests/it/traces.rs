use crate::setting::{Setting, id};
use kernel::AuditRecord;
use serde_json::json;

#[tokio::test]
async fn a_posting_leaves_its_events_without_personal_text_and_history_tells_the_same() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let before = setting.store.last_seq().await.unwrap();
    let body = json!({ "type": "expense", "amount": "12.50", "description": "Secret gift", "account_id": id(&account) });
    let posted = setting.post(&setting.user, &body).await;
    let events = setting.store.feed(before, 100).await.unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let audit = AuditRecord::EVENT_TYPE;
    assert_eq!(kinds, ["transaction.created", audit, "account.balance_changed"]);
    let change = json!({ "amount": "-12.50", "currency": "USD" });
    assert_eq!(events[2].data["change"], change);
    assert!(!serde_json::to_string(&events).unwrap().contains("Secret"));
    let path = format!("/api/v1/transactions/{}/history", id(&posted["data"]));
    let history = setting.server.get(&path, &setting.user.token).await;
    let told = &history.body[0];
    assert_eq!(told["data"], events[0].data);
    assert_eq!(told["actor"], json!(events[0].actor));
    assert_eq!(told["subject"], json!(events[0].subject));
}

#[tokio::test]
async fn an_import_leaves_an_event_for_each_row_and_one_of_its_own() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let before = setting.store.last_seq().await.unwrap();
    let file = b"Date,Description,Amount\n2026-01-01,Secret gift,-1\n2026-01-02,Payroll,3.25\n";
    let reply = setting.import(&setting.user, &account, "", file).await;
    let events = setting.store.feed(before, 100).await.unwrap();
    let of = |kind: &str| {
        let found = events.iter().filter(|event| event.event_type == kind);
        found.collect::<Vec<_>>()
    };
    assert_eq!(of("transaction.created").len(), 2);
    let balance = of("account.balance_changed");
    assert_eq!(balance.len(), 1);
    assert_eq!(balance[0].data["change"]["amount"], "2.25");
    assert_eq!(of("statement.imported")[0].data["import_id"], reply["import_id"]);
    assert_eq!(of(AuditRecord::EVENT_TYPE).len(), 1);
    let all = serde_json::to_string(&events).unwrap();
    assert!(!all.contains("Secret") && !all.contains("Payroll"), "{all}");
}

#[tokio::test]
async fn postings_are_counted_once_however_often_a_key_is_sent() {
    let setting = Setting::new().await;
    let body = json!({ "type": "income", "amount": 100 });
    for _ in 0..3 {
        let posted = setting.post_with_key(&setting.user, "salary", &body).await;
        assert_eq!(posted.status, 200, "{}", posted.text);
    }
    let metrics = setting.harness.registry.encode().unwrap();
    for line in [
        "financial_transactions_total 1\n",
        "financial_transaction_amount_sum{type=\"income\",currency=\"INR\"} 100.0\n",
        "financial_transaction_amount_count{type=\"income\",currency=\"INR\"} 1\n",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
}
