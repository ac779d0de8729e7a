use crate::world::World;
use serde_json::json;

/// Accounts and single transactions: of an advisor's client, and one's own.
pub(crate) async fn ledger(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let own = world.newcomer("rajesh", "client").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Priya" }))
        .by(&advisor)
        .expect(201)
        .await;
    let user = client.text("user_id");
    world.settle(&admin).await;

    let savings = json!({ "name": "Savings", "kind": "savings", "user_id": user });
    let made = world
        .post("/api/v1/accounts", &savings)
        .by(&advisor)
        .expect(201)
        .await;
    let (account, place) = (made.text("id"), made.header("location").unwrap().to_owned());
    let dollars = json!({ "name": "Dollars", "kind": "checking", "currency": "USD", "user_id": user });
    let empty = world
        .post("/api/v1/accounts", &dollars)
        .by(&advisor)
        .expect(201)
        .await;
    let empty = empty.header("location").unwrap().to_owned();
    let change = json!({ "name": "Rainy days", "kind": "savings" });
    world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match("\"1\"")
        .expect(200)
        .await;
    world
        .put(place.clone(), &change)
        .by(&advisor)
        .if_match("\"1\"")
        .expect(412)
        .await;
    world.get(place.clone()).by(&advisor).expect(200).await;
    for query in [
        "?count=true",
        "?limit=1",
        "?sort=name",
        "?sort=-created_at",
        "?sort=colour",
    ] {
        world
            .get(format!("/api/v1/accounts/{user}{query}"))
            .by(&advisor)
            .send()
            .await;
    }

    for (kind, amount, category, date) in [
        ("income", json!(1350.60), "Salary", "2026-01-05"),
        ("expense", json!("2400.00"), "Rent", "2026-01-06"),
        ("expense", json!(0.01), "Coffee", "2026-01-07"),
        (
            "income",
            json!(99_999_999_999_999.99_f64),
            "Lottery",
            "2025-12-31",
        ),
        ("expense", json!("12345678901234567.89"), "Tax", "2025-12-30"),
    ] {
        let posting = json!({
            "type": kind, "amount": amount, "category": category, "date": date, "description": category,
            "user_id": user, "account_id": account
        });
        world
            .post("/api/v1/transactions", &posting)
            .by(&advisor)
            .expect(200)
            .await;
    }
    let today = json!({ "type": "expense", "amount": 50.0, "description": "Test expense" });
    let posted = world
        .post("/api/v1/transactions", &today)
        .by(&own)
        .expect(200)
        .await;
    let posted = posted.text("transaction_id");
    world
        .get(format!("/api/v1/transactions/{posted}"))
        .by(&own)
        .expect(200)
        .await;
    world
        .get(format!("/api/v1/transactions/{posted}/history"))
        .by(&own)
        .expect(200)
        .await;
    world
        .get(format!("/api/v1/transactions/{posted}"))
        .by(&advisor)
        .expect(404)
        .await;
    world
        .get(format!("/api/v1/accounts/{}", own.id))
        .by(&own)
        .expect(200)
        .await;

    for query in [
        String::new(),
        format!("?user_id={user}&count=true"),
        format!("?account_id={account}&sort=date"),
        "?type=income".to_owned(),
        "?category=Rent".to_owned(),
        "?from=2026-01-01&to=2026-01-06".to_owned(),
        "?sort=-amount&limit=2".to_owned(),
        "?sort=created_at".to_owned(),
    ] {
        let mut next = Some(format!("/api/v1/transactions{query}"));
        while let Some(path) = next {
            next = world.get(path).by(&advisor).expect(200).await.next();
        }
    }
    for query in [
        "type=gift",
        "from=yesterday",
        "type=income&category=Rent",
        "type=income&sort=amount",
        "limit=0",
    ] {
        world
            .get(format!("/api/v1/transactions?{query}"))
            .by(&advisor)
            .expect(422)
            .await;
    }
    for wrong in [
        json!({ "type": "gift", "amount": 1 }),
        json!({ "type": "income", "amount": 0 }),
        json!({ "type": "income", "amount": -1 }),
        json!({ "type": "income", "amount": 1.005 }),
        json!({ "type": "income", "amount": "a thousand" }),
        json!({ "type": "income", "amount": 1, "currency": "XXX" }),
        json!({ "type": "income", "amount": 1, "date": "2026-13-01" }),
        json!({ "type": "income", "amount": 1, "description": "x".repeat(501) }),
    ] {
        world
            .post("/api/v1/transactions", &wrong)
            .by(&own)
            .expect(422)
            .await;
    }
    world.delete(place.clone()).by(&advisor).expect(409).await;
    world.delete(empty.clone()).by(&advisor).expect(204).await;
    world.get(empty).by(&advisor).expect(404).await;
    world.get(place).by(&advisor).expect(200).await;
}
