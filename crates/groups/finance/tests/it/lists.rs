use crate::setting::{Setting, id};
use serde_json::json;

#[tokio::test]
async fn transactions_are_filtered_sorted_and_paged() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    let account = setting.account(&setting.user, "USD").await;
    let account = id(&account);
    for (kind, amount, category, date) in [
        ("income", "100.00", "Salary", "2026-01-01"),
        ("expense", "9.5", "food", "2026-01-02"),
        ("expense", "30", "FOOD", "2026-01-03"),
        ("expense", "10", "rent", "2026-02-01"),
    ] {
        let body = json!({ "type": kind, "amount": amount, "category": category, "date": date, "account_id": account });
        setting.post(&setting.user, &body).await;
    }
    let elsewhere = json!({ "type": "income", "amount": 7, "date": "2026-01-10" });
    setting.post(&setting.user, &elsewhere).await;
    let user = setting.user.user();
    for (query, amounts) in [
        (String::new(), "10.00 7.00 30.00 9.50 100.00"),
        ("sort=amount".into(), "7.00 9.50 10.00 30.00 100.00"),
        ("type=expense&sort=date".into(), "9.50 30.00 10.00"),
        ("category=F%C3%B3od".into(), "30.00 9.50"),
        (format!("account_id={account}&category=rent"), "10.00"),
        (format!("account_id={account}&type=income"), "100.00"),
        ("from=2026-01-02&to=2026-01-10".into(), "7.00 30.00 9.50"),
        (
            format!("user_id={user}&sort=-amount"),
            "100.00 30.00 10.00 9.50 7.00",
        ),
    ] {
        let listed = server.get(&format!("/api/v1/transactions?{query}"), token).await;
        assert_eq!(listed.status, 200, "{query}: {}", listed.text);
        let items = listed.body.as_array().unwrap();
        let found: Vec<String> = items.iter().map(|item| item["amount"].to_string()).collect();
        assert_eq!(found.join(" "), amounts, "{query}");
    }
    let path = format!("/api/v1/transactions?account_id={account}&sort=-amount&limit=3");
    let first = server.get(&path, token).await;
    let next = first.header("link").unwrap();
    let next = next.trim_start_matches('<').split('>').next().unwrap();
    let last = server.get(next, token).await;
    assert_eq!(last.body[0]["amount"].to_string(), "9.50");
    assert!(last.header("link").is_none());
}

#[tokio::test]
async fn what_is_not_served_is_refused_by_name() {
    let setting = Setting::new().await;
    for query in [
        "sort=description",
        "type=gift",
        "type=income&sort=amount",
        "type=income&category=x",
        "from=yesterday",
        "to=9999-12-31",
        "account_id=x",
        "limit=0",
        "cursor=zzz",
        "colour=red",
    ] {
        let path = format!("/api/v1/transactions?{query}");
        let refused = setting.server.get(&path, &setting.user.token).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.text);
        assert!(!refused.fields().is_empty(), "{query}: {}", refused.text);
    }
    let path = format!("/api/v1/transactions?user_id={}", setting.client.user());
    let refused = setting.server.get(&path, &setting.user.token).await;
    refused.assert_error(404, "not_found");
}
