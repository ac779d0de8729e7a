use crate::setting::{Setting, number};
use kernel::Role;
use serde_json::json;

#[tokio::test]
async fn a_whole_profile_is_kept_and_found_by_tag_and_household() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let household = setting
        .made("/api/v1/clients/households", &json!({ "name": "Sharma" }))
        .await;
    let body = json!({
        "client_name": "Priya Sharma", "address": "12 MG Road", "date_of_birth": "1980-02-29", "occupation": "Surgeon",
        "annual_income": "2500000.50", "jurisdiction": "IN", "tags": ["NRI", "nri", "tax"],
        "household_id": household["id"], "total_assets": 100
    });
    let made = server.post("/api/v1/clients", token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made["tags"], json!(["NRI", "tax"]));
    assert!(
        made.text.contains("\"annual_income\":2500000.50"),
        "{}",
        made.text
    );
    setting.client("Somebody else").await;
    let of_household = format!("household_id={}", household["id"].as_str().unwrap());
    for query in ["tag=nri", "tag=TAX", &of_household] {
        let found = server.get(&format!("/api/v1/clients?{query}"), token).await;
        assert_eq!(found.body, json!([made.body]), "{query}");
    }
    let place = format!("/api/v1/clients/households/{}", household["id"].as_str().unwrap());
    let whole = server.get(&place, token).await;
    assert_eq!(whole["members"], 1);
    assert_eq!(number(&whole["assets"][0]["total_assets"]), 100.into());
    for (field, value) in [
        ("jurisdiction", json!("in")),
        ("annual_income", json!(-1)),
        ("household_id", json!("0190a5c0-0000-7000-8000-000000000000")),
        ("tags", json!(vec!["x"; 21])),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let refused = server.post("/api/v1/clients", token, &wrong).await;
        assert_eq!(refused.assert_error(422, "validation_error").fields(), [field]);
    }
    assert_eq!(server.delete(&place, token).await.status, 204);
    let client = format!("/api/v1/clients/{}", made["id"].as_str().unwrap());
    assert_eq!(server.get(&client, token).await["household_id"], json!(null));
}

#[tokio::test]
async fn notes_are_the_firms_and_not_the_clients() {
    let setting = Setting::new().await;
    let client = setting.client("Priya").await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let place = format!("/api/v1/clients/{}/notes", client["id"].as_str().unwrap());
    let note = setting
        .made(&place, &json!({ "text": "prefers calls in the morning" }))
        .await;
    assert_eq!(server.get(&place, token).await.body, json!([note]));
    let own = setting.harness.log_in_as(kernel::UserPrincipal {
        user: client["user_id"].as_str().unwrap().parse().unwrap(),
        role: Role::Client,
        ..setting.advisor.principal.clone()
    });
    server
        .get(&place, &own.token)
        .await
        .assert_error(403, "forbidden");
    server
        .get(&place, &setting.other_advisor.token)
        .await
        .assert_error(404, "not_found");
    let one = format!("{place}/{}", note["id"].as_str().unwrap());
    assert_eq!(server.delete(&one, token).await.status, 204);
    server.delete(&one, token).await.assert_error(404, "not_found");
}

/// A spouse looks on: sees the client, and the advisor does not see the spouse's own things.
#[tokio::test]
async fn a_client_and_users_are_many_to_many() {
    let setting = Setting::new().await;
    let (priya, arun) = (setting.client("Priya").await, setting.client("Arun").await);
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let place = format!("/api/v1/clients/{}/users", priya["id"].as_str().unwrap());
    let spouse = json!({ "user_id": arun["user_id"], "relation": "joint_holder" });
    assert_eq!(server.put(&place, token, &spouse).await.status, 200);
    assert_eq!(server.put(&place, token, &spouse).await.status, 200);
    let users = server.get(&place, token).await;
    assert_eq!(users.body.as_array().unwrap().len(), 1);
    let own = setting.harness.log_in_as(kernel::UserPrincipal {
        user: arun["user_id"].as_str().unwrap().parse().unwrap(),
        role: Role::Client,
        ..setting.advisor.principal.clone()
    });
    let seen = server.get("/api/v1/clients/linked", &own.token).await;
    assert_eq!(seen.body[0]["id"], priya["id"]);
    let stranger = json!({ "user_id": setting.other_advisor.user(), "relation": "viewer" });
    let refused = server.put(&place, token, &stranger).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["user_id"]
    );
    let one = format!("{place}/{}", arun["user_id"].as_str().unwrap());
    assert_eq!(server.delete(&one, token).await.status, 204);
    assert_eq!(
        server.get("/api/v1/clients/linked", &own.token).await.body,
        json!([])
    );
}

#[tokio::test]
async fn a_saved_view_shows_what_its_filter_leaves() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let risky = json!({ "client_name": "Risky", "risk_profile": "aggressive" });
    let risky = setting.made("/api/v1/clients", &risky).await;
    setting.client("Calm").await;
    let view =
        json!({ "name": "The bold", "filter": { "risk_profile": "aggressive", "sort": "-total_assets" } });
    let saved = server.put("/api/v1/clients/views", token, &view).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let again = server.put("/api/v1/clients/views", token, &view).await;
    assert_eq!(again["id"], saved["id"]);
    let place = format!("/api/v1/clients/views/{}", saved["id"].as_str().unwrap());
    assert_eq!(server.get(&place, token).await.body, json!([risky]));
    server
        .get(&place, &setting.admin.token)
        .await
        .assert_error(404, "not_found");
    let wrong = json!({ "name": "x", "filter": { "search": "a", "sort": "created_at" } });
    let refused = server.put("/api/v1/clients/views", token, &wrong).await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["search"]);
    assert_eq!(server.delete(&place, token).await.status, 204);
    assert_eq!(server.get("/api/v1/clients/views", token).await.body, json!([]));
}
