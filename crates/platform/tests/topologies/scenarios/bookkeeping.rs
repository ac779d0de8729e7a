use crate::world::World;
use serde_json::json;

/// The books of a client, kept by the advisor: a transfer, a manual entry, a reversal, a closed month, the statements. The
/// client is made by advisory and known to auth; the book is finance's.
pub(crate) async fn bookkeeping(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let other = world.newcomer("other", "advisor").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Rajesh" }))
        .by(&advisor)
        .expect(201)
        .await;
    let user = client.text("user_id");
    world.settle(&admin).await;
    let mut accounts = Vec::new();
    for name in ["Everyday", "Savings"] {
        let body = json!({ "name": name, "kind": "checking", "currency": "INR", "user_id": user });
        let made = world
            .post("/api/v1/accounts", &body)
            .by(&advisor)
            .expect(201)
            .await;
        accounts.push(made.text("id"));
    }
    let income = json!({
        "type": "income", "amount": "5000.00", "category": "salary", "date": "2025-12-31", "account_id": accounts[0],
    });
    let posted = world
        .post("/api/v1/transactions", &income)
        .by(&advisor)
        .expect(200)
        .await
        .text("transaction_id");
    let transfer = json!({
        "type": "transfer", "amount": "1200.50", "date": "2026-01-05", "account_id": accounts[0],
        "to_account_id": accounts[1],
    });
    world
        .post("/api/v1/transactions", &transfer)
        .by(&advisor)
        .expect(200)
        .await;
    let entry = json!({ "user_id": user, "date": "2026-01-06", "legs": [
        { "account": "asset:house", "amount": 1000 },
        { "account": format!("money:{}", accounts[1]), "amount": -1000 },
    ] });
    world
        .post("/api/v1/ledger/entries", &entry)
        .by(&advisor)
        .expect(201)
        .await;
    world
        .post("/api/v1/ledger/entries", &entry)
        .by(&other)
        .expect(404)
        .await;
    let close = json!({ "user_id": user, "through": "2025-12-31", "reason": "The year is done" });
    world
        .post("/api/v1/ledger/periods/close", &close)
        .by(&advisor)
        .expect(200)
        .await;
    world
        .post("/api/v1/transactions", &income)
        .by(&advisor)
        .expect(409)
        .await;
    let reason = json!({ "reason": "Booked twice", "date": "2026-01-07" });
    let reverse = format!("/api/v1/ledger/entries/{posted}/reverse");
    world
        .post(reverse.clone(), &reason)
        .by(&advisor)
        .expect(201)
        .await;
    world.post(reverse, &reason).by(&advisor).expect(409).await;
    for statement in [
        "trial-balance?as_of=2026-01-31",
        "profit-and-loss?to=2026-01-31",
        "balance-sheet?as_of=2026-01-31",
        "cash-flow?to=2026-01-31",
    ] {
        let path = format!("/api/v1/ledger/statements/{statement}&user_id={user}");
        world.get(path.clone()).by(&advisor).expect(200).await;
        world.get(path).by(&other).expect(404).await;
    }
    let trial = world
        .get(format!(
            "/api/v1/ledger/statements/trial-balance?as_of=2026-01-31&user_id={user}"
        ))
        .by(&advisor)
        .expect(200)
        .await;
    assert_eq!(trial["totals"][0]["debit"], trial["totals"][0]["credit"]);
}
