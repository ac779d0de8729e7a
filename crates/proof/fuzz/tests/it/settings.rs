//! The settings file, `.env` and the environment.

use crate::INPUTS;
use fuzz::spell;
use runtime::Layers;
use std::collections::BTreeMap;

const PASSWORD: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";

#[test]
fn any_settings_file_is_read_or_refused_with_a_reason() {
    let words = [
        "[server]",
        "[http]",
        "[store]",
        "[auth]",
        "\n",
        "port",
        "host",
        " = ",
        "\"",
        "8000",
        "-1",
        "true",
        "[",
        "]",
        "{",
        "}",
        "database_url",
        "group_urls",
        "jwt_secret",
        ".",
        "#",
        "'''",
        "1e400",
        "\u{0}",
        "cors_origins",
        "2026-01-01",
    ];
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("wealthos.toml");
    bolero::check!()
        .with_iterations(INPUTS / 4)
        .for_each(|bytes: &[u8]| {
            let text = spell(bytes, &words);
            std::fs::write(&file, format!("auth.jwt_secret = \"{PASSWORD}\"\n{text}")).unwrap();
            let loaded = Layers::new(BTreeMap::new()).file(&file).load();
            let shown = match loaded {
                Ok(settings) => {
                    let _ = settings.validate();
                    settings.printable()
                }
                Err(error) => error.to_string(),
            };
            assert!(!shown.contains(PASSWORD), "{shown}");
        });
}

#[test]
fn any_environment_is_read_or_refused_with_a_reason() {
    let names = [
        "WEALTHOS__SERVER__PORT",
        "WEALTHOS__HTTP__CORS_ORIGINS",
        "WEALTHOS__HTTP__TRUSTED_PROXIES",
        "DATABASE_URL",
        "FINANCE_DATABASE_URL",
        "FINANCE_SERVICE_URL",
        "ENCRYPTION_KEY",
        "LOG_LEVEL",
        "DEPLOYMENT_MODE",
        "WEALTHOS__",
        "WEALTHOS__A__B__C",
        "CURRENCY",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "WEALTHOS__AUTH__SERVICE_PEERS",
    ];
    let values = [
        "",
        "0",
        "-1",
        "65536",
        "true",
        "mongodb://u:p@h",
        "http://127.0.0.1:1",
        "[",
        "]",
        ",",
        "\"",
        "{a=1}",
        "INR",
        "10.0.0.0/33",
        "::1/128",
        "\n",
        "é",
        "debug",
        "off",
        "=",
    ];
    bolero::check!()
        .with_iterations(INPUTS / 4)
        .for_each(|bytes: &[u8]| {
            let mut environment = BTreeMap::from([("JWT_SECRET".to_owned(), PASSWORD.to_owned())]);
            for pair in bytes.chunks(4) {
                let [name, value @ ..] = pair else { continue };
                let name = names[usize::from(*name) % names.len()];
                environment.insert(name.to_owned(), spell(value, &values));
            }
            let shown = match Layers::new(environment).groups(["finance"]).load() {
                Ok(settings) => settings.printable(),
                Err(error) => error.to_string(),
            };
            assert!(!shown.contains(PASSWORD), "{shown}");
        });
}
