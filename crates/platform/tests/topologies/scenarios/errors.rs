use crate::world::World;
use reqwest::Method;
use serde_json::json;

const NOBODY: &str = "0190a5c0-0000-7000-8000-000000000000";

/// Every refusal of the error contract, from every group.
pub(crate) async fn errors(world: &mut World) {
    let advisor = world.newcomer("asha", "advisor").await;
    let client = world.newcomer("rajesh", "client").await;
    let routes = [
        "/api/v1/clients",
        "/api/v1/accounts",
        "/api/v1/transactions",
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/integrations/triplewhale/connect",
        "/api/infrastructure/events/replay",
    ];
    for path in routes {
        for (kind, body) in [
            ("application/json", "{"),
            ("application/json", ""),
            ("application/json", "null"),
            ("application/json", "[]"),
            ("application/json", "{\"a\":1,\"a\":2}"),
            ("application/json", "{}"),
            ("text/plain", "hello"),
            ("", "{}"),
            ("application/json; charset=utf-16", "{}"),
        ] {
            world
                .call(Method::POST, path)
                .bytes(kind, body)
                .by(&advisor)
                .send()
                .await;
        }
        world.call(Method::POST, path).by(&advisor).send().await;
        world
            .call(Method::POST, path)
            .json(&json!({}))
            .header("content-encoding", "gzip")
            .by(&advisor)
            .expect(415)
            .await;
        for method in [Method::PATCH, Method::TRACE, Method::from_bytes(b"BREW").unwrap()] {
            world.call(method, path).by(&advisor).expect(405).await;
        }
        world
            .call(Method::GET, format!("{path}/"))
            .by(&advisor)
            .send()
            .await;
    }
    for path in [
        "/",
        "/no/such/path",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/clients",
        "/api/v1/clientsx",
        "/api/v1/clients/not-an-id",
        "/api/v1/accounts/not-an-id",
        "/api/v1/transactions/import",
        "/api/auth",
        "/api/auth/nobody",
        "/api/integrations/",
        "/api/infrastructure",
        "/rpc/auth/users.user",
        "/rpc/finance/contract",
        "/favicon.ico",
    ] {
        world.get(path).send().await;
        world.get(path).by(&advisor).send().await;
        world.call(Method::DELETE, path).by(&advisor).send().await;
    }
    for (path, token) in [
        ("/api/v1/clients", "garbage"),
        ("/api/v1/transactions", "a.b.c"),
        ("/api/auth/me", ""),
        ("/api/integrations", "garbage"),
        ("/api/infrastructure/registry", "garbage"),
    ] {
        world
            .get(path)
            .header("authorization", format!("Bearer {token}"))
            .expect(401)
            .await;
        world
            .get(path)
            .header("authorization", "Basic YTpi")
            .expect(401)
            .await;
        world
            .get(path)
            .header("authorization", format!("bearer {}", advisor.token))
            .send()
            .await;
    }
    for (path, body) in [
        ("/api/v1/clients", json!({ "client_name": "x" })),
        (
            "/api/infrastructure/events/replay",
            json!({ "group": "finance", "consumer": "finance.book" }),
        ),
    ] {
        world.post(path, &body).by(&client).expect(403).await;
    }
    world
        .post("/rpc/auth/users.user", &json!({ "id": client.id }))
        .by(&advisor)
        .send()
        .await;
    world
        .get("/api/v1/clients")
        .header("accept", "text/html")
        .by(&advisor)
        .expect(200)
        .await;
    let chosen = "0190a5c0-1111-7000-8000-000000000001";
    let known = world
        .get(format!("/api/v1/clients/{NOBODY}"))
        .header("x-request-id", chosen)
        .by(&advisor)
        .expect(404)
        .await;
    assert_eq!(known.header("x-request-id"), Some(chosen));
    world
        .get("/api/v1/transactions")
        .header("x-request-id", "no id")
        .by(&advisor)
        .expect(200)
        .await;
}
