use crate::world::World;
use serde_json::json;

/// Two equal coffees on one day stay two. No other two rows share a day, so that nothing is ordered by chance.
const STATEMENT: &str = "Date,Description,Amount,Balance
2025-10-01,Opening Balance,3061.69,3061.69
2025-10-04,Payroll,1350.60,4412.29
2025-10-06,Rent,-2400.00,2012.29
2025-11-02,\"Coffee, black\",-3.20,2009.09
2025-11-02,\"Coffee, black\",-3.20,2005.89
2025-11-30,Dividend,12.34,2018.23
2025-12-24,Présents,-150.00,1868.23
";

/// A statement: rehearsed, imported, imported again, overlapped; wrong files; the report over all.
pub(crate) async fn statements(world: &mut World) {
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
    let account = json!({ "name": "Everyday", "kind": "checking", "currency": "USD", "user_id": user });
    let account = world
        .post("/api/v1/accounts", &account)
        .by(&advisor)
        .expect(201)
        .await
        .text("id");
    let import = format!("/api/v1/transactions/import?account_id={account}");

    let rehearsal = format!("{import}&dry_run=true");
    csv(world, &rehearsal, STATEMENT).by(&advisor).expect(200).await;
    world
        .get(format!("/api/v1/accounts/{user}"))
        .by(&advisor)
        .expect(200)
        .await;
    let first = csv(world, &import, STATEMENT).by(&advisor).expect(200).await;
    assert_eq!(first["imported"], 7);
    let second = csv(world, &import, STATEMENT).by(&advisor).expect(200).await;
    assert_eq!(
        (&second["imported"], &second["duplicates"]),
        (&json!(0), &json!(7))
    );
    let overlapping = STATEMENT.replace("2025-10-01,Opening Balance", "2025-10-02,Another beginning");
    csv(world, &import, &overlapping).by(&advisor).expect(200).await;

    for wrong in [
        "",
        "Date,Description\n2026-01-01,no amount\n",
        "Date,Description,Amount\nyesterday,x,1\n2026-01-02,y,many\n",
        "Date,Description,Amount\n2026-01-01,\"no end,1\n",
    ] {
        csv(world, &import, wrong).by(&advisor).expect(422).await;
    }
    csv(world, &import, STATEMENT).by(&other).expect(404).await;
    csv(world, "/api/v1/transactions/import", STATEMENT)
        .by(&advisor)
        .expect(422)
        .await;
    csv(world, &import, STATEMENT).expect(401).await;
    world
        .post(import.clone(), &json!([]))
        .by(&advisor)
        .expect(415)
        .await;
    let latin = b"Date,Description,Amount\n2026-01-01,caf\xe9,1\n".to_vec();
    world
        .call(reqwest::Method::POST, import)
        .bytes("text/csv", latin)
        .by(&advisor)
        .send()
        .await;

    world
        .get(format!("/api/v1/accounts/{user}/{account}"))
        .by(&advisor)
        .expect(200)
        .await;
    let mut next = Some(format!("/api/v1/transactions?user_id={user}&sort=date&limit=3"));
    while let Some(path) = next {
        next = world.get(path).by(&advisor).expect(200).await.next();
    }
    for query in [
        format!("user_id={user}"),
        format!("user_id={user}&from=2025-10-02&to=2025-11-30"),
        format!("account_id={account}"),
        format!("user_id={user}&currency=USD"),
    ] {
        world
            .get(format!("/api/v1/financial-report?{query}"))
            .by(&advisor)
            .expect(200)
            .await;
    }
    for query in ["from=2026-01-02&to=2026-01-01", "currency=XXX", "user_id=me"] {
        world
            .get(format!("/api/v1/financial-report?{query}"))
            .by(&advisor)
            .expect(422)
            .await;
    }
    world
        .get(format!("/api/v1/financial-report?user_id={user}"))
        .by(&other)
        .expect(404)
        .await;
    world.get("/api/v1/financial-report").by(&advisor).send().await;
}

fn csv<'world>(world: &'world mut World, path: &str, text: &str) -> crate::world::Call<'world> {
    world.call(reqwest::Method::POST, path).bytes("text/csv", text)
}
