use crate::setting::Setting;
use serde_json::{Value, json};

#[tokio::test]
async fn the_most_pressing_come_first_and_reasons_add_up_to_the_score() {
    let mut setting = Setting::new().await;
    for (name, assets, kyc) in [
        ("Lapsed", 10, json!("2001-01-01")),
        ("Rich", 90_000_000, json!(null)),
        ("Poor", 1, json!(null)),
    ] {
        let body = json!({ "client_name": name, "total_assets": assets, "kyc_expiry_date": kyc });
        setting.made("/api/v1/clients", &body).await;
    }
    setting.pass(100);
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let ranked = server.get("/api/v1/clients/prioritize", token).await;
    assert_eq!(ranked.status, 200, "{}", ranked.text);
    let ranked = ranked.body.as_array().unwrap().clone();
    assert_eq!(ranked.len(), 3);
    assert_eq!(ranked[0]["client_name"], "Lapsed");
    assert_eq!(ranked[0]["next_best_action"]["action"], "renew_kyc");
    for client in &ranked {
        let points = |reason: &Value| reason["points"].as_u64().unwrap();
        let sum: u64 = client["reasons"].as_array().unwrap().iter().map(points).sum();
        assert_eq!(sum, client["score"].as_u64().unwrap(), "{client}");
    }
    let one = server.get("/api/v1/clients/prioritize?limit=1", token).await;
    assert_eq!(one.body.as_array().unwrap().len(), 1);
    for query in ["limit=0", "limit=201", "limit=x", "colour=red"] {
        let refused = server
            .get(&format!("/api/v1/clients/prioritize?{query}"), token)
            .await;
        refused.assert_error(422, "validation_error");
    }
    let other = server
        .get("/api/v1/clients/prioritize", &setting.other_advisor.token)
        .await;
    assert_eq!(other.body, json!([]));
    let at_risk = server.get("/api/v1/clients/churn", token).await;
    assert_eq!(at_risk.body[0]["client_name"], "Lapsed");
    assert_eq!(at_risk.body[0]["drivers"][0]["code"], "no_contact");
}
