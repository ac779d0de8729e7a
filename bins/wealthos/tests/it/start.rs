use crate::process::{Home, below, run};
use std::net::TcpListener;

/// What cannot work ends at once: one clear line, a status that says so, and never a panic.
async fn refused(mut command: tokio::process::Command, words: &[&str]) -> i32 {
    command.env("METRICS_PORT", "0");
    let (code, _, stderr) = run(command).await;
    let code = code.expect("it ended by itself");
    assert_ne!(code, 0, "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    let lines: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    for word in words {
        assert!(lines[0].contains(word), "{word} is not in: {}", lines[0]);
    }
    code
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = Home::sqlite();
    let mut command = home.command("monolith");
    command.args(["--port", &port]);
    refused(command, &[&port, "in use"]).await;
}

#[tokio::test]
async fn postgresql_is_refused_with_the_reason_and_without_the_password() {
    let home = Home::sqlite();
    let mut command = home.command("monolith");
    command.env(
        "DATABASE_URL",
        "postgresql://user:hunter2secret@localhost/wealthos",
    );
    command.env("METRICS_PORT", "0");
    let (code, stdout, stderr) = run(command).await;
    assert_eq!(code, Some(78), "{stderr}");
    assert!(
        stderr.contains("PostgreSQL") && stderr.contains("mongodb://"),
        "{stderr}"
    );
    assert!(!format!("{stdout}{stderr}").contains("hunter2secret"));
}

#[tokio::test]
async fn an_unreachable_mongodb_is_one_clear_line() {
    let home = Home::sqlite();
    let mut command = home.command("monolith");
    command.env(
        "DATABASE_URL",
        "mongodb://user:hunter2secret@127.0.0.1:1/wealthos",
    );
    command.env("METRICS_PORT", "0");
    let (code, _, stderr) = run(command).await;
    assert!(code.is_some_and(|code| code != 0), "{stderr}");
    assert!(
        stderr.contains("127.0.0.1:1") && !stderr.contains("hunter2secret"),
        "{stderr}"
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[tokio::test]
async fn bad_settings_are_named() {
    let home = Home::sqlite();
    let config = below(&home, "bad.toml");
    std::fs::write(&config, "[server]\nprot = 1\n").unwrap();
    let mut command = home.command("monolith");
    command.arg("--config").arg(&config);
    assert_eq!(refused(command, &["prot"]).await, 78);
    let mut command = home.command("monolith");
    command.arg("--config").arg(below(&home, "missing.toml"));
    assert_eq!(refused(command, &["missing.toml"]).await, 78);
    let mut command = home.command("monolith");
    command.env("DEPLOYMENT_MODE", "mainframe");
    assert_eq!(refused(command, &["deployment_mode"]).await, 78);
    let mut command = home.command("monolith");
    command.args(["--groups", "auth,nonsense"]);
    assert_eq!(refused(command, &["nonsense"]).await, 78);
    let mut command = home.command("monolith");
    command.args(["--modules", "accounts,nonsense"]);
    assert_eq!(refused(command, &["nonsense", "transactions"]).await, 78);
    let mut command = home.command("monolith");
    command.env("WEALTHOS__SECURITY__ENVIRONMENT", "production");
    assert_eq!(refused(command, &["JWT_SECRET"]).await, 78);
}

#[tokio::test]
async fn a_corrupt_file_is_refused_and_left_alone() {
    let home = Home::sqlite();
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let file = home.data_dir().join("auth.sqlite3");
    let garbage = b"this is not a database, it is somebody's diary".repeat(40);
    std::fs::write(&file, &garbage).unwrap();
    refused(home.command("monolith"), &["auth.sqlite3"]).await;
    assert_eq!(std::fs::read(&file).unwrap(), garbage);
}

#[tokio::test]
async fn a_data_directory_that_is_a_file_is_refused() {
    let home = Home::sqlite();
    std::fs::write(home.data_dir(), "a file").unwrap();
    refused(home.command("monolith"), &["data"]).await;
}

#[tokio::test]
async fn print_config_masks_secrets() {
    let home = Home::sqlite();
    let mut command = home.command("monolith");
    command
        .arg("--print-config")
        .env("JWT_SECRET", "a-secret-that-must-not-be-seen-0123456789");
    command.env("DATABASE_URL", "mongodb://user:hunter2secret@localhost/wealthos");
    let (code, stdout, stderr) = run(command).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("[server]") && stdout.contains("max_pool_size = 30"),
        "{stdout}"
    );
    assert!(
        !stdout.contains("must-not-be-seen") && !stdout.contains("hunter2secret"),
        "{stdout}"
    );
}

#[tokio::test]
async fn it_stops_gracefully_and_says_so() {
    let home = Home::sqlite();
    let monolith = home.start().await;
    assert_eq!(monolith.remote().get("/health", "").await.status, 200);
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("Shutting down gracefully..."), "{log}");
    for line in log.lines() {
        let line: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        for key in ["timestamp", "level", "logger", "message"] {
            assert!(line[key].is_string(), "{key} is missing in {line}");
        }
    }
}
