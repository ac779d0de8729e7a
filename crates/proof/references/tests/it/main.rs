#![cfg(test)]
//! The reference that B1 compares with does the work: it checks tokens and scope, and answers what was seeded.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";
const SECRET: &str = "a secret of at least thirty-two bytes";
const TENANT: &str = "00000000-0000-7000-8000-000000000001";
const ADVISOR: &str = "00000000-0000-7000-8000-000000000002";
const CLIENT: &str = "00000000-0000-7000-8000-000000000003";

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A client as our API answers it.
fn client() -> Value {
    json!({
        "id": CLIENT, "client_name": "Asha", "email": "asha@example.com", "total_assets": 1234.5, "risk_profile": "moderate",
        "kyc_expiry_date": "2030-01-31", "currency": "INR", "phone": null, "tax_id": "ABCDE1234F",
        "address": null, "date_of_birth": "1980-02-29", "occupation": "Engineer", "annual_income": 2500000, "jurisdiction": "IN",
        "tags": ["founder"], "household_id": null, "last_contact_at": "2026-01-01T00:00:00Z",
        "user_id": "00000000-0000-7000-8000-000000000004", "advisor_id": ADVISOR, "version": 3,
        "created_at": "2026-01-02T03:04:05.678Z", "updated_at": "2026-01-02T03:04:05.678Z"
    })
}

fn seed(room: &Path, client: &Value) {
    let file = room.join("clients.json");
    std::fs::write(&file, json!([client]).to_string()).unwrap();
    let made = Command::new(env!("CARGO_BIN_EXE_references"))
        .args(["seed", "--tenant", TENANT, "--key", KEY, "--clients"])
        .arg(&file)
        .arg("--database")
        .arg(room.join("bare.sqlite"))
        .status()
        .unwrap();
    assert!(made.success(), "the database is made");
}

fn serve(room: &Path) -> (Stopped, u16) {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let child = Command::new(env!("CARGO_BIN_EXE_references"))
        .args([
            "clients",
            "--workers",
            "1",
            "--key",
            KEY,
            "--port",
            &port.to_string(),
            "--database",
        ])
        .arg(room.join("bare.sqlite"))
        .env("JWT_SECRET", SECRET)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = Stopped(child);
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the server listens");
        std::thread::yield_now();
    }
    (server, port)
}

fn token(user: &str) -> String {
    let claims = json!({
        "sub": user, "role": "advisor", "tenant_id": TENANT, "iss": "wealthos", "aud": "wealthos",
        "nbf": 0, "exp": 4_000_000_000_u64
    });
    encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )
    .unwrap()
}

fn get(port: u16, token: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "GET /api/v1/clients/{CLIENT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

#[test]
fn the_bare_server_answers_the_owner_what_was_seeded_and_nobody_else() {
    let room = tempfile::tempdir().unwrap();
    let client = client();
    seed(room.path(), &client);
    let (mut server, port) = serve(room.path());

    let (status, body) = get(port, &token(ADVISOR));
    assert_eq!(status, 200, "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), client);

    assert_eq!(get(port, &token(TENANT)).0, 404, "another advisor's client");
    assert_eq!(get(port, "nonsense").0, 401);

    let mut line = String::new();
    BufReader::new(server.0.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["status"], 200, "one log line for the answer: {line}");
    assert_eq!(line["route"], "/api/v1/clients/{id}");
}

/// A field that only our answer has would make the others faster than they are; the benchmarks refuse to compare then.
#[test]
fn what_is_compared_with_ours_answers_every_field_of_ours() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let description: Value = serde_json::from_str(&read("crates/contracts/advisory/openapi.json")).unwrap();
    let ours = description["components"]["schemas"]["ClientResponse"]["properties"]
        .as_object()
        .unwrap();
    // The bare server answers all of it: see the test above.
    let bare = client();
    let (fastapi, fastify) = (
        read("scripts/benchmarks/peers/fastapi/server.py"),
        read("scripts/benchmarks/peers/fastify/server.mjs"),
    );
    for field in ours.keys() {
        assert!(bare.get(field).is_some(), "the bare server has no {field}");
        assert!(
            fastapi.contains(&format!("\n    {field}: ")),
            "the FastAPI peer has no {field}"
        );
        assert!(
            fastify.contains(&format!("{field}: ")),
            "the Fastify peer has no {field}"
        );
    }
    assert_eq!(ours.len(), bare.as_object().unwrap().len());
}
