use crate::setting::Setting;
use chrono::{Days, NaiveDate};
use events::jobs::NewJob;
use kernel::Role;
use serde_json::{Value, json};
use testkit::eventually;

fn today(setting: &Setting) -> NaiveDate {
    let now = setting.harness.sources.now();
    now.with_timezone(&chrono_tz::Asia::Kolkata).date_naive()
}

#[tokio::test]
async fn a_review_says_when_to_look_again_and_a_rejection_holds_orders() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = setting.client("Priya").await;
    let place = format!("/api/v1/compliance/kyc/{}", client["id"].as_str().unwrap());
    assert_eq!(server.get(&place, token).await["state"], "missing");
    let review = json!({ "result": "verified", "risk_rating": "high", "reviewed_on": "2020-03-15" });
    let reviewed = setting.made(&format!("{place}/reviews"), &review).await;
    assert_eq!(reviewed["good_until"], "2022-03-15");
    assert_eq!(server.get(&place, token).await["state"], "expired");
    let today = today(&setting);
    let review = json!({ "result": "verified", "risk_rating": "low", "reviewed_on": today });
    setting.made(&format!("{place}/reviews"), &review).await;
    assert_eq!(server.get(&place, token).await["state"], "valid");
    let rejected = json!({ "result": "rejected", "risk_rating": "high", "reviewed_on": today, "remark": "forged papers" });
    setting.made(&format!("{place}/reviews"), &rejected).await;
    let asked = json!({ "client_id": client["id"], "side": "sell", "instrument": "X", "amount": 5 });
    let held = setting.made("/api/v1/compliance/checks", &asked).await;
    assert_eq!(held["reasons"][0]["code"], "kyc_rejected");
    let history = server.get(&format!("{place}/reviews"), token).await;
    assert_eq!(history.body.as_array().unwrap().len(), 3);
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap();
    for (field, body) in [
        (
            "reviewed_on",
            json!({ "result": "verified", "risk_rating": "low", "reviewed_on": tomorrow }),
        ),
        (
            "remark",
            json!({ "result": "rejected", "risk_rating": "low", "reviewed_on": today }),
        ),
        (
            "risk_rating",
            json!({ "result": "verified", "risk_rating": "none", "reviewed_on": today }),
        ),
    ] {
        let refused = server.post(&format!("{place}/reviews"), token, &body).await;
        assert_eq!(refused.assert_error(422, "validation_error").fields(), [field]);
    }
    let own = setting.harness.log_in_as(kernel::UserPrincipal {
        user: client["user_id"].as_str().unwrap().parse().unwrap(),
        role: Role::Client,
        ..setting.advisor.principal.clone()
    });
    let refused = server
        .post(&format!("{place}/reviews"), &own.token, &review)
        .await;
    refused.assert_error(403, "forbidden");
}

#[tokio::test]
async fn a_name_of_the_list_of_sanctions_holds_every_order() {
    let setting = Setting::new().await;
    let client = setting.client("John DOE").await;
    let asked = json!({ "client_id": client["id"], "side": "buy", "instrument": "X", "amount": 5 });
    let held = setting.made("/api/v1/compliance/checks", &asked).await;
    assert_eq!(
        (&held["outcome"], &held["reasons"][0]["code"]),
        (&json!("hold"), &json!("sanctions_match"))
    );
}

/// However often and by however many processes the job is run, each stage is told once.
#[tokio::test]
async fn the_end_of_a_check_is_told_ninety_sixty_and_thirty_days_before_and_on_the_day() {
    let mut setting = Setting::new().await;
    let end = today(&setting).checked_add_days(Days::new(95)).unwrap();
    setting
        .made(
            "/api/v1/clients",
            &json!({ "client_name": "Priya", "kyc_expiry_date": end }),
        )
        .await;
    setting.settle().await;
    setting.work();
    for (days, stages) in [
        (1, vec![]),
        (5, vec![90]),
        (1, vec![90]),
        (30, vec![90, 60]),
        (60, vec![90, 60, 0]),
    ] {
        setting.pass(days);
        let store = setting
            .harness
            .store("advisory", crate::setting::collections())
            .await;
        for _ in 0..2 {
            let cx = setting.harness.system("advisory");
            let mut batch = store.batch(&cx);
            let id = NewJob::new(advisory::KYC_ALERTS, &())
                .unwrap()
                .enqueue(&store, &cx, &mut batch);
            store.commit(batch).await.unwrap();
            let scope = kernel::Scope::Tenant { tenant: cx.tenant() };
            eventually("the job is done", async || {
                let status = events::jobs::status(&store, &scope, id).await.unwrap();
                status.filter(|status| status.state == events::jobs::JobState::Done)
            })
            .await;
        }
        let alerts = setting
            .server
            .get("/api/v1/compliance/alerts", &setting.advisor.token)
            .await;
        let alerts = alerts.body.as_array().unwrap();
        let told: Vec<Value> = alerts.iter().map(|alert| alert["stage"].clone()).collect();
        assert_eq!(told, stages, "after {days} more days");
    }
    let foreign = setting
        .server
        .get("/api/v1/compliance/alerts", &setting.other_advisor.token)
        .await;
    assert_eq!(foreign.body, json!([]));
}
