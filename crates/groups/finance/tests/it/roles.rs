use crate::setting::{NOBODY, Setting, id, place};
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn advisors_and_admins_open_accounts_for_others() {
    let setting = Setting::new().await;
    let open = async |login: &testkit::Login, user: &str| {
        let body = json!({ "name": "x", "kind": "checking", "user_id": user });
        setting.server.post("/api/v1/accounts", &login.token, &body).await
    };
    let client = setting.client.user().to_string();
    for login in [&setting.advisor, &setting.admin] {
        let made = open(login, &client).await;
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!(made["user_id"], json!(client));
        assert_eq!(made["advisor_id"], json!(setting.advisor.user()));
    }
    let unadvised = open(&setting.admin, &setting.user.user().to_string()).await;
    assert_eq!(unadvised["advisor_id"], json!(null));
    for login in [&setting.other_advisor, &setting.user] {
        open(login, &client).await.assert_error(404, "not_found");
    }
    open(&setting.admin, NOBODY).await.assert_error(404, "not_found");
}

#[tokio::test]
async fn an_advisor_has_money_of_their_own_beside_the_book() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.advisor, "INR").await;
    let body = json!({ "type": "income", "amount": 3, "account_id": id(&account) });
    setting.post(&setting.advisor, &body).await;
    assert_eq!(setting.balance(&setting.advisor, &account).await, "3.00");
    let own = format!("/api/v1/transactions?user_id={}", setting.advisor.user());
    let listed = setting.server.get(&own, &setting.advisor.token).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_watches_over_the_rules_sees_everything_and_moves_nothing_of_others() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    let watcher = setting.harness.log_in(Role::Compliance);
    assert_eq!(setting.balance(&watcher, &account).await, "0.00");
    let posting = json!({ "type": "income", "amount": 1, "account_id": id(&account) });
    let opening = json!({ "name": "x", "kind": "cash", "user_id": setting.client.user() });
    let renaming = json!({ "name": "x", "kind": "cash" });
    let (server, token) = (&setting.server, watcher.token.as_str());
    for refused in [
        server.post("/api/v1/transactions", token, &posting).await,
        server.post("/api/v1/accounts", token, &opening).await,
        server.put(&place(&account), token, &renaming).await,
        server.delete(&place(&account), token).await,
        setting
            .import(
                &watcher,
                &account,
                "",
                b"Date,Description,Amount\n2026-01-01,a,1\n",
            )
            .await,
    ] {
        refused.assert_error(403, "forbidden");
    }
    assert_eq!(setting.count(&setting.client, &account).await, 0);
    let own = server
        .post(
            "/api/v1/transactions",
            token,
            &json!({ "type": "income", "amount": 1 }),
        )
        .await;
    assert_eq!(own.status, 200, "{}", own.text);
}

#[tokio::test]
async fn every_route_wants_a_log_in() {
    let setting = Setting::new().await;
    for (method, path) in [
        ("GET", "/api/v1/accounts/x"),
        ("POST", "/api/v1/accounts"),
        ("DELETE", "/api/v1/accounts/x/y"),
        ("GET", "/api/v1/transactions"),
        ("POST", "/api/v1/transactions"),
        ("POST", "/api/v1/transactions/import"),
        ("GET", "/api/v1/transactions/x/history"),
        ("GET", "/api/v1/financial-report"),
    ] {
        let request = setting.server.request(method.parse().unwrap(), path, None);
        let refused = setting.server.send(request).await;
        refused.assert_error(401, "unauthenticated");
    }
}
