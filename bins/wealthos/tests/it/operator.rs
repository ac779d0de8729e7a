use crate::process::{Home, run};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;

async fn wealthctl(home: &Home, arguments: &[&str]) -> Value {
    let mut command = home.command("wealthctl");
    command.args(["--format", "json"]).args(arguments);
    let (code, stdout, stderr) = run(command).await;
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("no JSON: {stdout}"))
}

#[tokio::test]
async fn the_registry_lists_the_groups_with_ports_and_dependencies() {
    let groups = wealthctl(&Home::sqlite(), &["registry"]).await;
    let of = |name: &str| {
        groups
            .as_array()
            .unwrap()
            .iter()
            .find(|group| group["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(of("auth")["default_port"], 8001);
    assert_eq!(of("auth")["calls"], json!([]));
    assert_eq!(of("integrations")["calls"], json!(["auth"]));
    assert_eq!(of("finance")["default_port"], 8011);
    assert_eq!(of("infrastructure")["calls"], json!([]));
}

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    let home = Home::sqlite();
    let first = wealthctl(&home, &["migrate"]).await;
    assert!(
        first
            .as_array()
            .unwrap()
            .iter()
            .any(|migration| migration["group"] == "finance"),
        "{first}"
    );
    assert_eq!(wealthctl(&home, &["migrate"]).await, first);
}

#[tokio::test]
async fn an_admin_is_made_once_and_can_log_in() {
    let home = Home::sqlite();
    let create = || async {
        let mut command = home.command("wealthctl");
        command
            .args([
                "admin",
                "create",
                "--email",
                "boss@example.com",
                "--password-stdin",
            ])
            .stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"correct horse battery\n")
            .await
            .unwrap();
        child.wait_with_output().await.unwrap()
    };
    let made = create().await;
    assert!(made.status.success(), "{made:?}");
    let again = create().await;
    assert_eq!(again.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&again.stderr).contains("already"),
        "{again:?}"
    );
    let monolith = home.start().await;
    let (token, _) = monolith.remote().log_in("boss@example.com").await;
    let events = monolith
        .remote()
        .get("/api/infrastructure/events?group=auth", &token)
        .await;
    assert_eq!(events.status, 200, "{}", events.body);
    assert!(
        events
            .body
            .as_array()
            .unwrap()
            .iter()
            .any(|event| event["type"] == "user.registered")
    );
}

#[tokio::test]
async fn the_audit_log_of_a_running_server_is_verified() {
    let home = Home::sqlite();
    wealthctl(&home, &["demo"]).await;
    let monolith = home.start().await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let chains = wealthctl(&home, &["audit", "verify"]).await;
        assert_eq!(chains[0]["broken_row"], Value::Null, "{chains}");
        // Whatever the demo data brought is told by the running server's consumers sooner or later.
        if chains[0]["rows"].as_u64().unwrap() > 10 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{chains}");
    }
    drop(monolith);
}

#[tokio::test]
async fn the_doctor_and_the_openapi_document_answer() {
    let home = Home::sqlite();
    let findings = wealthctl(&home, &["doctor"]).await;
    assert!(
        findings
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["ok"] == true),
        "{findings}"
    );
    let document = wealthctl(&home, &["openapi"]).await;
    for path in [
        "/api/auth/login",
        "/api/v1/auth/login",
        "/api/v1/clients/{id}",
        "/api/v1/transactions",
    ] {
        assert!(document["paths"].get(path).is_some(), "{path} is missing");
    }
}

#[tokio::test]
async fn demo_data_goes_in_once() {
    let home = Home::sqlite();
    let logins = wealthctl(&home, &["demo"]).await;
    assert_eq!(wealthctl(&home, &["demo"]).await, logins);
    let monolith = home.start().await;
    let api = monolith.remote();
    let proof = json!({ "email": "advisor@demo.example", "password": "wealthos-demo" });
    let token = api.post("/api/auth/login", "", &proof).await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let clients = api.get("/api/v1/clients", &token).await.body;
    let names: Vec<&str> = clients
        .as_array()
        .unwrap()
        .iter()
        .map(|client| client["client_name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Priya Sharma", "Rajesh Kumar"]);
    let rajesh = clients[1]["user_id"].as_str().unwrap();
    let accounts = api.get(&format!("/api/v1/accounts/{rajesh}"), &token).await.body;
    let text = accounts.to_string();
    assert!(text.contains("HDFC") && text.contains("RELIANCE"), "{text}");
    assert_eq!(accounts.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_topology_is_shown_and_checked() {
    let home = Home::sqlite();
    let out = "finance=http://127.0.0.1:8011";
    let shown = wealthctl(&home, &["topology", "show", "--remote", out]).await;
    assert_eq!(
        shown["processes"][1],
        json!({ "addresses": ["http://127.0.0.1:8011"], "groups": ["finance"] })
    );
    let edges = shown["edges"].as_array().unwrap();
    let edge = json!({ "from": "finance", "kind": "calls", "to": "advisory", "place": "remote" });
    assert!(edges.contains(&edge), "{shown}");

    let placed = home.data_dir().with_file_name("placed.toml");
    std::fs::write(&placed, "[groups.finance]\nplace = \"remote\"\nreplicas = 0\n").unwrap();
    let placed = placed.to_str().unwrap();
    let mut command = home.command("wealthctl");
    command.args(["topology", "check", "--topology", placed]);
    let (code, stdout, stderr) = run(command).await;
    assert_eq!(code, Some(78), "{stderr}");
    assert!(
        stdout.contains("placed.toml:3: groups.finance.replicas"),
        "{stdout}"
    );
    assert!(stderr.contains("has no address"), "{stderr}");
    let mut command = home.command("monolith");
    command.args(["--topology", placed]);
    let (code, _, stderr) = run(command).await;
    assert_eq!((code, stderr.lines().count()), (Some(78), 1), "{stderr}");
}

/// As in a container: who administers a fresh installation stands in the environment, and is made once.
#[tokio::test]
async fn the_environment_says_who_administers_a_fresh_installation() {
    let home = Home::sqlite();
    let boss = [
        ("WEALTHOS_ADMIN_EMAIL", "boss@example.com"),
        ("WEALTHOS_ADMIN_PASSWORD", "correct horse battery"),
    ];
    let monolith = home.start_with(&boss).await;
    let (token, _) = monolith.remote().log_in("boss@example.com").await;
    let users = monolith.remote().get("/api/v1/admin/users", &token).await;
    assert_eq!(users.status, 200, "{}", users.body);
    assert_eq!(users.body.as_array().unwrap().len(), 1, "{}", users.body);
    drop(monolith);

    // Another password later changes nothing: somebody administers it by now.
    let other = [boss[0], ("WEALTHOS_ADMIN_PASSWORD", "another horse battery")];
    let monolith = home.start_with(&other).await;
    monolith.remote().log_in("boss@example.com").await;
    drop(monolith);
    let mut half = home.command("monolith");
    half.args(["--port", "0"])
        .env("WEALTHOS_ADMIN_EMAIL", "boss@example.com");
    let (code, _, stderr) = run(half).await;
    assert_ne!(code, Some(0));
    assert!(stderr.contains("WEALTHOS_ADMIN_PASSWORD"), "{stderr}");
}

/// A set-up link that was lost is made anew, takes the place of the one before, and makes an administrator once.
#[tokio::test]
async fn a_lost_set_up_link_is_made_anew() {
    let home = Home::sqlite();
    let token_of = |link: &Value| {
        let link = link.to_string();
        let (_, token) = link
            .split_once("token=")
            .unwrap_or_else(|| panic!("no token: {link}"));
        token.split('"').next().unwrap().to_owned()
    };
    let first = token_of(&wealthctl(&home, &["admin", "setup-link"]).await);
    let monolith = home.start().await;
    let second = token_of(&wealthctl(&home, &["admin", "setup-link"]).await);
    assert_ne!(first, second);
    let set_up = |token: String| {
        let body = json!({
            "token": token, "email": "boss@example.com", "password": "correct horse battery", "name": "Boss"
        });
        let remote = monolith.remote();
        async move { remote.post("/api/auth/setup", "", &body).await.status }
    };
    assert_eq!(set_up(first).await, 401);
    assert_eq!(set_up(second.clone()).await, 201);
    assert_eq!(set_up(second).await, 401);
    let mut late = home.command("wealthctl");
    late.args(["admin", "setup-link"]);
    let (code, _, stderr) = run(late).await;
    assert_eq!(code, Some(1), "nothing is left to set up");
    assert!(stderr.contains("has an administrator"), "{stderr}");
    monolith.remote().log_in("boss@example.com").await;
}
