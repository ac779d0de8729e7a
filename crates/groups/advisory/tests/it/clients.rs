use crate::setting::Setting;
use kernel::Role;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_client_is_created_read_updated_and_deleted() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let body = json!({
        "client_name": "Rajesh Kumar", "email": "Rajesh@Example.com", "risk_profile": "aggressive",
        "total_assets": "12345678901234567.89", "kyc_expiry_date": "2027-03-31",
    });
    let made = server.post("/api/v1/clients", token, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("etag"), Some("\"1\""));
    assert!(
        made.text.contains("\"total_assets\":12345678901234567.89"),
        "{}",
        made.text
    );
    let place = made.header("location").unwrap().to_owned();

    let read = server.get(&place, token).await;
    assert_eq!((read.status, &read.body), (200, &made.body));

    let change = json!({ "client_name": "Rajesh K. Kumar", "risk_profile": "moderate" });
    let changed = server.put(&place, token, &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed["client_name"], "Rajesh K. Kumar");
    assert_eq!(changed["email"], serde_json::Value::Null);
    assert_eq!(changed.header("etag"), Some("\"2\""));

    let gone = server.delete(&place, token).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    server.get(&place, token).await.assert_error(404, "not_found");
    server.delete(&place, token).await.assert_error(404, "not_found");
    assert_eq!(server.get("/api/v1/clients", token).await.body, json!([]));
}

/// A deletion that is sent again while the first one is still under way.
#[tokio::test]
async fn whoever_deletes_at_the_same_moment_is_not_told_of_versions() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    for round in 0..8 {
        let client = setting.client(&format!("Client {round}")).await;
        let place = format!("/api/v1/clients/{}", client["id"].as_str().unwrap());
        let (one, two) = tokio::join!(server.delete(&place, token), server.delete(&place, token));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404]);
    }
}

#[tokio::test]
async fn another_advisors_client_is_the_same_404_as_an_unknown_one() {
    let setting = Setting::new().await;
    let client = setting.client("Priya Sharma").await;
    let (server, other) = (&setting.server, setting.other_advisor.token.as_str());
    let place = format!("/api/v1/clients/{}", client["id"].as_str().unwrap());
    let unknown = server
        .get("/api/v1/clients/0190a5c0-0000-7000-8000-000000000000", other)
        .await;
    unknown.assert_error(404, "not_found");
    for place in [place.as_str(), "/api/v1/clients/no-uuid"] {
        assert_eq!(server.get(place, other).await.text, unknown.text);
        assert_eq!(
            server
                .put(
                    place,
                    other,
                    &json!({ "client_name": "x", "risk_profile": "moderate" })
                )
                .await
                .text,
            unknown.text
        );
        assert_eq!(server.delete(place, other).await.text, unknown.text);
    }
    assert_eq!(server.get("/api/v1/clients", other).await.body, json!([]));
    let seen_by_admin = server.get(&place, &setting.admin.token).await;
    assert_eq!(seen_by_admin.body, client);
}

#[tokio::test]
async fn the_same_key_makes_one_client() {
    let setting = Setting::new().await;
    let server = &setting.server;
    let send = |name: &str| {
        let request = server.request(Method::POST, "/api/v1/clients", Some(&setting.advisor.token));
        server.send(
            request
                .header("Idempotency-Key", "one")
                .json(&json!({ "client_name": name })),
        )
    };
    let (first, second) = (send("Rajesh Kumar").await, send("Rajesh Kumar").await);
    assert_eq!((second.status, second.text), (201, first.text));
    send("Somebody else")
        .await
        .assert_error(409, "idempotency_key_reused");
    let listed = server
        .get("/api/v1/clients?count=true", &setting.advisor.token)
        .await;
    assert_eq!(listed.header("x-total-count"), Some("1"));
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let setting = Setting::new().await;
    let client = setting.client("Priya Sharma").await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let place = format!("/api/v1/clients/{}", client["id"].as_str().unwrap());
    let change = json!({ "client_name": "Priya S.", "risk_profile": "moderate" });
    let with_tag = |tag: &'static str| {
        server.send(
            server
                .request(Method::PUT, &place, Some(token))
                .header("If-Match", tag)
                .json(&change),
        )
    };
    with_tag("\"7\"").await.assert_error(412, "precondition_failed");
    with_tag("7").await.assert_error(400, "malformed");
    let mut stale = change.clone();
    stale["version"] = 9.into();
    server
        .put(&place, token, &stale)
        .await
        .assert_error(409, "version_conflict");
    assert_eq!(server.get(&place, token).await.body, client);
    assert_eq!(with_tag("\"1\"").await.status, 200);
    with_tag("\"1\"").await.assert_error(412, "precondition_failed");
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    for (name, assets, risk) in [
        ("Émile Zola", "10.5", "moderate"),
        ("anita desai", "9", "aggressive"),
        ("Zubin Mehta", "100", "aggressive"),
        ("Anil Kapoor", "9.5", "conservative"),
    ] {
        let body = json!({ "client_name": name, "total_assets": assets, "risk_profile": risk, "email": format!("{}@example.com", risk) });
        assert_eq!(server.post("/api/v1/clients", token, &body).await.status, 201);
    }
    let names = |reply: &testkit::Reply| -> Vec<String> {
        reply
            .body
            .as_array()
            .unwrap()
            .iter()
            .map(|client| client["client_name"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = server.get("/api/v1/clients", token).await;
    assert_eq!(
        names(&all),
        ["Anil Kapoor", "anita desai", "Émile Zola", "Zubin Mehta"]
    );
    let richest = server
        .get("/api/v1/clients?sort=-total_assets&limit=2&count=true", token)
        .await;
    assert_eq!(names(&richest), ["Zubin Mehta", "Émile Zola"]);
    assert_eq!(richest.header("x-total-count"), Some("4"));
    let link = richest.header("link").unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    assert_eq!(
        names(&server.get(next, token).await),
        ["Anil Kapoor", "anita desai"]
    );
    let found = server.get("/api/v1/clients?search=%C3%A9mi", token).await;
    assert_eq!(names(&found), ["Émile Zola"]);
    let risky = server.get("/api/v1/clients?risk_profile=aggressive", token).await;
    assert_eq!(names(&risky), ["anita desai", "Zubin Mehta"]);
    let by_mail = server
        .get("/api/v1/clients?email=Conservative@example.com", token)
        .await;
    assert_eq!(names(&by_mail), ["Anil Kapoor"]);
}

#[tokio::test]
async fn only_advisors_and_admins_write_the_book() {
    let setting = Setting::new().await;
    let server = &setting.server;
    for role in [Role::Client, Role::Compliance, Role::Service] {
        let login = setting.harness.log_in(role);
        let refused = server
            .post("/api/v1/clients", &login.token, &json!({ "client_name": "x" }))
            .await;
        refused.assert_error(403, "forbidden");
        assert!(refused["message"].as_str().unwrap().contains("clients.write"));
    }
    let to_other = json!({ "client_name": "x", "advisor_id": setting.other_advisor.user() });
    server
        .post("/api/v1/clients", &setting.advisor.token, &to_other)
        .await
        .assert_error(403, "forbidden");
    let by_admin = server
        .post("/api/v1/clients", &setting.admin.token, &to_other)
        .await;
    assert_eq!(by_admin.status, 201, "{}", by_admin.text);
    let nobody = json!({ "client_name": "x", "advisor_id": "0190a5c0-0000-7000-8000-000000000000" });
    let refused = server
        .post("/api/v1/clients", &setting.admin.token, &nobody)
        .await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["advisor_id"]
    );
    let unauthenticated = server
        .send(server.request(Method::GET, "/api/v1/clients", None))
        .await;
    unauthenticated.assert_error(401, "unauthenticated");
    assert!(
        unauthenticated
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
}
