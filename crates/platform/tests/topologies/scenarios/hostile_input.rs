use crate::world::World;
use reqwest::Method;
use serde_json::{Value, json};

/// Texts that break what takes them for something else.
const TEXTS: [&str; 12] = [
    "' OR '1'='1",
    "\"; DROP TABLE users; --",
    "{\"$gt\":\"\"}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "\u{0}",
    "a\r\nx-injected: yes",
    "\u{202e}txt.exe",
    "${jndi:ldap://localhost/x}",
    "%s%s%n",
    "\u{feff}\u{200b}",
    "🦀",
];

/// Hostile values in paths, queries, headers, bodies, and bytes that are hardly HTTP: refused alike everywhere.
pub(crate) async fn hostile_input(world: &mut World) {
    let advisor = world.newcomer("asha", "advisor").await;
    for text in TEXTS {
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            "/api/v1/clients",
            "/api/v1/accounts",
            "/api/v1/transactions",
            "/api/v1/users",
            "/api/auth",
        ] {
            world.get(format!("{path}/{encoded}")).by(&advisor).send().await;
        }
        for query in [
            "/api/v1/clients?search=",
            "/api/v1/clients?cursor=",
            "/api/v1/transactions?category=",
            "/api/infrastructure/events?group=",
            "/api/v1/financial-report?from=",
        ] {
            world.get(format!("{query}{encoded}")).by(&advisor).send().await;
        }
        world
            .post(
                "/api/v1/clients",
                &json!({ "client_name": text, "risk_profile": text }),
            )
            .by(&advisor)
            .expect(422)
            .await;
        world
            .post("/api/auth/login", &json!({ "email": text, "password": text }))
            .send()
            .await;
        let posting = json!({ "type": "income", "amount": text, "description": text });
        world
            .post("/api/v1/transactions", &posting)
            .by(&advisor)
            .expect(422)
            .await;
        let credentials = json!({ "api_key": text, "shop_domain": text });
        world
            .post("/api/integrations/triplewhale/connect", &credentials)
            .by(&advisor)
            .expect(422)
            .await;
    }
    for value in [
        json!(null),
        json!(true),
        json!(1),
        json!(-1.5),
        json!([]),
        json!({}),
        json!({ "$ne": null }),
    ] {
        wrong_types(world, &advisor, &value).await;
    }
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for path in ["/api/v1/clients", "/api/v1/transactions", "/api/auth/login"] {
        world
            .call(Method::POST, path)
            .bytes("application/json", deep.clone())
            .by(&advisor)
            .send()
            .await;
        world
            .call(Method::POST, path)
            .bytes("application/json", b"\xff\xfe{}".to_vec())
            .by(&advisor)
            .send()
            .await;
    }
    hardly_http(world, &advisor.token).await;
    world.get("/api/v1/clients").by(&advisor).expect(200).await;
}

async fn wrong_types(world: &mut World, advisor: &crate::world::User, value: &Value) {
    let bodies = [
        ("/api/v1/clients", json!({ "client_name": value })),
        ("/api/v1/accounts", json!({ "name": "x", "kind": value })),
        ("/api/v1/transactions", json!({ "type": value, "amount": 1 })),
        ("/api/auth/refresh", json!({ "refresh_token": value })),
        (
            "/api/integrations/triplewhale/connect",
            json!({ "api_key": value, "shop_domain": "a.example.com" }),
        ),
    ];
    for (path, body) in bodies {
        world.post(path, &body).by(advisor).expect(422).await;
    }
}

/// Targets and heads that a client library would not send.
async fn hardly_http(world: &mut World, token: &str) {
    let who = format!("host: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n");
    for target in [
        "//api/v1/clients",
        "/api//v1/clients",
        "/api/v1/../v1/clients",
        "/api/v1/./clients",
        "/api/v1/clients/../../auth/me",
        "/api/v1/%63lients",
        "/api/v1/clients%2F",
        "/api/v1%2Fclients",
        "/api/v1/clients;a=b",
        "/api/v1/clients?",
        "/api/v1/clients?&&",
        "/api/v1/clients#x",
        "/API/V1/CLIENTS",
        "/api/v1/clients/%ff",
        "/api/v1/clients?search=%ff",
        "/api/v1/clients?search=%zz",
        "http://elsewhere.example.com/api/v1/clients",
    ] {
        world.raw(format!("GET {target} HTTP/1.1\r\n{who}\r\n")).await;
    }
    for head in [
        "x-forwarded-for: 10.0.0.1, garbage",
        "forwarded: for=\"[::1]\"",
        "x-forwarded-host: elsewhere.example.com",
        "x-http-method-override: DELETE",
        "x-original-url: /api/auth/me",
        "x-rpc: answer",
        "x-deadline-ms: 0",
        "x-call-depth: 99",
        "expect: something",
        "upgrade: h2c",
        "range: bytes=0-1",
        "if-none-match: *",
        "cookie: session=1",
        "te: trailers",
    ] {
        world
            .raw(format!("GET /api/v1/clients HTTP/1.1\r\n{who}{head}\r\n\r\n"))
            .await;
    }
    world
        .raw(format!("GET /api/v1/clients HTTP/1.0\r\n{who}\r\n"))
        .await;
    world
        .raw(format!(
            "GET /api/v1/clients HTTP/1.1\r\n{who}authorization: Bearer other\r\n\r\n"
        ))
        .await;
}
