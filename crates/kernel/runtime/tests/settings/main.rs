//! Settings as an operator sees them.

#![allow(
    clippy::unwrap_used,
    clippy::field_reassign_with_default,
    reason = "a test fails by panicking, and reads best line by line"
)]

mod refused;

use clap::Parser;
use runtime::settings::{DatabaseUrl, LogFormat, OnStale};
use runtime::{DeploymentMode, Environment, Layers, ServerArgs, Settings, SettingsError};
use std::{collections::BTreeMap, fs, path::PathBuf};

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    server: ServerArgs,
}

fn environment<const N: usize>(pairs: [(&str, &str); N]) -> Layers {
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Layers::new(BTreeMap::from(pairs)).groups(["auth", "finance"])
}

fn flags(arguments: &[&str]) -> ServerArgs {
    Program::try_parse_from([&["monolith"], arguments].concat())
        .unwrap()
        .server
}

fn file(content: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wealthos.toml");
    fs::write(&path, content).unwrap();
    (dir, path)
}

fn complaint(result: Result<Settings, SettingsError>) -> String {
    let message = result.unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

#[test]
fn the_shipped_file_says_the_defaults() {
    let shipped = environment([])
        .file(repository().join("config/wealthos.toml"))
        .load()
        .unwrap();
    assert_eq!(shipped.printable(), Settings::default().printable());
}

#[test]
fn the_shipped_file_names_every_setting() {
    let text = fs::read_to_string(repository().join("config/wealthos.toml")).unwrap();
    let secret: Option<secrecy::SecretString> = Some("x".repeat(40).into());
    let mut full = Settings::default();
    full.deployment_mode = Some(DeploymentMode::Hybrid);
    full.server.metrics_port = Some(1);
    full.topology.file = Some("x".into());
    full.topology.advertise = Some("http://x".to_owned());
    full.store.database_url = Some(DatabaseUrl::new("sqlite:x"));
    full.auth.open_registration = Some(vec![]);
    full.auth.unverified = Some(runtime::settings::Unverified::Full);
    full.auth.breached_passwords_file = Some("x".into());
    full.telemetry.otlp_endpoint = Some("http://x".to_owned());
    full.auth.jwt_secret = secret.clone();
    full.auth.service_secret = secret.clone();
    full.auth.service_key_file = Some("x".into());
    full.server.internal_listen = Some("127.0.0.1:1".parse().unwrap());
    full.mail.directory = Some("x".into());
    full.mail.username = Some("x".to_owned());
    full.mail.password = secret.clone();
    full.mail.link_base = Some("https://x.example".parse().unwrap());
    full.security.encryption_key = secret.clone();
    full.providers.openai_api_key = secret.clone();
    full.providers.anthropic_api_key = secret;
    for line in full.printable().lines() {
        if let Some((name, _)) = line.split_once(" = ") {
            let named = text.contains(&format!("{name} =")) || text.contains(&name.to_uppercase());
            assert!(named, "{name} does not stand in config/wealthos.toml");
        }
    }
}

#[test]
fn the_example_environment_parses_and_names_every_variable() {
    let text = fs::read_to_string(repository().join(".env.example")).unwrap();
    for name in [
        "DATABASE_URL",
        "AUTH_DATABASE_URL",
        "AUTH_SERVICE_URL",
        "JWT_SECRET",
        "SERVICE_SECRET",
        "CORS_ORIGINS",
        "DEPLOYMENT_MODE",
        "METRICS_PORT",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "ENCRYPTION_KEY",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "WEALTHOS_CONFIG",
    ] {
        assert!(
            text.lines().any(|line| line.starts_with(&format!("#{name}="))),
            "{name}"
        );
    }
    let uncommented: String = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| {
            line.split_once('=')
                .is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let set: BTreeMap<String, String> = dotenvy::from_read_iter(uncommented.as_bytes())
        .map(Result::unwrap)
        .collect();
    let settings = Layers::new(set).groups(["auth"]).load().unwrap();
    assert_eq!(settings.http.cors_origins, ["http://localhost:5173"]);
    assert!(settings.store.group_urls.contains_key("auth"));
    assert_eq!(settings.server.groups, ["auth", "finance"]);
}

#[test]
fn later_layers_win() {
    let (_dir, path) = file("[server]\nport = 1\nhost = \"0.0.0.0\"\nworkers = 3\n");
    let layers = || environment([("WEALTHOS__SERVER__PORT", "2")]).file(&path);
    let settings = layers().load().unwrap();
    assert_eq!((settings.server.port, settings.server.workers), (2, 3));
    let settings = layers().flags(&flags(&["--port", "3"])).load().unwrap();
    assert_eq!(
        (settings.server.port, settings.server.host.as_str()),
        (3, "0.0.0.0")
    );
}

#[test]
fn every_flag_has_its_effect() {
    let (_dir, path) = file("[log]\nlevel = \"debug\"\n");
    let args = flags(&[
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--data-dir",
        "/tmp/x",
        "--groups",
        "auth,finance",
        "--topology",
        "placed.toml",
        "--remote",
        "advisory=http://127.0.0.1:8009",
        "--log-format",
        "pretty",
        "--demo",
        "--config",
        path.to_str().unwrap(),
    ]);
    let settings = environment([]).flags(&args).load().unwrap();
    assert_eq!(settings.server.host, "0.0.0.0");
    assert_eq!(settings.server.port, 0);
    assert_eq!(settings.server.data_dir, PathBuf::from("/tmp/x"));
    assert_eq!(settings.server.groups, ["auth", "finance"]);
    assert_eq!(settings.topology.file, Some(PathBuf::from("placed.toml")));
    assert_eq!(settings.topology.remotes["advisory"], ["http://127.0.0.1:8009"]);
    assert!(settings.server.demo);
    assert_eq!(settings.log.format, LogFormat::Pretty);
    assert_eq!(settings.log.level, "debug");
    let unset = environment([("WEALTHOS__SERVER__DEMO", "true")])
        .flags(&flags(&[]))
        .load()
        .unwrap();
    assert!(unset.server.demo, "a flag that was not given changes nothing");
}

#[test]
fn the_addresses_of_a_group_come_from_its_variable_or_from_flags() {
    let variable = || environment([("FINANCE_SERVICE_URL", "http://a:1, http://b:2")]);
    let settings = variable().load().unwrap();
    assert_eq!(settings.topology.remotes["finance"], ["http://a:1", "http://b:2"]);
    let args = flags(&[
        "--remote",
        "finance=http://c:3,http://d:4",
        "--remote",
        "finance=http://e:5",
    ]);
    let settings = variable().flags(&args).load().unwrap();
    assert_eq!(
        settings.topology.remotes["finance"],
        ["http://c:3", "http://d:4", "http://e:5"]
    );
    let unknown = environment([("GARDEN_SERVICE_URL", "http://a:1")])
        .load()
        .unwrap();
    assert!(unknown.topology.remotes.is_empty());
}

#[test]
fn a_group_cannot_be_here_and_elsewhere() {
    let args = flags(&["--groups", "auth,finance", "--remote", "finance=http://c:3"]);
    let message = complaint(environment([]).flags(&args).load());
    assert!(message.contains("--groups and by --remote"), "{message}");
    for wrong in ["finance", "=http://c:3", "Fin-ance=http://c:3"] {
        let parsed = Program::try_parse_from(["monolith", "--remote", wrong]);
        assert!(parsed.is_err(), "{wrong}");
    }
}

#[test]
fn the_variables_of_the_sources_have_their_effect() {
    let settings = environment([
        ("DATABASE_URL", "mongodb://u:p@h/db"),
        ("FINANCE_DATABASE_URL", "sqlite:./finance"),
        ("HEROKU_DATABASE_URL", "postgres://elsewhere"),
        ("JWT_SECRET", "12345678901234567890123456789012"),
        ("CORS_ORIGINS", r#"["http://a.example","https://b.example:8443"]"#),
        ("DEPLOYMENT_MODE", "hybrid"),
        ("METRICS_PORT", "0"),
        ("WEALTHOS__AUTH__ON_STALE", "refuse"),
        ("WEALTHOS__AUTH__OPEN_REGISTRATION", "client"),
        ("WEALTHOS__SECURITY__ENVIRONMENT", "production"),
        ("OPENAI_API_KEY", ""),
    ])
    .load()
    .unwrap();
    assert_eq!(
        settings.store.url_of("auth").unwrap().expose(),
        "mongodb://u:p@h/db"
    );
    assert_eq!(
        settings.store.url_of("finance").unwrap().expose(),
        "sqlite:./finance"
    );
    assert_eq!(
        settings.http.cors_origins,
        ["http://a.example", "https://b.example:8443"]
    );
    assert_eq!(settings.deployment_mode, Some(DeploymentMode::Hybrid));
    assert_eq!(settings.server.metrics_port(), None);
    assert_eq!(settings.auth.on_stale, OnStale::Refuse);
    assert_eq!(settings.open_registration(), [kernel::Role::Client]);
    assert_eq!(settings.security.environment, Environment::Production);
    assert!(settings.auth.jwt_secret.is_some() && settings.providers.openai_api_key.is_none());
}

#[test]
fn defaults_depend_on_where_it_runs() {
    let settings = Settings::default();
    assert_eq!(settings.server.metrics_port(), Some(8080));
    assert_eq!(
        settings.open_registration(),
        [kernel::Role::Advisor, kernel::Role::Client]
    );
    let alone = environment([("WEALTHOS__SERVER__PORT", "8001")]).load().unwrap();
    assert_eq!(alone.server.metrics_port(), None);
    let real = environment([("WEALTHOS__SECURITY__ENVIRONMENT", "production")])
        .load()
        .unwrap();
    assert!(real.open_registration().is_empty());
}

#[test]
fn printed_settings_hold_no_secret_and_can_be_read_back() {
    let settings = environment([
        ("DATABASE_URL", "mongodb://app:hunter2@host/db"),
        ("JWT_SECRET", "hunter2-hunter2-hunter2-hunter2-hunter2"),
        ("ENCRYPTION_KEY", "hunter2"),
        ("OPENAI_API_KEY", "sk-hunter2"),
        ("WEALTHOS__AUTH__JWT_PREVIOUS_SECRETS", "hunter2,hunter2b"),
        ("SERVICE_SECRET", "hunter2"),
        ("WEALTHOS__AUTH__SERVICE_PREVIOUS_SECRETS", "hunter2c"),
    ])
    .load()
    .unwrap();
    let printed = settings.printable();
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert!(
        printed.contains("mongodb://app:********@host/db") && printed.contains("jwt_secret = \"********\"")
    );
    let (_dir, path) = file(&printed);
    assert_eq!(
        environment([]).file(&path).load().unwrap().server,
        settings.server
    );
}
