use crate::world::World;
use serde_json::json;

/// A lead becomes a client, owns something, is looked after, and moves to another advisor with everything.
pub(crate) async fn advisors_day(world: &mut World) {
    let admin = world.admin().await;
    let asha = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let lead = json!({ "name": "Rajesh Kumar", "source": "referral", "email": "rajesh@example.com" });
    let lead = world
        .post("/api/v1/leads", &lead)
        .by(&asha)
        .expect(201)
        .await
        .text("id");
    world.get("/api/v1/leads/scores").by(&asha).expect(200).await;
    let convert = format!("/api/v1/leads/{lead}/convert");
    let client = world
        .post(convert.clone(), &json!({}))
        .by(&asha)
        .expect(200)
        .await;
    let again = world.post(convert, &json!({})).by(&admin).expect(200).await;
    assert_eq!(client["id"], again["id"]);
    let (id, user) = (client.text("id"), client.text("user_id"));
    world.settle(&admin).await;

    let account = json!({ "name": "Savings", "kind": "savings", "user_id": user });
    let account = world
        .post("/api/v1/accounts", &account)
        .by(&asha)
        .expect(201)
        .await
        .text("id");
    let posting = json!({ "type": "income", "amount": 1250, "user_id": user, "account_id": account });
    world
        .post("/api/v1/transactions", &posting)
        .by(&asha)
        .expect(200)
        .await;
    world.settle(&admin).await;
    let place = format!("/api/v1/clients/{id}");
    let richer = world.get(place.clone()).by(&asha).expect(200).await;
    assert_eq!(richer["total_assets"].to_string(), "1250.00");

    let goal =
        json!({ "client_id": id, "name": "Education", "target_amount": 5_000, "target_date": "2040-06-30" });
    let goal = world
        .post("/api/v1/goals", &goal)
        .by(&asha)
        .expect(201)
        .await
        .text("id");
    let order = json!({ "client_id": id, "side": "buy", "instrument": "SMALLCAP", "risk": "very_high", "amount": 100 });
    let held = world
        .post("/api/v1/compliance/checks", &order)
        .by(&asha)
        .expect(201)
        .await;
    assert_eq!(held["outcome"], "hold");
    world
        .get("/api/v1/clients/prioritize")
        .by(&asha)
        .expect(200)
        .await;
    world
        .get("/api/v1/clients/prioritize")
        .by(&other)
        .expect(200)
        .await;

    let move_to = json!({ "advisor_id": other.id, "reason": "moved to Pune" });
    let reassign = format!("{place}/reassign");
    world.post(reassign.clone(), &move_to).by(&asha).expect(403).await;
    world.post(reassign, &move_to).by(&admin).expect(200).await;
    world.settle(&admin).await;
    for path in [
        place.clone(),
        format!("/api/v1/goals/{goal}"),
        format!("/api/v1/compliance/checks/{}", held.text("id")),
        format!("/api/v1/accounts/{user}"),
    ] {
        world.get(path.clone()).by(&asha).expect(404).await;
        world.get(path).by(&other).expect(200).await;
    }
}
