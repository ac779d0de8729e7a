use crate::world::World;
use reqwest::Method;
use serde_json::json;

/// What browsers ask besides the requests themselves: HEAD, preflights, origins, the documentation.
pub(crate) async fn browsers(world: &mut World) {
    let advisor = world.newcomer("asha", "advisor").await;
    let routes = [
        "/api/v1/clients",
        "/api/v1/transactions",
        "/api/auth/login",
        "/api/auth/me",
        "/api/integrations",
        "/api/infrastructure/registry",
        "/health",
        "/no/such/path",
    ];
    for path in routes {
        world.call(Method::HEAD, path).send().await;
        world.call(Method::HEAD, path).by(&advisor).send().await;
        world.call(Method::OPTIONS, path).send().await;
        for origin in ["http://localhost:5173", "http://evil.example.com", "null"] {
            world
                .call(Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header(
                    "access-control-request-headers",
                    "authorization, content-type, idempotency-key",
                )
                .send()
                .await;
            world.get(path).header("origin", origin).by(&advisor).send().await;
        }
    }
    let made = world
        .post("/api/v1/clients", &json!({ "client_name": "x" }))
        .header("origin", "http://localhost:5173")
        .by(&advisor)
        .expect(201)
        .await;
    let place = made.header("location").unwrap().to_owned();
    world
        .call(Method::HEAD, place.clone())
        .by(&advisor)
        .expect(200)
        .await;
    world
        .get(place)
        .by(&advisor)
        .header("if-none-match", "\"1\"")
        .send()
        .await;

    world.get("/openapi.json").expect(200).await;
    world.call(Method::HEAD, "/openapi.json").expect(200).await;
    for path in [
        "/",
        "/docs",
        "/docs/",
        "/docs/swagger-initializer.js",
        "/docs/nothing",
    ] {
        world.call(Method::HEAD, path).send().await;
        world.get(path).send().await;
    }
    world.call(Method::POST, "/openapi.json").send().await;
}
