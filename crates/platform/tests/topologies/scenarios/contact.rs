use crate::world::World;
use serde_json::json;

/// A message from its template to the client's mailbox, an address that is not written to any more, and a meeting with
/// what is to be done for it.
pub(crate) async fn contact(world: &mut World) {
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let client = json!({ "client_name": "Priya Sharma", "email": "priya@example.com" });
    let client = world
        .post("/api/v1/clients", &client)
        .by(&advisor)
        .expect(201)
        .await;
    let template = json!({
        "name": "Review", "subject": "{{client_name}}, your review", "body": "Shall we meet {{when}}?\n{{advisor_name}}"
    });
    let template = world
        .post("/api/v1/communications/templates", &template)
        .by(&advisor)
        .expect(201)
        .await;
    let mut draft = json!({ "client_id": client["id"], "template_id": template["id"] });
    let missing = world
        .post("/api/v1/communications", &draft)
        .by(&advisor)
        .expect(422)
        .await;
    assert_eq!(missing["details"][0]["field"], "variables.when");
    draft["variables"] = json!({ "when": "on Monday" });
    let message = world
        .post("/api/v1/communications", &draft)
        .by(&advisor)
        .key("m1")
        .expect(201)
        .await;
    let place = format!("/api/v1/communications/{}", message.text("id"));
    world
        .post(format!("{place}/send"), &json!({}))
        .by(&advisor)
        .expect(409)
        .await;
    world
        .post(format!("{place}/approve"), &json!({}))
        .by(&other)
        .expect(404)
        .await;
    world
        .post(format!("{place}/approve"), &json!({}))
        .by(&advisor)
        .expect(200)
        .await;
    world
        .post(format!("{place}/send"), &json!({}))
        .by(&advisor)
        .expect(202)
        .await;
    let sent = world
        .get(place.clone())
        .by(&advisor)
        .until(200, |reply| reply["status"] == "sent")
        .await;
    assert_eq!(sent["attempts"], 1);
    world.get(place.clone()).by(&other).expect(404).await;
    let entry = json!({ "email": "PRIYA@example.com", "reason": "asked not to be written to" });
    world
        .post("/api/v1/communications/suppressions", &entry)
        .by(&other)
        .expect(201)
        .await;
    let again = world
        .post("/api/v1/communications", &draft)
        .by(&advisor)
        .key("m2")
        .expect(201)
        .await;
    let place = format!("/api/v1/communications/{}", again.text("id"));
    world
        .post(format!("{place}/approve"), &json!({}))
        .by(&advisor)
        .expect(409)
        .await;

    let meeting = json!({
        "client_id": client["id"], "title": "Review", "starts_at": "2026-02-01T10:00:00+05:30",
        "ends_at": "2026-02-01T11:00:00+05:30"
    });
    let meeting = world
        .post("/api/v1/meetings", &meeting)
        .by(&advisor)
        .expect(201)
        .await;
    let place = format!("/api/v1/meetings/{}", meeting.text("id"));
    let task = json!({ "title": "Print the report", "due_date": "2026-01-30", "meeting_id": meeting["id"] });
    world
        .post("/api/v1/meetings/tasks", &task)
        .by(&advisor)
        .expect(201)
        .await;
    let brief = world.get(format!("{place}/brief")).by(&advisor).expect(200).await;
    assert_eq!(brief["open_tasks"][0]["title"], "Print the report");
    assert_eq!(brief["recent_messages"][1]["status"], "sent");
    for read in ["", "/brief", "/calendar"] {
        world.get(format!("{place}{read}")).by(&other).expect(404).await;
    }
    for list in [
        "/api/v1/meetings",
        "/api/v1/meetings/tasks",
        "/api/v1/communications",
    ] {
        let seen = world.get(list).by(&other).expect(200).await;
        assert_eq!(seen.body, json!([]), "{list}");
    }
    world
        .post(format!("{place}/cancel"), &json!({}))
        .by(&advisor)
        .expect(200)
        .await;
}
