use crate::world::{PASSWORD, User, World};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Authenticator;

/// A route of every group that needs a log-in.
const GUARDED: [&str; 5] = [
    "/api/auth/me",
    "/api/v1/clients",
    "/api/v1/transactions",
    "/api/integrations/triplewhale/status",
    "/api/infrastructure/events",
];

/// A second factor is enrolled, asked for, lost and taken away; what it lets in is let in everywhere, and what is taken
/// away is refused everywhere. What is random is not compared.
pub(crate) async fn second_factor(world: &mut World) {
    let admin = world.admin().await;
    let asha = world.newcomer("asha", "advisor").await;
    let proof = json!({ "proof": { "password": PASSWORD } });
    let enrolled = world
        .post("/api/auth/mfa/enroll", &proof)
        .by(&asha)
        .unseen(200)
        .await;
    let app = Authenticator::scan(&enrolled.text("otpauth_uri"));
    let code = json!({ "code": app.code(world.now()) });
    let confirmed = world
        .post("/api/auth/mfa/confirm", &code)
        .by(&asha)
        .unseen(200)
        .await;
    let recovery = confirmed["recovery_codes"].clone();
    world.get("/api/auth/mfa").by(&asha).expect(200).await;
    world.wait(TimeDelta::seconds(60));

    let begun = begin(world, &asha).await;
    world
        .post(
            "/api/auth/mfa/challenge",
            &json!({ "mfa_token": begun, "code": "000000" }),
        )
        .expect(403)
        .await;
    let code = app.code(world.now());
    let finish = json!({ "mfa_token": begun, "code": code });
    let grant = world
        .post("/api/v1/auth/mfa/challenge", &finish)
        .expect(200)
        .await;
    let asha = User::of(&grant);
    everywhere(world, &asha, 200).await;
    world.post("/api/auth/mfa/challenge", &finish).expect(401).await;

    // Without the phone.
    let begun = begin(world, &asha).await;
    let lost = json!({ "mfa_token": begun, "recovery_code": recovery[0] });
    let grant = world.post("/api/auth/mfa/challenge", &lost).expect(200).await;
    let asha = User::of(&grant);
    everywhere(world, &asha, 200).await;

    // Without the codes either: an administrator helps, and whoever is in is out.
    let reset = format!("/api/v1/admin/users/{}/mfa/reset", asha.id);
    world.post(reset.clone(), &proof).by(&asha).expect(403).await;
    world.post(reset, &proof).by(&admin).expect(204).await;
    everywhere(world, &asha, 401).await;
    let asha = world.log_in(&asha.email).await;
    everywhere(world, &asha, 200).await;
}

/// A page that leaves its refresh token to the browser, behind whatever forwards it.
pub(crate) async fn pages(world: &mut World) {
    let asha = world.newcomer("asha", "advisor").await;
    let proof = json!({ "email": asha.email, "password": PASSWORD, "cookie": true });
    let login = world.post("/api/auth/login", &proof).unseen(200).await;
    assert_eq!(login["refresh_token"], Value::Null);
    let cookie = cookie_of(login.header("set-cookie"));
    world
        .post("/api/auth/refresh", &json!({}))
        .header("cookie", cookie.clone())
        .expect(403)
        .await;
    let renewed = world
        .post("/api/auth/refresh", &json!({}))
        .header("cookie", cookie.clone())
        .header("x-csrf", "1")
        .unseen(200)
        .await;
    let next = cookie_of(renewed.header("set-cookie"));
    assert_ne!(next, cookie);
    let page = User {
        token: renewed.text("access_token"),
        ..asha
    };
    everywhere(world, &page, 200).await;
    let out = world
        .call(Method::POST, "/api/auth/logout")
        .by(&page)
        .header("cookie", next.clone())
        .unseen(204)
        .await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    everywhere(world, &page, 401).await;
    world
        .post("/api/auth/refresh", &json!({}))
        .header("cookie", next)
        .header("x-csrf", "1")
        .expect(401)
        .await;
}

/// Tokens that only auth can mint: every group proves them, and refuses them once they are taken back.
pub(crate) async fn key_pairs(world: &mut World) {
    let account =
        json!({ "email": "asha@example.com", "password": PASSWORD, "name": "Asha", "role": "advisor" });
    world.post("/api/auth/register", &account).expect(201).await;
    // The keys are made by chance.
    let asha = User::of(&world.post("/api/auth/login", &account_proof()).unseen(200).await);
    everywhere(world, &asha, 200).await;
    let keys = world.get("/api/auth/jwks.json").unseen(200).await;
    assert_eq!(keys["keys"][0]["alg"], "EdDSA");
    assert_eq!(keys["keys"][0].get("d"), None);
    let client = json!({ "client_name": "Rajesh" });
    world.post("/api/v1/clients", &client).by(&asha).expect(201).await;
    let mut parts: Vec<&str> = asha.token.split('.').collect();
    let unsigned = User {
        token: {
            parts[0] = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
            parts[2] = "";
            parts.join(".")
        },
        ..asha.clone()
    };
    everywhere(world, &unsigned, 401).await;
    world
        .call(Method::POST, "/api/auth/logout")
        .by(&asha)
        .expect(204)
        .await;
    everywhere(world, &asha, 401).await;
}

fn account_proof() -> Value {
    json!({ "email": "asha@example.com", "password": PASSWORD })
}

/// The first step of a log-in.
async fn begin(world: &mut World, user: &User) -> Value {
    let proof = json!({ "email": user.email, "password": PASSWORD });
    let begun = world.post("/api/auth/login", &proof).unseen(202).await;
    begun["mfa_token"].clone()
}

fn cookie_of(set: Option<&str>) -> String {
    set.unwrap().split(';').next().unwrap().to_owned()
}

async fn everywhere(world: &mut World, user: &User, status: u16) {
    for path in GUARDED {
        world.get(path).by(user).until(status, |_| true).await;
    }
}
