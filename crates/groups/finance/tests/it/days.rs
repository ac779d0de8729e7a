use crate::setting::{Setting, id};
use serde_json::json;

#[tokio::test]
async fn today_is_the_day_of_the_installations_timezone() {
    let setting = Setting::new().await;
    let body = json!({ "type": "income", "amount": 1 });
    for (now, today) in [
        ("2026-01-15T18:29:00Z", "2026-01-15"),
        ("2026-01-15T18:31:00Z", "2026-01-16"),
    ] {
        setting.harness.clock.set(now.parse().unwrap());
        let login = setting.harness.log_in_as(setting.user.principal.clone());
        let posted = setting.post(&login, &body).await;
        assert_eq!(posted["data"]["date"], today);
    }
}

#[tokio::test]
async fn another_currency_than_the_accounts_is_refused_as_a_command() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let body = json!({ "type": "income", "amount": 1, "account_id": id(&account), "currency": "INR" });
    let refused = setting
        .server
        .post("/api/v1/transactions", &setting.user.token, &body)
        .await;
    let named = refused.assert_error(400, "transaction_refused").fields();
    assert_eq!(named, ["currency"]);
    assert!(
        refused["message"].as_str().unwrap().contains("USD"),
        "{}",
        refused.text
    );
    assert_eq!(setting.count(&setting.user, &account).await, 0);
}

#[tokio::test]
async fn a_yen_account_takes_no_fractions() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "JPY").await;
    let file = b"Date,Description,Amount\n2026-01-05,Tea,-500\n2026-01-06,Tea,-500.50\n";
    let refused = setting.import(&setting.user, &account, "", file).await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["row 2"]);
    let file = b"Date,Description,Amount\n2026-01-05,Tea,-500\n2026-01-06,Tea,-500.00\n";
    let imported = setting.import(&setting.user, &account, "", file).await;
    assert_eq!(imported["imported"], 2, "{}", imported.text);
    assert_eq!(setting.balance(&setting.user, &account).await, "-1000");
}
