use crate::world::World;
use reqwest::Method;
use serde_json::{Value, json};

/// Each class of route has its own count, kept where the request comes in, whichever process answers it: per user, or
/// per address while nobody is known.
pub(crate) async fn rate_limits(world: &mut World) {
    let admin = world.admin().await;
    let proof = json!({ "email": admin.email, "password": "wrong horse battery" });
    world.post("/api/auth/login", &proof).expect(429).await;
    world.post("/api/v1/auth/refresh", &json!({})).expect(429).await;

    for (path, status) in [
        ("/api/v1/clients", 200),
        ("/api/v1/transactions", 200),
        ("/api/infrastructure/registry", 429),
        ("/api/auth/me", 429),
    ] {
        world.get(path).by(&admin).expect(status).await;
    }
    world.get("/api/v1/clients").expect(401).await;
    world.call(Method::HEAD, "/api/v1/transactions").expect(401).await;
    world.call(Method::HEAD, "/api/integrations").expect(429).await;
    world.call(Method::OPTIONS, "/api/v1/clients").send().await;

    for (path, status) in [
        ("/api/v1/clients", 422),
        ("/api/v1/accounts", 422),
        ("/api/v1/clients", 429),
        ("/api/integrations/triplewhale/connect", 429),
    ] {
        world.post(path, &json!({})).by(&admin).expect(status).await;
    }
    let posting = json!({ "type": "income", "amount": 1 });
    world
        .post("/api/v1/transactions", &posting)
        .by(&admin)
        .expect(200)
        .await;
    for path in [
        "/api/v1/transactions",
        "/create_transaction",
        "/api/accounting/create_transaction",
        "/api/finance/commands",
    ] {
        world.post(path, &posting).expect(429).await;
    }
    for path in ["/health", "/ready", "/openapi.json", "/no/such/path"] {
        for _ in 0..3 {
            world.get(path).send().await;
        }
    }
}

/// Bodies near and over what is taken, and answers that come in many packets.
pub(crate) async fn large_bodies(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let client = world
        .post("/api/v1/clients", &json!({ "client_name": "Rajesh" }))
        .by(&advisor)
        .expect(201)
        .await;
    let user = client.text("user_id");
    world.settle(&admin).await;
    let account = json!({ "name": "Everyday", "kind": "checking", "user_id": user });
    let account = world
        .post("/api/v1/accounts", &account)
        .by(&advisor)
        .expect(201)
        .await
        .text("id");

    let mut statement = "Date,Description,Amount\n".to_owned();
    let mut paise = 0;
    let first = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    for (number, day) in first.iter_days().take(400).enumerate() {
        let amount = (number * 37) % 1000;
        paise += amount * 100 + number % 100;
        statement.push_str(&format!(
            "{day},{} {number},{amount}.{:02}\n",
            "long ".repeat(60),
            number % 100
        ));
    }
    let import = format!("/api/v1/transactions/import?account_id={account}");
    let imported = world
        .call(Method::POST, import.clone())
        .bytes("text/csv", statement)
        .by(&advisor)
        .expect(200)
        .await;
    assert_eq!(imported["rows"], 400);
    let mut next = Some(format!("/api/v1/transactions?user_id={user}&limit=200"));
    while let Some(path) = next {
        next = world.get(path).by(&advisor).expect(200).await.next();
    }

    let within = json!({ "client_name": "x".repeat(1_000_000) });
    world
        .post("/api/v1/clients", &within)
        .by(&advisor)
        .expect(422)
        .await;
    let who = format!("host: x\r\nauthorization: Bearer {}\r\n", advisor.token);
    for (path, kind, length) in [
        ("/api/v1/clients", "application/json", "1048577"),
        ("/api/v1/transactions", "application/json", "99999999999"),
        ("/api/auth/login", "application/json", "1048577"),
        (
            "/api/integrations/triplewhale/connect",
            "application/json",
            "1048577",
        ),
        (&import, "text/csv", "33554433"),
        ("/no/such/path", "application/json", "1048577"),
    ] {
        let head =
            format!("POST {path} HTTP/1.1\r\n{who}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        world.raw(head).await;
    }
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let head = format!("POST /api/v1/clients HTTP/1.1\r\n{who}content-type: application/json\r\n");
    let small = "{\"client_name\":\"Chunk\"}";
    let small = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{small}\r\n0\r\n\r\n",
        small.len()
    );
    world.raw(small).await;
    let within = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(4)
    );
    world.raw(within).await;
    // Chunk and Rajesh, whose total follows the statement in a moment.
    let total: Value = serde_json::from_str(&format!("{}.{:02}", paise / 100, paise % 100)).unwrap();
    world
        .get("/api/v1/clients")
        .by(&advisor)
        .until(200, |reply| reply.body[1]["total_assets"] == total)
        .await;
}
