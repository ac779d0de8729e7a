use crate::house::{House, PASSWORD, code, text};
use kernel::{Role, TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

async fn post(house: &House, token: &str, path: &str, body: &Value) -> Reply {
    house
        .send(house.request(Method::POST, path).bearer_auth(token).json(body))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_makes_a_firm_whose_first_administrator_sets_themselves_up() {
    let house = House::open().await;
    let operator = house.user_in(Role::Admin, "operator@example.com").await;
    let token = text(&operator["access_token"]);
    let made = post(
        &house,
        token,
        "/api/v1/admin/firms",
        &json!({"name": "Sharma & Co"}),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let setup = |token: &Value, email: &str| json!({"token": token, "email": email, "password": PASSWORD, "name": "Priya"});
    let renew = format!(
        "/api/v1/admin/firms/{}/setup-token",
        text(&made.body["firm"]["id"])
    );
    let renewed = post(&house, token, &renew, &json!({})).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    let old = house
        .post(
            "/api/auth/setup",
            &setup(&made.body["setup_token"], "priya@example.com"),
        )
        .await;
    assert_eq!(old.status, 401);
    let first = house
        .post(
            "/api/auth/setup",
            &setup(&renewed.body["setup_token"], "priya@example.com"),
        )
        .await;
    assert_eq!(
        (first.status, &first.body["tenant_id"]),
        (201, &made.body["firm"]["id"]),
        "{}",
        first.text
    );
    let again = post(&house, token, &renew, &json!({})).await;
    assert_eq!((again.status, code(&again)), (409, "firm_has_admin"));

    let admin = house.log_in("priya@example.com").await;
    let admin = text(&admin["access_token"]);
    let users = house.get(admin, "/api/v1/admin/users").await;
    assert_eq!(
        users.body.as_array().unwrap().len(),
        1,
        "a firm sees itself: {}",
        users.text
    );
    let own = house.get(token, "/api/v1/admin/users").await;
    assert!(!own.text.contains("priya@example.com"), "and nobody sees into it");
    for refused in [
        house.get(admin, "/api/v1/admin/firms").await,
        post(&house, admin, "/api/v1/admin/firms", &json!({"name": "Mine"})).await,
    ] {
        assert_eq!((refused.status, code(&refused)), (403, "forbidden"));
        assert!(refused.text.contains("firms.manage"), "{}", refused.text);
    }
    let listed = house.get(token, "/api/v1/admin/firms").await;
    assert_eq!(listed.body[0]["name"], "Sharma & Co");
    let unknown = "/api/v1/admin/firms/0190a5c0-0000-7000-8000-000000000000/setup-token";
    assert_eq!(post(&house, token, unknown, &json!({})).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_has_to_be_accepted_anew_and_the_evidence_says_what_was() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    let (admin, token) = (text(&admin["access_token"]), text(&user["access_token"]));
    let version = |words: &str| json!({"kind": "terms", "title": "Terms", "text": words});
    let refused = post(&house, token, "/api/legal/documents", &version("x")).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("legal.publish"), "{}", refused.text);
    let first = post(&house, admin, "/api/legal/documents", &version("be kind")).await;
    assert_eq!(
        (first.status, &first.body["version"]),
        (201, &json!(1)),
        "{}",
        first.text
    );
    let shown = house
        .send(house.request(Method::GET, "/api/legal/documents"))
        .await;
    assert_eq!(shown.body[0]["text"], "be kind", "open to anybody");
    let status = async || house.get(token, "/api/legal/status").await.body;
    assert_eq!(status().await[0]["accepted_at"], Value::Null);
    let accept = json!({"document_id": first.body["id"]});
    let accepted = post(&house, token, "/api/legal/acceptances", &accept).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text);
    assert_eq!(accepted.body["hash"], first.body["hash"]);
    assert!(accepted.body["address"].is_string(), "{}", accepted.text);
    assert!(status().await[0]["accepted_at"].is_string());
    let again = post(&house, token, "/api/legal/acceptances", &accept).await;
    assert_eq!(again.body, accepted.body, "twice changes nothing");

    house.advance(1);
    let second = post(&house, admin, "/api/legal/documents", &version("be kinder")).await;
    assert_eq!(second.body["version"], json!(2));
    assert_eq!(
        status().await[0]["accepted_at"],
        Value::Null,
        "it has to be accepted anew"
    );
    let late = house.user_in(Role::Client, "late@example.com").await;
    let outdated = post(
        &house,
        text(&late["access_token"]),
        "/api/legal/acceptances",
        &accept,
    )
    .await;
    assert_eq!(
        (outdated.status, code(&outdated)),
        (409, "not_the_current_version")
    );
    let accept = json!({"document_id": second.body["id"]});
    assert_eq!(
        post(&house, token, "/api/legal/acceptances", &accept)
            .await
            .status,
        201
    );
    let evidence = house.get(admin, "/api/legal/acceptances").await;
    assert_eq!(evidence.body.as_array().unwrap().len(), 2, "{}", evidence.text);
    let others = house
        .get(text(&late["access_token"]), "/api/legal/acceptances")
        .await;
    assert_eq!(others.body, json!([]), "others see their own only");
    assert_eq!(
        house.get(token, "/api/legal/versions").await.body[0]["version"],
        json!(2)
    );
    for (field, value) in [
        ("kind", json!("rules")),
        ("text", json!("")),
        ("title", json!("")),
        ("number", json!(7)),
    ] {
        let mut wrong = version("x");
        wrong[field] = value;
        assert_eq!(
            post(&house, admin, "/api/legal/documents", &wrong).await.status,
            422,
            "{wrong}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_does_not_see_the_documents_of_another() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let elsewhere = TenantId(house.sources.ids().next());
    house.make_in(elsewhere, Role::Client, "other@example.com").await;
    let other = house.log_in("other@example.com").await;
    let body = json!({"kind": "privacy", "title": "Privacy", "text": "ours"});
    let made = post(
        &house,
        text(&admin["access_token"]),
        "/api/legal/documents",
        &body,
    )
    .await;
    let token = text(&other["access_token"]);
    assert_eq!(house.get(token, "/api/legal/documents").await.body, json!([]));
    let accept = json!({"document_id": made.body["id"]});
    let unknown = json!({"document_id": "0190a5c0-0000-7000-8000-000000000000"});
    let foreign = post(&house, token, "/api/legal/acceptances", &accept).await;
    let unknown = post(&house, token, "/api/legal/acceptances", &unknown).await;
    assert_eq!((foreign.status, &foreign.text), (404, &unknown.text));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_about_a_user_is_told_and_forgotten() {
    let house = House::open().await;
    let admin = house.user_in(Role::Admin, "admin@example.com").await;
    let user = house.user_in(Role::Client, "priya@example.com").await;
    let token = text(&user["access_token"]);
    let export = house.get(token, "/api/auth/account/export").await;
    assert_eq!(export.status, 200, "{}", export.text);
    let known = &export.body["groups"]["auth"]["collections"];
    assert_eq!(known["users"][0]["email"], "priya@example.com");
    assert!(known["sessions"][0].is_object(), "{}", export.text);
    for secret in ["argon2", "token_hash", "credentials"] {
        assert!(!export.text.contains(secret), "{secret}: {}", export.text);
    }
    let erase = format!("/api/v1/admin/users/{}/erase", text(&user["user"]["id"]));
    assert_eq!(post(&house, token, &erase, &json!({})).await.status, 403);
    let own = format!("/api/v1/admin/users/{}/erase", text(&admin["user"]["id"]));
    let own = post(&house, text(&admin["access_token"]), &own, &json!({})).await;
    assert_eq!((own.status, code(&own)), (409, "own_account"));
    house.advance(1);
    let erased = post(&house, text(&admin["access_token"]), &erase, &json!({})).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    assert!(
        erased.body["documents"]["auth"].as_u64().unwrap() > 2,
        "{}",
        erased.text
    );
    let again = post(&house, text(&admin["access_token"]), &erase, &json!({})).await;
    assert_eq!(again.body["documents"]["auth"], json!(0), "{}", again.text);
    assert_eq!(house.get(token, "/api/auth/me").await.status, 401);
    let proof = json!({"email": "priya@example.com", "password": PASSWORD});
    assert_eq!(house.post("/api/auth/login", &proof).await.status, 401);
    let users = house
        .get(text(&admin["access_token"]), "/api/v1/admin/users")
        .await;
    assert!(!users.text.contains("priya@example.com"), "{}", users.text);
    house.user_in(Role::Client, "priya@example.com").await;
}
