use crate::served::{Served, access};
use reqwest::Method;
use serde_json::json;

/// Log-in → token → protected route → refresh → log-out → refused.
#[tokio::test(flavor = "multi_thread")]
async fn login_token_protected_route() {
    let served = Served::new().await;
    let login = served.newcomer("advisor@example.com", "advisor").await;
    assert_eq!(
        served.get("/api/auth/me", access(&login)).await.body["email"],
        "advisor@example.com"
    );
    let refresh = json!({ "refresh_token": login["refresh_token"] });
    let renewed = served.post("/api/v1/auth/refresh", "", &refresh).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    let token = access(&renewed.body);
    assert_eq!(served.get("/api/v1/clients", token).await.status, 200);
    assert_eq!(
        served
            .send(served.request(Method::POST, "/api/auth/logout", token))
            .await
            .status,
        204
    );
    for token in [token, access(&login)] {
        let refused = served.get("/api/v1/clients", token).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (401, &json!("unauthenticated"))
        );
    }
    served.stop().await;
}
