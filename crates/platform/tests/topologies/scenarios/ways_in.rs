use crate::world::World;
use serde_json::json;

/// The same posting by its route, by the root path of the service, by the gateway's prefixes and by command: each way
/// posts once, and one key is one posting on all of them.
pub(crate) async fn ways_in(world: &mut World) {
    let user = world.newcomer("payer", "client").await;
    let posting = |amount: u32| json!({ "type": "expense", "amount": amount, "date": "2026-03-01" });
    let ways = [
        "/api/v1/transactions",
        "/create_transaction",
        "/api/accounting/create_transaction",
        "/api/finance/create_transaction",
        "/api/accounting/api/v1/transactions",
    ];
    for (amount, path) in (1..).zip(ways) {
        let posted = world.post(path, &posting(amount)).by(&user).expect(200).await;
        assert_eq!(
            posted.body["data"]["amount"].to_string(),
            format!("{amount}.00"),
            "{path}"
        );
    }
    let command = json!({ "command": "create_transaction", "params": posting(6), "id": "six" });
    let first = world
        .post("/api/finance/commands", &command)
        .by(&user)
        .expect(200)
        .await;
    for path in ways {
        let again = world
            .post(path, &posting(6))
            .by(&user)
            .key("six")
            .expect(200)
            .await;
        assert_eq!(
            again.body["transaction_id"], first.body["data"]["transaction_id"],
            "{path}"
        );
    }
    // What the other services answer stands below their prefixes.
    let loan = json!({ "principal": 100_000, "annual_rate": 0.06, "term_months": 12 });
    let budget = json!({ "income": 1000, "method": "50/30/20" });
    for (prefix, path, body) in [
        ("/api/mortgage", "/api/v1/mortgage/calculate", &loan),
        ("/api/finance", "/api/v1/budget/recommend", &budget),
    ] {
        let itself = world.post(path, body).by(&user).expect(200).await;
        let below = world
            .post(format!("{prefix}{path}"), body)
            .by(&user)
            .expect(200)
            .await;
        assert_eq!(below.body, itself.body, "{prefix}{path}");
    }
    for (path, status) in [
        ("/api/inventory/api/v1/inventory/items", 200),
        ("/api/accounting/api/v1/ledger/statements/trial-balance", 200),
        ("/api/inventory/api/v1/mortgage/compare", 404),
        ("/api/mortgage/financial_report", 404),
        ("/api/mortgage/openapi.json", 404),
    ] {
        world.get(path).by(&user).expect(status).await;
    }
    let report = world
        .get("/api/finance/financial_report")
        .by(&user)
        .expect(200)
        .await;
    assert_eq!(report.body["transactions"], 6);
    assert_eq!(report.body["total_expenses"].to_string(), "21.00");
    for (path, body, status) in [
        ("/api/finance/commands", json!({ "command": "make_rich" }), 422),
        (
            "/api/finance/commands",
            json!({ "command": "create_transaction", "params": 7 }),
            422,
        ),
        ("/api/inventory/create_transaction", posting(1), 404),
        ("/api/accounting/rpc/finance/contract", posting(1), 404),
        ("/api/accounting", posting(1), 404),
    ] {
        world.post(path, &body).by(&user).expect(status).await;
    }
    world.post("/create_transaction", &posting(1)).expect(401).await;
    let listed = world
        .get("/api/v1/transactions?count=true")
        .by(&user)
        .expect(200)
        .await;
    assert_eq!(listed.body.as_array().map(Vec::len), Some(6));
}
