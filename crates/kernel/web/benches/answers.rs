//! Finding the route of a path, and writing an answer.
#![expect(clippy::expect_used, reason = "a benchmark")]

use divan::{Bencher, black_box};
use kernel::{ClientId, Sources};
use rust_decimal::Decimal;
use serde::Serialize;
use web::{RouteTable, answer};

const PATTERNS: [&str; 12] = [
    "/health",
    "/ready",
    "/api/v1/clients",
    "/api/v1/clients/me",
    "/api/v1/clients/{id}",
    "/api/v1/clients/{id}/goals",
    "/api/v1/transactions",
    "/api/v1/transactions/{id}",
    "/api/v1/transactions/{id}/history",
    "/api/v1/accounts/{id}",
    "/api/auth/login",
    "/docs/{*}",
];

#[divan::bench(args = ["/health", "/api/v1/clients/0190f7c2-0000-7000-8000-000000000001", "/docs/a/b.css", "/api/v2/clients"])]
fn route(bencher: Bencher<'_, '_>, path: &str) {
    let table = RouteTable::of_patterns(PATTERNS);
    bencher.bench(|| table.pattern(black_box(path)).is_some());
}

#[derive(Clone, Serialize)]
struct Client {
    id: ClientId,
    client_name: String,
    email: Option<String>,
    risk_profile: &'static str,
    total_assets: Decimal,
    version: u64,
}

fn client() -> Client {
    Client {
        id: Sources::system().ids().next(),
        client_name: "Priya Raghunathan".to_owned(),
        email: Some("priya@example.com".to_owned()),
        risk_profile: "moderate",
        total_assets: Decimal::new(1_234_567_890, 2),
        version: 7,
    }
}

#[divan::bench]
fn one_client(bencher: Bencher<'_, '_>) {
    let client = client();
    bencher.bench(|| answer::with_etag(client.version, black_box(&client)).expect("an answer"));
}

#[divan::bench]
fn fifty_clients(bencher: Bencher<'_, '_>) {
    let clients = vec![client(); 50];
    bencher.bench(|| answer::ok(black_box(&clients)).expect("an answer"));
}

fn main() {
    divan::main();
}
