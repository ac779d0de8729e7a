//! What is wrong, and how an operator is told.

use super::{complaint, environment, file, fs};

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let (_dir, path) = file(
        "colour = 1\n[server]\nport = 99999\n[auth]\naccess_token_minutes = 60\n[http]\nbody_limit = \"big\"\n[limits]\nread_per_minute = 0\n",
    );
    let message = complaint(environment([]).file(&path).load());
    for place in ["colour", "server.port", "http.body_limit"] {
        assert!(message.contains(place), "{place}: {message}");
    }
    let (_dir, path) = file(
        "[auth]\naccess_token_minutes = 60\n[limits]\nread_per_minute = 0\n[http]\ncors_origins = [\"*\"]\n",
    );
    let message = complaint(
        environment([("WEALTHOS__LOG__LEVEL", "a=b=c")])
            .file(&path)
            .load(),
    );
    for place in [
        "auth.access_token_minutes",
        "limits.read_per_minute",
        "http.cors_origins",
        "log.level",
    ] {
        assert!(message.contains(place), "{place}: {message}");
    }
}

#[test]
fn each_wrong_value_is_named_with_what_would_be_right() {
    for (name, value, place, right) in [
        ("DEPLOYMENT_MODE", "serverless", "deployment_mode", "monolith"),
        ("WEALTHOS__LOG__FORMAT", "xml", "log.format", "json or pretty"),
        (
            "WEALTHOS__AUTH__OPEN_REGISTRATION",
            "boss",
            "auth.open_registration",
            "advisor",
        ),
        ("METRICS_PORT", "8000", "server.metrics_port", "differ"),
        ("METRICS_PORT", "lots", "server.metrics_port", "integer"),
        (
            "DATABASE_URL",
            "postgresql://x/y",
            "store.database_url",
            "PostgreSQL is not supported",
        ),
        ("DATABASE_URL", "mysql://x/y", "store.database_url", "mongodb://"),
        (
            "FINANCE_DATABASE_URL",
            "postgres://x/y",
            "store.group_urls.finance",
            "PostgreSQL",
        ),
        ("CORS_ORIGINS", "[nope", "http.cors_origins", "JSON array"),
        (
            "CORS_ORIGINS",
            "http://a.example/path",
            "http.cors_origins",
            "origins",
        ),
        (
            "WEALTHOS__SERVER__HOST",
            "not a host",
            "server.host",
            "IP address",
        ),
        ("WEALTHOS__SERVER__COLOUR", "red", "server", "colour"),
        ("WEALTHOS__COLOUR__RED", "1", "colour", "sections"),
        (
            "WEALTHOS__AUTH__OPEN_REGISTRATION",
            "admin",
            "auth.open_registration",
            "advisor and client",
        ),
        (
            "WEALTHOS__REGIONAL__CURRENCY",
            "rupee",
            "regional.currency",
            "ISO 4217",
        ),
        ("WEALTHOS__REGIONAL__TIMEZONE", "India", "regional.timezone", ""),
        (
            "WEALTHOS__STORE__MIN_POOL_SIZE",
            "31",
            "store.min_pool_size",
            "max_pool_size",
        ),
        (
            "WEALTHOS__HTTP__TRUSTED_PROXIES",
            "10.0.0.0/99",
            "http.trusted_proxies",
            "10.0.0.0/8",
        ),
        (
            "WEALTHOS__AUTH__SERVICE_PEERS__FINANCE",
            "MCowBQYDK2VwAyEA",
            "auth.service_peers.finance",
            "openssl pkey",
        ),
        (
            "WEALTHOS__AUTH__SERVICE_PEERS__FINANCE",
            PUBLIC_KEY,
            "auth.service_peers",
            "auth.service_key_file",
        ),
        (
            "WEALTHOS__AUTH__SERVICE_PREVIOUS_SECRETS",
            "one,two",
            "auth.service_previous_secrets",
            "SERVICE_SECRET",
        ),
        (
            "WEALTHOS__SERVER__INTERNAL_LISTEN",
            "127.0.0.1:8000",
            "server.internal_listen",
            "differs",
        ),
        (
            "WEALTHOS__SERVER__INTERNAL_LISTEN",
            "localhost",
            "server.internal_listen",
            "socket address",
        ),
        (
            "WEALTHOS__HTTP__RPC_BODY_LIMIT",
            "1",
            "http.rpc_body_limit",
            "1024",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "localhost",
            "telemetry.otlp_endpoint",
            "http",
        ),
    ] {
        let message = complaint(environment([(name, value)]).load());
        assert!(
            message.contains(place) && message.contains(right),
            "{name}={value}: {message}"
        );
    }
}

#[test]
fn a_peer_may_have_more_than_one_key() {
    let both = format!("{PUBLIC_KEY}, {}", &PUBLIC_KEY[16..]);
    let settings = environment([
        ("WEALTHOS__AUTH__SERVICE_KEY_FILE", "service.key"),
        ("WEALTHOS__AUTH__SERVICE_PEERS__FINANCE", &both),
    ])
    .load()
    .unwrap();
    let keys = &settings.auth.service_peers["finance"];
    assert_eq!(keys.0.len(), 2);
    assert_eq!(keys.0[0], keys.0[1]);
    let (_dir, path) = file(&settings.printable());
    let again = environment([]).file(&path).load().unwrap();
    assert_eq!(again.auth.service_peers, settings.auth.service_peers);
}

/// A public key as OpenSSL writes it.
const PUBLIC_KEY: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let missing = complaint(environment([]).file(dir.path().join("none.toml")).load());
    assert!(
        missing.contains("none.toml") && missing.contains("no such file"),
        "{missing}"
    );
    let folder = complaint(environment([]).file(dir.path()).load());
    assert!(folder.contains("cannot be read"), "{folder}");
    let (_dir, path) = file("[server\nport = 1");
    assert!(complaint(environment([]).file(&path).load()).contains("not valid TOML"));
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(complaint(environment([]).file(&path).load()).contains("UTF-8"));
    fs::write(&path, "[server]\nprot = 1\n").unwrap();
    let unknown = complaint(environment([]).file(&path).load());
    assert!(
        unknown.contains("server") && unknown.contains("prot"),
        "{unknown}"
    );
}
