use crate::world::World;
use serde_json::{Value, json};

/// What every group records comes into the one log that the firm's overseers read, wherever the groups run.
pub(crate) async fn audit_log(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let client = json!({ "client_name": "Rajesh Kumar", "tax_id": "ABCDE1234F", "total_assets": 1500 });
    let client = world
        .post("/api/v1/clients", &client)
        .by(&advisor)
        .expect(201)
        .await;
    let posting = json!({ "type": "income", "amount": "10.50", "description": "Secret gift" });
    world
        .post("/api/v1/transactions", &posting)
        .by(&advisor)
        .expect(200)
        .await;
    let assignment = format!("/api/auth/rbac/assignments/{}", client.text("user_id"));
    world
        .put(assignment, &json!({ "role": "advisor" }))
        .by(&admin)
        .expect(200)
        .await;
    world.settle(&admin).await;

    for (action, producer, actor) in [
        ("client.created", "advisory", &advisor),
        ("transaction.created", "finance", &advisor),
        ("role.assigned", "auth", &admin),
    ] {
        let found = world
            .unrecorded(&format!("/api/v1/admin/audit?action={action}"), &admin)
            .await;
        let rows = found.as_array().unwrap();
        assert_eq!(rows.len(), 1, "{action}: {found}");
        assert_eq!(rows[0]["producer"], producer);
        assert_eq!(rows[0]["actor"], format!("user/{}", actor.id));
        assert_eq!(rows[0]["allowed"], true);
    }
    let everything = world
        .unrecorded("/api/v1/admin/audit?sort=at&limit=200", &admin)
        .await;
    let rows = everything.as_array().unwrap();
    for (before, row) in std::iter::once(&Value::Null).chain(rows).zip(rows) {
        let place = before["seq"].as_u64().unwrap_or_default() + 1;
        assert_eq!(row["seq"], json!(place), "the chain has no gap");
        if place > 1 {
            assert_eq!(row["previous_hash"], before["hash"]);
        }
    }
    let text = everything.to_string();
    for personal in ["Rajesh", "ABCDE1234F", "Secret", "asha"] {
        assert!(!text.contains(personal), "{personal} stands in the log");
    }
    world.get("/api/v1/admin/audit").expect(401).await;
    world.get("/api/v1/admin/audit").by(&advisor).expect(403).await;
    world
        .get("/api/v1/admin/audit/export?format=csv")
        .by(&advisor)
        .expect(403)
        .await;
    world
        .get("/api/v1/admin/audit?action=a&actor=b")
        .by(&admin)
        .expect(422)
        .await;
}
