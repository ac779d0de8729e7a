use crate::setting::{NOBODY, Setting, id, place};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_account_is_opened_read_renamed_and_closed() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    let body = json!({ "name": "Holidays", "kind": "savings" });
    let made = server.post("/api/v1/accounts", token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("etag"), Some("\"1\""));
    assert_eq!(made["currency"], "INR");
    assert_eq!(made["balance"].to_string(), "0.00");
    let at = made.header("location").unwrap().to_owned();
    assert_eq!(at, place(&made.body));
    assert_eq!(server.get(&at, token).await.body, made.body);

    let change = json!({ "name": "Travels", "kind": "cash" });
    let changed = server.put(&at, token, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(
        (changed["name"].as_str(), changed.header("etag")),
        (Some("Travels"), Some("\"2\""))
    );
    let list = format!("/api/v1/accounts/{}", setting.user.user());
    assert_eq!(server.get(&list, token).await.body, json!([changed.body]));

    assert_eq!(server.delete(&at, token).await.status, 204);
    server.get(&at, token).await.assert_error(404, "not_found");
    server.delete(&at, token).await.assert_error(404, "not_found");
    assert_eq!(server.get(&list, token).await.body, json!([]));
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    let change = json!({ "name": "Other", "kind": "cash" });
    let at = place(&account);
    let send = |method: Method, tag: &'static str| {
        let request = server.request(method, &at, Some(token)).header("If-Match", tag);
        server.send(request.json(&change))
    };
    send(Method::PUT, "\"7\"")
        .await
        .assert_error(412, "precondition_failed");
    let mut stale = change.clone();
    stale["version"] = 9.into();
    server
        .put(&at, token, &stale)
        .await
        .assert_error(409, "version_conflict");
    let refused = server
        .send(
            server
                .request(Method::DELETE, &at, Some(token))
                .header("If-Match", "\"7\""),
        )
        .await;
    refused.assert_error(412, "precondition_failed");
    assert_eq!(server.get(&at, token).await.body, account);
    assert_eq!(send(Method::PUT, "\"1\"").await.status, 200);
}

#[tokio::test]
async fn an_account_with_postings_is_not_deleted() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let body = json!({ "type": "expense", "amount": "12.34", "account_id": id(&account) });
    setting.post(&setting.user, &body).await;
    let refused = setting.server.delete(&place(&account), &setting.user.token).await;
    refused.assert_error(409, "account_in_use");
    assert_eq!(setting.balance(&setting.user, &account).await, "-12.34");
}

#[tokio::test]
async fn somebody_elses_account_is_the_same_404_as_an_unknown_one() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "INR").await;
    assert_eq!(account["advisor_id"], json!(setting.advisor.user()));
    let server = &setting.server;
    let at = place(&account);
    let change = json!({ "name": "Mine now", "kind": "cash" });
    for stranger in [&setting.other_advisor, &setting.user] {
        let token = stranger.token.as_str();
        let unknown = server
            .get(
                &format!("/api/v1/accounts/{}/{NOBODY}", setting.client.user()),
                token,
            )
            .await;
        unknown.assert_error(404, "not_found");
        assert_eq!(server.get(&at, token).await.text, unknown.text);
        assert_eq!(server.put(&at, token, &change).await.text, unknown.text);
        assert_eq!(server.delete(&at, token).await.text, unknown.text);
        let list = format!("/api/v1/accounts/{}", setting.client.user());
        server.get(&list, token).await.assert_error(404, "not_found");
        let own = json!({ "name": "x", "kind": "cash", "user_id": setting.client.user() });
        server
            .post("/api/v1/accounts", token, &own)
            .await
            .assert_error(404, "not_found");
    }
    for insider in [&setting.client, &setting.advisor, &setting.admin] {
        assert_eq!(server.get(&at, &insider.token).await.body, account);
    }
    let list = format!("/api/v1/accounts/{NOBODY}");
    server
        .get(&list, &setting.admin.token)
        .await
        .assert_error(404, "not_found");
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_written() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.user.token.as_str());
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a\u{0}b")),
        ("name", json!("x".repeat(121))),
        ("name", json!({ "$gt": "" })),
        ("kind", json!("piggy_bank")),
        ("currency", json!("XXY")),
        ("user_id", json!("no-uuid")),
        ("balance", json!("1000000")),
    ] {
        let mut body = json!({ "name": "Everyday", "kind": "checking" });
        body[field] = value.clone();
        let refused = server.post("/api/v1/accounts", token, &body).await;
        let named = refused.assert_error(422, "validation_error").fields();
        assert_eq!(named, [field], "{value}");
    }
    let list = format!("/api/v1/accounts/{}", setting.user.user());
    assert_eq!(server.get(&list, token).await.body, json!([]));
}
