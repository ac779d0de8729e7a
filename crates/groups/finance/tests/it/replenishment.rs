use crate::{
    inventory::{REORDERS, item, moved, read, said},
    setting::{Setting, id},
};
use serde_json::json;

#[tokio::test]
async fn low_stock_is_said_once_with_the_reason_and_opens_one_reorder() {
    let setting = Setting::new().await;
    let token = setting.user.token.as_str();
    let replenishment = json!({
        "daily_demand": 5, "lead_time_days": 4, "demand_sd": 0, "order_cost": 10, "holding_cost": "0.5"
    });
    let made = item(&setting, &setting.user, json!({ "replenishment": replenishment })).await;
    assert_eq!(made["reorder_point"].to_string(), "20");
    assert_eq!(made["order_quantity"].to_string(), "270");
    moved(&setting, &made, "receipt", "30", json!({ "unit_cost": 1 })).await;
    for _ in 0..3 {
        moved(&setting, &made, "issue", "5", json!({})).await;
    }
    let low = said(&setting, "inventory.low_stock").await;
    assert_eq!(low.len(), 1);
    assert_eq!(low[0].data["on_hand"], "20");
    let reason = low[0].data["reason"].as_str().unwrap();
    assert!(
        reason.contains("20 on hand") && reason.contains("5 a day for 4 days"),
        "{reason}"
    );
    let listed = setting.server.get("/api/v1/inventory/low-stock", token).await;
    assert_eq!(
        listed.body[0]["low_reason"].as_str().unwrap().split(':').next(),
        Some("15 on hand is not above 20")
    );
    let open = setting
        .server
        .get(&format!("{REORDERS}?status=open"), token)
        .await;
    assert_eq!(
        (open.body[0]["quantity"].to_string(), &open.body[0]["item_id"]),
        ("270".into(), &made["id"])
    );
    let another = setting
        .server
        .post(REORDERS, token, &json!({ "item_id": id(&made) }))
        .await;
    another.assert_error(409, "reorder_open");
    let path = format!("{REORDERS}/{}/close", open.body[0]["id"].as_str().unwrap());
    let closed = setting
        .server
        .post(&path, token, &json!({ "status": "received" }))
        .await;
    assert_eq!((closed.status, &closed["status"]), (200, &json!("received")));
    setting
        .server
        .post(&path, token, &json!({ "status": "cancelled" }))
        .await
        .assert_error(409, "reorder_closed");
    moved(&setting, &made, "receipt", "270", json!({ "unit_cost": 1 })).await;
    assert_eq!(read(&setting, &made).await["low"], false);
    moved(&setting, &made, "issue", "280", json!({})).await;
    assert_eq!(said(&setting, "inventory.low_stock").await.len(), 2);
}
