use crate::served::{Served, access};
use reqwest::Method;
use serde_json::json;

/// Create → read → update → delete, with the auth group behind it; and the accounts of the client follow the book.
#[tokio::test(flavor = "multi_thread")]
async fn create_read_update_delete() {
    let served = Served::new().await;
    let login = served.newcomer("advisor@example.com", "advisor").await;
    let (token, other) = (
        access(&login),
        served.newcomer("other@example.com", "advisor").await,
    );
    let made = served
        .post(
            "/api/v1/clients",
            token,
            &json!({ "client_name": "Priya Sharma" }),
        )
        .await;
    let place = format!("/api/v1/clients/{}", made.body["id"].as_str().unwrap());
    let user = made.body["user_id"].as_str().unwrap();
    assert_eq!(served.get(&place, token).await.body, made.body);

    let account = json!({ "name": "Savings", "kind": "savings", "user_id": user });
    assert_eq!(served.post("/api/v1/accounts", token, &account).await.status, 201);
    let refused = served.post("/api/v1/accounts", access(&other), &account).await;
    assert_eq!(refused.status, 404, "{}", refused.text);
    let accounts = format!("/api/v1/accounts/{user}");
    assert_eq!(
        served.get(&accounts, token).await.body.as_array().unwrap().len(),
        1
    );
    assert_eq!(served.get(&accounts, access(&other)).await.status, 404);

    let change = json!({ "client_name": "Priya S.", "risk_profile": "aggressive" });
    let changed = served
        .send(served.request(Method::PUT, &place, token).json(&change))
        .await;
    assert_eq!(changed.body["client_name"], "Priya S.");
    assert_eq!(
        served
            .send(served.request(Method::DELETE, &place, token))
            .await
            .status,
        204
    );
    assert_eq!(served.get(&place, token).await.status, 404);
    served.stop().await;
}
