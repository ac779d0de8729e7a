use crate::setting::{Setting, number};
use rust_decimal::Decimal;
use serde_json::json;

#[tokio::test]
async fn a_score_is_the_sum_of_its_reasons_and_what_happened_fades() {
    let mut setting = Setting::new().await;
    let body = json!({ "name": "Anil", "source": "referral", "expected_assets": 20_000_000, "email": "a@example.com", "phone": "+91 1" });
    let lead = setting.made("/api/v1/leads", &body).await;
    let place = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());
    let acted = setting
        .made(&format!("{place}/activities"), &json!({ "kind": "meeting" }))
        .await;
    assert_eq!(acted["stage"], "contacted");
    assert_eq!(score(&setting, &place).await, Decimal::from(25 + 5 + 25 + 5 + 20));
    setting.pass(30);
    assert_eq!(score(&setting, &place).await, Decimal::from(25 + 5 + 25 + 5 + 10));
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let listed = server.get("/api/v1/leads/scores", token).await;
    assert_eq!(listed.body[0]["lead_id"], lead["id"]);
    let foreign = server
        .get("/api/v1/leads/scores", &setting.other_advisor.token)
        .await;
    assert_eq!(foreign.body, json!([]));
}

async fn score(setting: &Setting, place: &str) -> Decimal {
    let scored = setting
        .server
        .get(&format!("{place}/score"), &setting.advisor.token)
        .await;
    let reasons = scored["reasons"].as_array().unwrap();
    let sum: Decimal = reasons.iter().map(|reason| number(&reason["points"])).sum();
    assert_eq!(sum, number(&scored["score"]), "{}", scored.text);
    sum
}

#[tokio::test]
async fn a_lead_becomes_one_client_however_often_and_by_whom() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let lead = setting
        .made(
            "/api/v1/leads",
            &json!({ "name": "Anil", "email": "a@example.com" }),
        )
        .await;
    let place = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());
    let convert = format!("{place}/convert");
    let body = json!({ "risk_profile": "aggressive" });
    let (one, two, three) = tokio::join!(
        server.post(&convert, token, &body),
        server.post(&convert, &setting.admin.token, &body),
        server.post(&convert, token, &body),
    );
    for answer in [&one, &two, &three] {
        assert_eq!(
            (answer.status, &answer["id"]),
            (200, &one["id"]),
            "{}",
            answer.text
        );
    }
    let clients = server.get("/api/v1/clients", token).await;
    assert_eq!(clients.body.as_array().unwrap().len(), 1);
    assert_eq!(clients.body[0]["risk_profile"], "aggressive");
    let lead = server.get(&place, token).await;
    assert_eq!(
        (&lead["stage"], &lead["client_id"]),
        (&json!("converted"), &one["id"])
    );
    let change = json!({ "name": "Anil", "source": "other", "stage": "new" });
    server
        .put(&place, token, &change)
        .await
        .assert_error(409, "already_converted");
}

#[tokio::test]
async fn wrong_fields_of_leads_are_named_and_a_lost_one_says_why() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    for (field, value) in [
        ("name", json!("")),
        ("email", json!("x")),
        ("source", json!("stars")),
        ("expected_assets", json!(-1)),
        ("currency", json!("XXY")),
        ("colour", json!(1)),
    ] {
        let mut body = json!({ "name": "Anil" });
        body[field] = value;
        let refused = server.post("/api/v1/leads", token, &body).await;
        assert_eq!(refused.assert_error(422, "validation_error").fields(), [field]);
    }
    let lead = setting.made("/api/v1/leads", &json!({ "name": "Anil" })).await;
    let place = format!("/api/v1/leads/{}", lead["id"].as_str().unwrap());
    let mut change = json!({ "name": "Anil", "source": "other", "stage": "lost" });
    let refused = server.put(&place, token, &change).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["lost_reason"]
    );
    change["lost_reason"] = json!("went elsewhere");
    assert_eq!(server.put(&place, token, &change).await.status, 200);
    server
        .post(&format!("{place}/convert"), token, &json!({}))
        .await
        .assert_error(409, "lead_lost");
    change["stage"] = json!("converted");
    let refused = server.put(&place, token, &change).await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["stage"]);
    let future = json!({ "kind": "call", "at": "2199-01-01T00:00:00Z" });
    let refused = server.post(&format!("{place}/activities"), token, &future).await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["at"]);
}
