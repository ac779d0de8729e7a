use crate::world::{PASSWORD, User, World};
use reqwest::Method;
use serde_json::json;

/// A route of every group that needs a log-in.
const GUARDED: [&str; 6] = [
    "/api/auth/me",
    "/api/v1/clients",
    "/api/v1/transactions",
    "/api/integrations/triplewhale/status",
    "/api/infrastructure/events",
    "/api/v1/financial-report",
];

/// Whoever is logged out is refused by every group, wherever it runs; whoever is not is not.
pub(crate) async fn revocation(world: &mut World) {
    let admin = world.admin().await;
    let first = world.newcomer("asha", "advisor").await;
    let second = world.log_in(&first.email).await;
    everywhere(world, &first, 200).await;
    everywhere(world, &second, 200).await;

    world
        .call(Method::POST, "/api/auth/logout")
        .by(&first)
        .expect(204)
        .await;
    everywhere(world, &first, 401).await;
    everywhere(world, &second, 200).await;

    world
        .put(
            format!("/api/auth/rbac/assignments/{}", second.id),
            &json!({ "role": "client" }),
        )
        .by(&admin)
        .expect(200)
        .await;
    everywhere(world, &second, 401).await;
    let third = world.log_in(&first.email).await;
    everywhere(world, &third, 200).await;
    world
        .post("/api/v1/clients", &json!({ "client_name": "x" }))
        .by(&third)
        .expect(403)
        .await;

    let fourth = world.log_in(&first.email).await;
    world.delete("/api/auth/sessions").by(&third).expect(204).await;
    everywhere(world, &third, 401).await;
    everywhere(world, &fourth, 401).await;

    // A token ends by itself too, by the clock.
    let fifth = world.log_in(&first.email).await;
    everywhere(world, &fifth, 200).await;
    world.wait(chrono::TimeDelta::minutes(6));
    everywhere(world, &fifth, 401).await;
}

/// Whoever is suspended or logged out by an administrator is refused by every group, and so is a key that is revoked;
/// who acts as somebody else is marked by every group, and a key reaches what it was made for.
pub(crate) async fn administration(world: &mut World) {
    let admin = world.admin().await;
    let user = world.newcomer("asha", "advisor").await;
    let act = |act: &str| format!("/api/v1/admin/users/{}/{act}", user.id);

    world
        .call(Method::POST, act("logout"))
        .by(&admin)
        .expect(204)
        .await;
    everywhere(world, &user, 401).await;
    let user = world.log_in(&user.email).await;
    everywhere(world, &user, 200).await;

    let key = json!({ "name": "export", "scopes": ["advisory.read", "finance.read", "auth.read"], "expires_in_days": 7 });
    let made = world.post("/api/auth/api-keys", &key).by(&user).expect(201).await;
    let narrow = exchanged(world, &made["api_key"], &user).await;
    for path in ["/api/auth/me", "/api/v1/clients", "/api/v1/transactions"] {
        world.get(path).by(&narrow).expect(200).await;
    }
    world
        .get("/api/integrations/triplewhale/status")
        .by(&narrow)
        .expect(403)
        .await;
    let posting = json!({ "type": "income", "amount": 1 });
    world
        .post("/api/v1/transactions", &posting)
        .by(&narrow)
        .expect(403)
        .await;
    let revoke = format!("/api/auth/api-keys/{}", made["key"]["id"].as_str().unwrap());
    world.delete(revoke).by(&user).expect(204).await;
    for path in ["/api/auth/me", "/api/v1/clients", "/api/v1/transactions"] {
        world.get(path).by(&narrow).until(401, |_| true).await;
    }

    let reason = json!({ "reason": "a ticket" });
    let acting = world
        .post(act("impersonate"), &reason)
        .by(&admin)
        .expect(200)
        .await;
    let acting = User {
        token: acting.text("access_token"),
        ..user.clone()
    };
    for path in GUARDED {
        let seen = world.get(path).by(&acting).expect(200).await;
        assert_eq!(
            seen.header("x-impersonated-by"),
            Some(admin.id.as_str()),
            "{path}"
        );
    }
    let client = json!({ "client_name": "Rajesh" });
    world
        .post("/api/v1/clients", &client)
        .by(&acting)
        .expect(201)
        .await;
    world.settle(&admin).await;
    let log = world
        .unrecorded("/api/v1/admin/audit?action=client.created", &admin)
        .await;
    assert_eq!(log[0]["actor"], format!("user/{} by user/{}", user.id, admin.id));

    world
        .call(Method::POST, act("suspend"))
        .by(&admin)
        .expect(200)
        .await;
    everywhere(world, &user, 401).await;
    everywhere(world, &acting, 401).await;
    let proof = json!({ "email": user.email, "password": PASSWORD });
    world.post("/api/auth/login", &proof).expect(403).await;
    world
        .call(Method::POST, act("restore"))
        .by(&admin)
        .expect(200)
        .await;
    let user = world.log_in(&user.email).await;
    everywhere(world, &user, 200).await;
}

/// What every group knows of a user is told to them, and forgotten when an administrator says so; figures stay.
pub(crate) async fn personal_data(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let user = world.newcomer("rajesh", "client").await;
    let client = json!({
        "client_name": "Rajesh Kumar", "tax_id": "ABCDE1234F", "user_id": user.id, "advisor_id": advisor.id
    });
    world
        .post("/api/v1/clients", &client)
        .by(&admin)
        .expect(201)
        .await;
    let posting = json!({ "type": "income", "amount": "12.50", "description": "Secret gift" });
    world
        .post("/api/v1/transactions", &posting)
        .by(&user)
        .expect(200)
        .await;

    let known = world.get("/api/auth/account/export").by(&user).unseen(200).await;
    let text = known.body.to_string();
    for told in [
        "rajesh@example.com",
        "ABCDE1234F",
        "Rajesh Kumar",
        "Secret gift",
        "12.50",
    ] {
        assert!(text.contains(told), "{told} is not told: {text}");
    }
    let erase = format!("/api/v1/admin/users/{}/erase", user.id);
    world
        .call(Method::POST, erase.clone())
        .by(&advisor)
        .expect(403)
        .await;
    world
        .call(Method::POST, erase.clone())
        .by(&admin)
        .unseen(200)
        .await;
    world.call(Method::POST, erase).by(&admin).unseen(200).await;
    everywhere(world, &user, 401).await;
    for list in ["/api/v1/clients", "/api/v1/transactions", "/api/v1/admin/users"] {
        let seen = world.get(list).by(&admin).unseen(200).await.body.to_string();
        for forgotten in ["rajesh@example.com", "ABCDE1234F", "Rajesh Kumar", "Secret gift"] {
            assert!(
                !seen.contains(forgotten),
                "{list} still tells {forgotten}: {seen}"
            );
        }
    }
    let ledger = world.get("/api/v1/transactions").by(&admin).unseen(200).await;
    assert_eq!(
        ledger.body[0]["amount"].to_string(),
        "12.50",
        "figures stay: {}",
        ledger.body
    );
    erased_at_their_own_wish(world).await;
}

/// Whoever asks for it and proves themselves is out at once, and erased by a job in every group.
async fn erased_at_their_own_wish(world: &mut World) {
    let ravi = world.newcomer("ravi", "client").await;
    let gift = json!({ "type": "income", "amount": 3, "description": "From an aunt in Pune" });
    world
        .post("/api/v1/transactions", &gift)
        .by(&ravi)
        .unseen(200)
        .await;
    let proof = json!({ "proof": { "password": PASSWORD } });
    world
        .post("/api/auth/account/erase", &proof)
        .by(&ravi)
        .expect(204)
        .await;
    everywhere(world, &ravi, 401).await;
    world.wait(chrono::TimeDelta::minutes(7));
    let admin = world.admin().await;
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    for list in ["/api/v1/transactions", "/api/v1/admin/users"] {
        loop {
            let seen = world.unrecorded(list, &admin).await.to_string();
            if !seen.contains("aunt in Pune") && !seen.contains("ravi@example.com") {
                break;
            }
            assert!(tokio::time::Instant::now() < end, "{list} still tells: {seen}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

async fn exchanged(world: &mut World, key: &serde_json::Value, user: &User) -> User {
    let exchange = json!({ "api_key": key });
    let granted = world.post("/api/auth/token", &exchange).expect(200).await;
    User {
        token: granted.text("access_token"),
        ..user.clone()
    }
}

async fn everywhere(world: &mut World, user: &User, status: u16) {
    for path in GUARDED {
        world.get(path).by(user).until(status, |_| true).await;
    }
}
