use crate::world::{User, World};
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

async fn everywhere(world: &mut World, user: &User, status: u16) {
    for path in GUARDED {
        world.get(path).by(user).until(status, |_| true).await;
    }
}
