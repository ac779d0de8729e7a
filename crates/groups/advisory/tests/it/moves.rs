use crate::setting::{Setting, number};
use finance_contract::{BALANCE_CHANGED, BalanceChanged};
use kernel::{Currency, EventEnvelope, Money};
use rust_decimal::Decimal;
use serde_json::{Value, json};

#[tokio::test]
async fn a_client_moves_with_everything_and_the_history_tells() {
    let setting = Setting::new().await;
    let (server, admin) = (&setting.server, setting.admin.token.as_str());
    let client = setting.client("Priya Sharma").await;
    let id = client["id"].as_str().unwrap();
    let asked = json!({ "client_id": id, "side": "buy", "instrument": "X", "amount": 5 });
    let check = setting.made("/api/v1/compliance/checks", &asked).await;
    let move_to = json!({ "advisor_id": setting.other_advisor.user(), "reason": "moved to Pune" });
    let place = format!("/api/v1/clients/{id}/reassign");
    server
        .post(&place, &setting.advisor.token, &move_to)
        .await
        .assert_error(403, "forbidden");
    let moved = server.post(&place, admin, &move_to).await;
    assert_eq!(
        (moved.status, &moved["advisor_id"]),
        (200, &move_to["advisor_id"])
    );
    setting.settle().await;
    let check = format!("/api/v1/compliance/checks/{}", check["id"].as_str().unwrap());
    for place in [format!("/api/v1/clients/{id}"), check] {
        server
            .get(&place, &setting.advisor.token)
            .await
            .assert_error(404, "not_found");
        assert_eq!(server.get(&place, &setting.other_advisor.token).await.status, 200);
    }
    let history = server
        .get(&format!("/api/v1/clients/{id}/assignments"), admin)
        .await;
    assert_eq!(history.body[0]["reason"], "moved to Pune");
    let nobody = json!({ "advisor_id": client["user_id"] });
    let refused = server.post(&place, admin, &nobody).await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["advisor_id"]
    );
}

#[tokio::test]
async fn who_was_deleted_comes_back_and_is_found_again() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let client = setting.client("Priya Sharma").await;
    let place = format!("/api/v1/clients/{}", client["id"].as_str().unwrap());
    let back = format!("{place}/restore");
    server
        .post(&back, token, &json!({}))
        .await
        .assert_error(404, "not_found");
    assert_eq!(server.delete(&place, token).await.status, 204);
    server
        .post(&back, &setting.other_advisor.token, &json!({}))
        .await
        .assert_error(404, "not_found");
    let restored = server.post(&back, token, &json!({})).await;
    assert_eq!(
        (restored.status, &restored["client_name"]),
        (200, &json!("Priya Sharma"))
    );
    assert_eq!(
        server.get("/api/v1/clients", token).await.body,
        json!([restored.body])
    );
}

fn balance(client: &Value, change: i64, seq: u64) -> EventEnvelope {
    let data = BalanceChanged {
        account_id: uuid::Uuid::from_u128(1),
        user_id: client["user_id"].as_str().unwrap().parse().unwrap(),
        change: Money::new(change.into(), Currency::INR).unwrap(),
    };
    EventEnvelope {
        seq,
        id: uuid::Uuid::from_u128(seq.into()).into(),
        event_type: BALANCE_CHANGED.to_owned(),
        version: 1,
        time: chrono::DateTime::UNIX_EPOCH,
        producer: "finance".to_owned(),
        tenant: kernel::TenantId::DEFAULT,
        actor: "system/finance".to_owned(),
        subject: "account/1".to_owned(),
        correlation: uuid::Uuid::from_u128(2).into(),
        causation: None,
        data: serde_json::to_value(data).unwrap(),
    }
}

#[tokio::test]
async fn total_assets_follow_accounts_and_make_no_version_stale() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let body = json!({ "client_name": "Priya", "total_assets": 1000 });
    let client = server.post("/api/v1/clients", token, &body).await;
    let place = client.header("location").unwrap().to_owned();
    let store = setting.harness.store("advisory", advisory::collections()).await;
    let cx = setting.harness.system("advisory");
    let told = [balance(&client.body, 250, 1), balance(&client.body, -50, 2)];
    let run: Vec<&EventEnvelope> = told.iter().collect();
    let batch = setting.group.worth.apply_run(&cx, &run).await.unwrap();
    store.commit(batch).await.unwrap();
    let now = server.get(&place, token).await;
    assert_eq!(
        (number(&now["total_assets"]), now.header("etag")),
        (Decimal::from(1200), Some("\"1\""))
    );
    let change = json!({ "client_name": "Priya S.", "risk_profile": "moderate", "version": 1 });
    let changed = server.put(&place, token, &change).await;
    assert_eq!(
        (changed.status, number(&changed["total_assets"])),
        (200, Decimal::from(1200))
    );
    let said = json!({ "client_name": "Priya S.", "risk_profile": "moderate", "total_assets": 5000 });
    let said = server.put(&place, token, &said).await;
    assert_eq!(number(&said["total_assets"]), Decimal::from(5000));
    let batch = setting
        .group
        .worth
        .apply(&cx, &balance(&client.body, 1, 3))
        .await
        .unwrap();
    store.commit(batch).await.unwrap();
    let now = server.get(&place, token).await;
    assert_eq!(number(&now["total_assets"]), Decimal::from(5001));
}

#[tokio::test]
async fn total_assets_follow_portfolios_and_count_none_twice() {
    let setting = Setting::new().await;
    let client = setting.client("Priya").await;
    let user: kernel::UserId = client["user_id"].as_str().unwrap().parse().unwrap();
    let valued = |portfolio: u128, value: i64, currency: Currency| {
        let facts = wealth_contract::PortfolioValued {
            portfolio_id: uuid::Uuid::from_u128(portfolio),
            user_id: user,
            client_id: None,
            currency,
            date: "2026-01-15".parse().unwrap(),
            value: value.into(),
            total: 123_456.into(),
            complete: true,
        };
        serde_json::to_value(facts).unwrap()
    };
    let place = format!("/api/v1/clients/{}", client["id"].as_str().unwrap());
    let total = async || {
        let read = setting.server.get(&place, &setting.advisor.token).await;
        number(&read["total_assets"])
    };
    let name = wealth_contract::PORTFOLIO_VALUED;
    setting.hear(name, valued(1, 1000, Currency::INR), 1).await;
    setting.hear(name, valued(2, 500, Currency::INR), 2).await;
    // The same again, another value, and one in another currency.
    setting.hear(name, valued(2, 500, Currency::INR), 3).await;
    setting.hear(name, valued(1, 1200, Currency::INR), 4).await;
    setting
        .hear(name, valued(3, 9000, "USD".parse().unwrap()), 5)
        .await;
    assert_eq!(total().await, Decimal::from(1700));
    let gone = wealth_contract::PortfolioChanged {
        portfolio_id: uuid::Uuid::from_u128(2),
        user_id: user,
        client_id: None,
    };
    let gone = serde_json::to_value(gone).unwrap();
    setting.hear(wealth_contract::PORTFOLIO_DELETED, gone, 6).await;
    assert_eq!(total().await, Decimal::from(1200));
}
