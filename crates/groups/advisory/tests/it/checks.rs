use crate::setting::Setting;
use advisory_contract::{AdvisoryError, CheckOutcome, OrderSide, OrderToCheck, ProductRisk};
use kernel::{Currency, Money, Role};
use serde_json::{Value, json};
use uuid::Uuid;

fn order(client: &Value, amount: i64) -> OrderToCheck {
    OrderToCheck {
        order_id: Uuid::from_u128(7),
        user_id: client["user_id"].as_str().unwrap().parse().unwrap(),
        side: OrderSide::Buy,
        instrument: "SMALLCAP".to_owned(),
        risk: Some(ProductRisk::VeryHigh),
        amount: Money::new(amount.into(), Currency::INR).unwrap(),
    }
}

#[tokio::test]
async fn an_unsuitable_order_is_held_until_an_officer_decides_on_exactly_this_one() {
    let setting = Setting::new().await;
    let client = setting.client("Priya Sharma").await;
    let compliance = setting.group.compliance.clone();
    let cx = setting.advisor.context(setting.harness.sources.ids());
    let held = compliance.check_order(&cx, order(&client, 1000)).await.unwrap();
    assert_eq!(held.outcome, CheckOutcome::Hold);
    assert_eq!(held.reasons[0].code, "unsuitable_risk");
    let again = compliance.check_order(&cx, order(&client, 1000)).await.unwrap();
    assert_eq!(again, held);

    let place = format!("/api/v1/compliance/checks/{}/override", held.check_id);
    let decision = json!({ "reason": "the client insists, in writing" });
    let server = &setting.server;
    server
        .post(&place, &setting.advisor.token, &decision)
        .await
        .assert_error(403, "forbidden");
    server
        .post(&place, &setting.other_advisor.token, &decision)
        .await
        .assert_error(404, "not_found");
    let officer = setting.harness.log_in(Role::Compliance);
    let released = server.post(&place, &officer.token, &decision).await;
    assert_eq!((released.status, &released["outcome"]), (200, &json!("pass")));
    assert_eq!(released["release_reason"], decision["reason"]);
    server
        .post(&place, &officer.token, &decision)
        .await
        .assert_error(409, "not_held");

    let passes = compliance.check_order(&cx, order(&client, 1000)).await.unwrap();
    assert_eq!((passes.outcome, passes.overridden), (CheckOutcome::Pass, true));
    let another = compliance.check_order(&cx, order(&client, 9000)).await.unwrap();
    assert_eq!((another.outcome, another.overridden), (CheckOutcome::Hold, false));
}

#[tokio::test]
async fn nobody_checks_for_another_advisors_client() {
    let setting = Setting::new().await;
    let client = setting.client("Priya Sharma").await;
    let cx = setting.other_advisor.context(setting.harness.sources.ids());
    let refused = setting
        .group
        .compliance
        .check_order(&cx, order(&client, 1000))
        .await;
    assert!(
        matches!(refused, Err(AdvisoryError::ClientNotFound)),
        "{refused:?}"
    );
    let asked = json!({ "client_id": client["id"], "side": "buy", "instrument": "X", "amount": 5 });
    let refused = setting
        .server
        .post("/api/v1/compliance/checks", &setting.other_advisor.token, &asked)
        .await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["client_id"]
    );
}

#[tokio::test]
async fn the_end_of_an_identity_check_holds_an_order_and_wrong_fields_are_named() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let body = json!({ "client_name": "Old", "kyc_expiry_date": "2001-01-01" });
    let client = server.post("/api/v1/clients", token, &body).await.body;
    let asked = json!({ "client_id": client["id"], "side": "sell", "instrument": "X", "amount": 5 });
    let made = server.post("/api/v1/compliance/checks", token, &asked).await;
    assert_eq!((made.status, &made["outcome"]), (201, &json!("hold")));
    assert_eq!(made["reasons"][0]["code"], "kyc_expired");
    let listed = server.get("/api/v1/compliance/checks?outcome=hold", token).await;
    assert_eq!(listed.body, json!([made.body]));
    for (field, value) in [
        ("amount", json!(0)),
        ("amount", json!("1.005")),
        ("side", json!("short")),
        ("risk", json!("extreme")),
        ("instrument", json!("")),
        ("client_id", json!("no-uuid")),
        ("colour", json!("red")),
    ] {
        let mut wrong = asked.clone();
        wrong[field] = value;
        let refused = server.post("/api/v1/compliance/checks", token, &wrong).await;
        assert_eq!(refused.assert_error(422, "validation_error").fields(), [field]);
    }
}
