//! Receipts and tags of transactions.

use crate::setting::{Setting, id};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use testkit::{Login, Reply};

async fn posted(setting: &Setting, login: &Login) -> String {
    let account = setting.account(login, "INR").await;
    let body = json!({ "type": "expense", "amount": 50, "account_id": account["id"] });
    let posted = setting
        .server
        .post("/api/v1/transactions", &login.token, &body)
        .await;
    format!(
        "/api/v1/transactions/{}",
        posted["transaction_id"].as_str().unwrap()
    )
}

async fn upload(setting: &Setting, login: &Login, place: &str, media_type: &str, file: Vec<u8>) -> Reply {
    let path = format!("{place}/attachments/files?name=Re%C3%A7u%20%22May%22.pdf");
    let request = setting.server.request(Method::POST, &path, Some(&login.token));
    setting
        .server
        .send(request.header(CONTENT_TYPE, media_type).body(file))
        .await
}

#[tokio::test]
async fn a_receipt_comes_back_byte_for_byte_to_those_who_see_its_transaction() {
    let setting = Setting::new().await;
    let place = posted(&setting, &setting.client).await;
    let mut file = b"%PDF-1.7\n".to_vec();
    file.extend((0..700_000_u32).map(|n| n.to_le_bytes()[0] ^ 0x5a));
    let made = upload(&setting, &setting.client, &place, "application/pdf", file.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made["bytes"], file.len());
    let content = format!("{place}/attachments/{}/content", id(&made.body));
    for login in [&setting.client, &setting.advisor, &setting.admin] {
        let request = setting.server.request(Method::GET, &content, Some(&login.token));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        assert_eq!(
            answer.headers()["content-disposition"],
            "attachment; filename=\"Re_u _May_.pdf\""
        );
        assert_eq!(answer.bytes().await.unwrap(), file);
    }
    let one = format!("{place}/attachments/{}", id(&made.body));
    for stranger in [&setting.user, &setting.other_advisor] {
        setting
            .server
            .get(&content, &stranger.token)
            .await
            .assert_error(404, "not_found");
        let list = format!("{place}/attachments");
        setting
            .server
            .get(&list, &stranger.token)
            .await
            .assert_error(404, "not_found");
        let refused = upload(&setting, stranger, &place, "application/pdf", file.clone()).await;
        refused.assert_error(404, "not_found");
        let request = setting
            .server
            .request(Method::DELETE, &one, Some(&stranger.token));
        setting.server.send(request).await.assert_error(404, "not_found");
    }
    // Not under another transaction either.
    let other = posted(&setting, &setting.client).await;
    let moved = content.replace(&place, &other);
    setting
        .server
        .get(&moved, &setting.client.token)
        .await
        .assert_error(404, "not_found");
    let request = setting
        .server
        .request(Method::DELETE, &one, Some(&setting.client.token));
    assert_eq!(setting.server.send(request).await.status, 204);
    setting
        .server
        .get(&content, &setting.client.token)
        .await
        .assert_error(404, "not_found");
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_is_refused() {
    let setting = Setting::new().await;
    let place = posted(&setting, &setting.user).await;
    let html = b"<html><script>".to_vec();
    for (media_type, file, status) in [
        ("text/html", html.clone(), 415),
        ("application/pdf", html.clone(), 422),
        ("image/png", html, 422),
        ("text/plain", b"MZ\0\0".to_vec(), 422),
        ("text/plain", Vec::new(), 422),
        ("text/plain", vec![b'x'; 10 * 1024 * 1024 + 1], 413),
    ] {
        let refused = upload(&setting, &setting.user, &place, media_type, file).await;
        assert_eq!(refused.status, status, "{media_type}: {}", refused.text);
    }
    let list = setting
        .server
        .get(&format!("{place}/attachments"), &setting.user.token)
        .await;
    assert_eq!(list.body, json!([]));
}

#[tokio::test]
async fn a_document_elsewhere_is_named_by_address_and_checksum() {
    let setting = Setting::new().await;
    let place = format!("{}/attachments", posted(&setting, &setting.user).await);
    let sha256 = "AB".repeat(32);
    let body = json!({ "name": "Contract", "url": "https://example.com/c.pdf", "sha256": sha256 });
    let made = setting.server.post(&place, &setting.user.token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made["sha256"], sha256.to_lowercase());
    let content = format!("{place}/{}/content", id(&made.body));
    setting
        .server
        .get(&content, &setting.user.token)
        .await
        .assert_error(404, "not_found");
    for (field, value) in [
        ("url", json!("http://example.com")),
        ("url", json!("javascript:alert(1)")),
        ("sha256", json!("xy".repeat(32))),
        ("sha256", json!("ab")),
        ("name", json!("")),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let refused = setting.server.post(&place, &setting.user.token, &wrong).await;
        assert_eq!(refused.assert_error(422, "validation_error").fields(), [field]);
    }
}

#[tokio::test]
async fn transactions_are_found_by_their_tags() {
    let setting = Setting::new().await;
    let [first, second] = [
        posted(&setting, &setting.client).await,
        posted(&setting, &setting.client).await,
    ];
    let put = |login: &Login, place: &str, tags: Value| {
        let request = setting
            .server
            .request(Method::PUT, &format!("{place}/tags"), Some(&login.token));
        setting.server.send(request.json(&json!({ "tags": tags })))
    };
    let tagged = put(&setting.client, &first, json!(["Travel", "Café", "travel"])).await;
    assert_eq!(tagged["tags"], json!(["cafe", "travel"]), "{}", tagged.text);
    put(&setting.advisor, &second, json!(["TRAVEL"])).await;
    let path = format!(
        "/api/v1/transactions/tagged?user_id={}&tag=",
        setting.client.user()
    );
    for (tag, count) in [("travel", 2), ("caf%C3%A9", 1), ("nothing", 0)] {
        let found = setting
            .server
            .get(&format!("{path}{tag}"), &setting.advisor.token)
            .await;
        assert_eq!(found.body.as_array().unwrap().len(), count, "{}", found.text);
    }
    put(&setting.user, &first, json!([]))
        .await
        .assert_error(404, "not_found");
    let refused = setting
        .server
        .get(&format!("{path}travel"), &setting.user.token)
        .await;
    refused.assert_error(404, "not_found");
    let refused = put(&setting.client, &first, json!(["a,b"])).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["tags[0]"]
    );
    assert_eq!(put(&setting.client, &first, json!([])).await["tags"], json!([]));
    let found = setting
        .server
        .get(&format!("{path}cafe"), &setting.client.token)
        .await;
    assert_eq!(found.body, json!([]));
}
