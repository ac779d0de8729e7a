use super::{
    Split,
    outage::{asked, recovered},
};
use reqwest::Method;
use serde_json::json;

/// A process that stands still takes connections and never answers: nobody waits for it beyond the bound, and others
/// do not wait at all.
#[tokio::test]
async fn a_group_that_stands_still_holds_up_nobody_else() {
    let mut split = Split::start().await;
    let api = split.gateway();
    let (token, _) = api.newcomer("advisor@example.com", "advisor").await;
    let list = "/api/v1/transactions";
    assert_eq!(api.get(list, &token).await.status, 200);

    split.signal("finance", "STOP").await;
    let (waiting, others) = tokio::join!(asked(&api, Method::GET, list, &token, None), async {
        let mut statuses = Vec::new();
        for path in [
            "/api/v1/clients",
            "/api/auth/me",
            "/api/integrations",
            "/api/infrastructure/registry",
        ] {
            statuses.push(asked(&api, Method::GET, path, &token, None).await.status);
        }
        statuses
    });
    assert_eq!(others, [200, 200, 200, 200]);
    let code = &waiting.body["error"];
    assert!(
        (waiting.status == 503 && *code == json!("dependency_unavailable"))
            || (waiting.status == 504 && *code == json!("timeout")),
        "{}: {}",
        waiting.status,
        waiting.body
    );

    split.signal("finance", "CONT").await;
    recovered(&api, list, &token).await;
    split.assert_calm();
}
