use crate::world::{PASSWORD, User, World};
use serde_json::json;

/// A route of every group that needs a log-in.
const GUARDED: [&str; 5] = [
    "/api/auth/me",
    "/api/v1/clients",
    "/api/v1/transactions",
    "/api/integrations/triplewhale/status",
    "/api/infrastructure/events",
];
const NEW: &str = "a brand new battery";

/// An account lives by mailed codes, and what one of them ends is ended in every group.
pub(crate) async fn accounts(world: &mut World) {
    let asha = world.newcomer("asha", "advisor").await;
    let code = world.mailed_code(1, &asha.email).await;
    let confirm = json!({ "token": code });
    world.post("/api/auth/email/verify", &confirm).expect(204).await;
    world
        .post("/api/v1/auth/email/verify", &confirm)
        .expect(422)
        .await;

    // A forgotten password: whoever was in is out, everywhere.
    everywhere(world, &asha, 200).await;
    let forgotten = json!({ "email": asha.email });
    world
        .post("/api/auth/password/forgot", &forgotten)
        .expect(202)
        .await;
    world
        .post(
            "/api/auth/password/forgot",
            &json!({ "email": "nobody@example.com" }),
        )
        .expect(202)
        .await;
    let code = world.mailed_code(2, &asha.email).await;
    let reset = json!({ "token": code, "new_password": NEW });
    world.post("/api/auth/password/reset", &reset).expect(204).await;
    everywhere(world, &asha, 401).await;
    let proof = json!({ "email": asha.email, "password": PASSWORD });
    world.post("/api/auth/login", &proof).expect(401).await;

    // An invitation by the new log-in.
    let proof = json!({ "email": asha.email, "password": NEW });
    let grant = world.post("/api/auth/login", &proof).expect(200).await;
    let asha = User::of(&grant);
    let invitation = json!({ "email": "ravi@example.com", "name": "Ravi", "role": "client" });
    world
        .post("/api/auth/invitations", &invitation)
        .by(&asha)
        .expect(201)
        .await;
    let code = world.mailed_code(1, "ravi@example.com").await;
    let accept = json!({ "token": code, "password": PASSWORD });
    world
        .post("/api/auth/invitations/accept", &accept)
        .expect(200)
        .await;
    let ravi = world.log_in("ravi@example.com").await;
    everywhere(world, &ravi, 200).await;

    // An account that goes, and comes back.
    let delete = json!({ "proof": { "password": PASSWORD } });
    world
        .post("/api/auth/account/delete", &delete)
        .by(&ravi)
        .expect(204)
        .await;
    everywhere(world, &ravi, 401).await;
    let code = world.mailed_code(2, "ravi@example.com").await;
    world
        .post("/api/auth/account/restore", &json!({ "token": code }))
        .expect(204)
        .await;
    let ravi = world.log_in("ravi@example.com").await;
    everywhere(world, &ravi, 200).await;
}

async fn everywhere(world: &mut World, user: &User, status: u16) {
    for path in GUARDED {
        world.get(path).by(user).until(status, |_| true).await;
    }
}
