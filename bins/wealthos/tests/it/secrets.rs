use crate::process::{Home, below, run};
use serde_json::{Value, json};

/// What was said to the platform in confidence, as it could stand somewhere.
struct Planted(Vec<String>);

impl Planted {
    fn plant(&mut self, secret: &str) {
        assert!(secret.len() > 7, "{secret} would be found by chance");
        self.0.push(secret.to_owned());
    }

    fn assert_absent(&self, place: &str, bytes: &[u8]) {
        for secret in &self.0 {
            let found = bytes
                .windows(secret.len())
                .any(|window| window.eq_ignore_ascii_case(secret.as_bytes()));
            assert!(!found, "'{secret}' stands in {place}");
        }
    }
}

/// Whatever the platform keeps, tells and logs: data files, a backup, the feeds, and the log.
async fn nothing_planted_stands_in_what_the_platform_wrote(home: Home) {
    let monolith = home.start().await;
    let api = monolith.remote();
    let mut planted = Planted(Vec::new());
    planted.plant("correct horse battery");
    planted.plant("a wrong horse battery");
    let (token, _) = api.newcomer("asha@example.com", "advisor").await;
    planted.plant(&token);
    let wrong = json!({ "email": "asha@example.com", "password": "a wrong horse battery" });
    assert_eq!(api.post("/api/auth/login", "", &wrong).await.status, 401);
    for (field, secret) in [
        ("tax_id", "ABCDE1234F"),
        ("phone", "+91 98765 43210"),
        ("email", "planted.client@example.org"),
    ] {
        planted.plant(secret);
        let mut client = json!({ "client_name": "Rajesh Kumar" });
        client[field] = json!(secret);
        let made = api.post("/api/v1/clients", &token, &client).await;
        assert_eq!(made.status, 201, "{}", made.body);
        // Also where it is wrong, and where it is searched for.
        client["unknown"] = json!(secret);
        assert_eq!(api.post("/api/v1/clients", &token, &client).await.status, 422);
    }
    let searched = "/api/v1/clients?search=planted.client@example.org";
    assert_eq!(api.get(searched, &token).await.status, 200);
    let key = json!({ "name": "export", "scopes": ["finance.read"], "expires_in_days": 1 });
    let made = api.post("/api/auth/api-keys", &token, &key).await.body;
    let key = made["api_key"].as_str().unwrap();
    planted.plant(key.split_once('.').unwrap().1);
    let granted = api.post("/api/auth/token", "", &json!({ "api_key": key })).await;
    planted.plant(granted.body["access_token"].as_str().unwrap());
    planted.plant("planted-connection-key");
    let connection = json!({ "api_key": "planted-connection-key", "shop_domain": "shop.example.com" });
    let _ = api
        .post("/api/integrations/triplewhale/connect", &token, &connection)
        .await;
    let enrolled = api
        .post(
            "/api/auth/mfa/enroll",
            &token,
            &json!({ "proof": { "password": "correct horse battery" } }),
        )
        .await;
    if let Some(secret) = enrolled.body["secret"].as_str() {
        planted.plant(secret);
    }
    let _ = api
        .post(
            "/api/auth/refresh",
            "",
            &json!({ "refresh_token": "planted-refresh-token" }),
        )
        .await;
    planted.plant("planted-refresh-token");
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0));
    planted.assert_absent("the log", log.as_bytes());
    assert!(log.contains("/api/v1/clients"), "the right log is looked at");

    let backup = below(&home, "backup");
    let mut command = home.command("wealthctl");
    command.arg("backup").arg(&backup);
    let (code, stdout, stderr) = run(command).await;
    assert_eq!(code, Some(0), "{stderr}");
    planted.assert_absent("what backup says", stdout.as_bytes());
    let mut found = testkit::files_below(&backup);
    found.extend(testkit::files_below(&home.data_dir()));
    let all: usize = found.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(all > 10_000, "the right files are looked at: {all} bytes");
    let names = found
        .iter()
        .any(|(_, bytes)| bytes.windows(12).any(|window| window == b"Rajesh Kumar"));
    assert!(names, "what is not secret stands there");
    for (place, bytes) in &found {
        planted.assert_absent(&place.display().to_string(), bytes);
    }

    let monolith = home.start().await;
    let (token, _) = monolith.remote().log_in("asha@example.com").await;
    let events = monolith.remote().get("/api/infrastructure/events", &token).await;
    assert_ne!(events.body, Value::Null);
    planted.assert_absent("the events", events.body.to_string().as_bytes());
    monolith.kill().await;
}

#[tokio::test]
async fn nothing_planted_stands_in_what_the_platform_wrote_on_sqlite() {
    nothing_planted_stands_in_what_the_platform_wrote(Home::sqlite()).await;
}

#[tokio::test]
async fn nothing_planted_stands_in_what_the_platform_wrote_on_mongodb() {
    nothing_planted_stands_in_what_the_platform_wrote(Home::mongodb()).await;
}
