use crate::world::{PASSWORD, User, World};
use serde_json::json;

/// Registration, log-in in both forms, refresh, sessions, log-out; and everything that is refused on the way.
pub(crate) async fn signing_in(world: &mut World) {
    let account =
        json!({ "email": "Asha@Example.com", "password": PASSWORD, "name": "Asha Rao", "role": "advisor" });
    world.get("/api/auth/login").expect(200).await;
    world.get("/api/v1/auth/login").expect(200).await;
    world.post("/api/auth/register", &account).expect(201).await;
    // Taken: the same answer, so that nobody learns it.
    world.post("/api/auth/register", &account).expect(201).await;
    for (field, value) in [
        ("role", json!("admin")),
        ("email", json!("no e-mail")),
        ("password", json!("short")),
        ("name", json!("")),
        ("colour", json!("red")),
    ] {
        let mut wrong = account.clone();
        wrong[field] = value;
        world.post("/api/auth/register", &wrong).expect(422).await;
    }

    let proof = json!({ "email": "asha@example.com", "password": PASSWORD });
    let first = User::of(&world.post("/api/auth/login", &proof).expect(200).await);
    let form = format!(
        "grant_type=password&username=asha%40example.com&password={}",
        PASSWORD.replace(' ', "+")
    );
    let second = world
        .call(reqwest::Method::POST, "/api/v1/auth/login")
        .header("user-agent", "a browser")
        .bytes("application/x-www-form-urlencoded", form)
        .expect(200)
        .await;
    let second = User::of(&second);
    for wrong in [
        json!({ "email": "asha@example.com", "password": "wrong horse battery" }),
        json!({ "email": "nobody@example.com", "password": PASSWORD }),
    ] {
        world.post("/api/auth/login", &wrong).expect(401).await;
    }
    world
        .post("/api/auth/login", &json!({ "email": "asha@example.com" }))
        .expect(422)
        .await;

    world.get("/api/auth/me").by(&first).expect(200).await;
    world.get("/api/v1/auth/me").by(&second).expect(200).await;
    world.get("/api/auth/me").expect(401).await;
    world
        .get(format!("/api/v1/users/{}", first.id))
        .by(&first)
        .expect(200)
        .await;

    let exchange = json!({ "refresh_token": first.refresh_token });
    let renewed = world.post("/api/auth/refresh", &exchange).expect(200).await;
    let renewed = User {
        token: renewed.text("access_token"),
        refresh_token: renewed.text("refresh_token"),
        ..first
    };
    world.post("/api/auth/refresh", &exchange).expect(409).await;
    world
        .post("/api/auth/refresh", &json!({ "refresh_token": "made up" }))
        .expect(401)
        .await;
    world.get("/api/auth/me").by(&renewed).expect(200).await;

    let sessions = world
        .get("/api/auth/sessions?count=true")
        .by(&renewed)
        .expect(200)
        .await;
    assert_eq!(sessions.body.as_array().unwrap().len(), 2);
    world
        .get("/api/auth/sessions?limit=1&sort=created_at")
        .by(&renewed)
        .send()
        .await;
    let list = sessions.body.as_array().unwrap();
    let other = list.iter().find(|session| session["current"] == false).unwrap();
    let other = format!("/api/auth/sessions/{}", other["id"].as_str().unwrap());
    world.delete(other.clone()).by(&renewed).expect(204).await;
    world.delete(other).by(&renewed).send().await;
    world.get("/api/auth/me").by(&second).until(401, |_| true).await;
    world
        .post(
            "/api/auth/refresh",
            &json!({ "refresh_token": second.refresh_token }),
        )
        .expect(401)
        .await;

    world
        .call(reqwest::Method::POST, "/api/auth/logout")
        .by(&renewed)
        .expect(204)
        .await;
    world.get("/api/auth/me").by(&renewed).until(401, |_| true).await;
    world
        .call(reqwest::Method::POST, "/api/auth/logout")
        .by(&renewed)
        .expect(401)
        .await;
    world
        .post(
            "/api/auth/refresh",
            &json!({ "refresh_token": renewed.refresh_token }),
        )
        .expect(401)
        .await;
    world.log_in(&renewed.email).await;
}

/// Who may see and change roles, and what becomes of those whose role is changed.
pub(crate) async fn roles(world: &mut World) {
    let admin = world.admin().await;
    let advisor = world.newcomer("asha", "advisor").await;
    let client = world.newcomer("rajesh", "client").await;
    for place in [
        "roles",
        "permissions",
        "assignments",
        "assignments?role=advisor",
        "assignments?sort=-created_at",
    ] {
        let path = format!("/api/auth/rbac/{place}");
        world.get(path.clone()).expect(401).await;
        world.get(path.clone()).by(&client).send().await;
        world.get(path).by(&admin).expect(200).await;
    }
    let mut place = Some("/api/auth/rbac/assignments?limit=1&count=true".to_owned());
    while let Some(path) = place {
        place = world.get(path).by(&admin).expect(200).await.next();
    }
    world
        .get("/api/auth/rbac/assignments?role=king")
        .by(&admin)
        .expect(422)
        .await;
    world
        .get("/api/auth/rbac/assignments?cursor=made-up")
        .by(&admin)
        .send()
        .await;

    let assignment = format!("/api/auth/rbac/assignments/{}", client.id);
    world
        .put(assignment.clone(), &json!({ "role": "advisor" }))
        .by(&client)
        .expect(403)
        .await;
    world
        .put(assignment.clone(), &json!({ "role": "king" }))
        .by(&admin)
        .expect(422)
        .await;
    world
        .put(assignment.clone(), &json!({ "role": "compliance" }))
        .by(&admin)
        .expect(200)
        .await;
    world.get("/api/auth/me").by(&client).until(401, |_| true).await;
    let renewed = json!({ "refresh_token": client.refresh_token });
    let renewed = world.post("/api/auth/refresh", &renewed).expect(200).await;
    let compliance = User {
        token: renewed.text("access_token"),
        ..client
    };
    world
        .get("/api/auth/rbac/assignments")
        .by(&compliance)
        .expect(200)
        .await;
    world
        .get(format!("/api/v1/users/{}", advisor.id))
        .by(&compliance)
        .expect(200)
        .await;
    world
        .get(format!("/api/v1/users/{}", compliance.id))
        .by(&advisor)
        .expect(404)
        .await;
    world
        .get("/api/v1/users/0190a5c0-0000-7000-8000-000000000000")
        .by(&admin)
        .expect(404)
        .await;
    let own = format!("/api/auth/rbac/assignments/{}", admin.id);
    world
        .put(own, &json!({ "role": "client" }))
        .by(&admin)
        .expect(409)
        .await;
    let nobody = "/api/auth/rbac/assignments/0190a5c0-0000-7000-8000-000000000000";
    world
        .put(nobody, &json!({ "role": "client" }))
        .by(&admin)
        .expect(404)
        .await;
}
