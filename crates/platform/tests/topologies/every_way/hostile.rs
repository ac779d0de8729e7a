//! Bodies that are meant to hurt, by every way in: a clear refusal, and nothing written.

use super::{
    listed,
    senders::{Brokers, Line, Way},
};
use crate::{
    deployment::{Conditions, Topology},
    world::{User, World},
};
use reqwest::Method;
use serde_json::json;

/// The paths by which a posting or a command comes over HTTP.
const PATHS: [&str; 6] = [
    "/api/v1/transactions",
    "/create_transaction",
    "/api/accounting/create_transaction",
    "/api/finance/create_transaction",
    "/api/accounting/api/v1/transactions",
    "/api/finance/commands",
];

/// What `gzip` makes of ten megabytes of zeros, as far as a reader must go to know that it is large: a bomb.
const GZIP: [u8; 24] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xec, 0xc1, 0x01, 0x0d, 0x00, 0x00, 0x00,
    0xc2, 0xa0, 0xf7, 0x4f, 0x6d, 0x0e, 0x37,
];

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// Bodies that are no JSON, whichever way they come.
fn unreadable() -> Vec<Vec<u8>> {
    let good = r#"{"type":"income","amount":1}"#;
    vec![
        GZIP.to_vec(),
        utf16(good),
        b"{\"type\":\"income\",\"amount\":1,\"description\":\"caf\xe9\"}".to_vec(),
        b"{\"type\":\"inc\0ome\",\"amount\":1}".to_vec(),
        b"\0\0\0\0".to_vec(),
        br#"{"type":"income,"amount":1}"#.to_vec(),
        br#"{"type":"income","amount":1"#.to_vec(),
        br#"{'type':'income','amount':1}"#.to_vec(),
        br#"{"type":"income","amount":1}{"#.to_vec(),
        br#"{"type":"income","amount":NaN}"#.to_vec(),
        br#"{"type":"income","amount":Infinity}"#.to_vec(),
        br#"{"type":"income","amount":01}"#.to_vec(),
        format!("{}{}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes(),
        format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000)).into_bytes(),
    ]
}

/// Postings that can be read and mean nothing.
fn senseless() -> Vec<String> {
    let with = |member: &str| format!(r#"{{"type":"income","amount":1,{member}}}"#);
    let amount = |amount: &str| format!(r#"{{"type":"income","amount":{amount}}}"#);
    let nines = "9".repeat(40);
    vec![
        amount(&nines),
        amount(&format!("\"{nines}\"")),
        amount("1e999999999"),
        amount("0.001"),
        amount("-0.01"),
        amount("0"),
        amount("\"NaN\""),
        amount("\"1,000\""),
        amount("{\"$gt\":0}"),
        amount("[1]"),
        amount("null"),
        amount("true"),
        with(r#""description":"a\u0000b""#),
        with(r#""category":"a\u0000b""#),
        with(r#""currency":"\u0000""#),
        with(r#""currency":"XXQ""#),
        with(r#""date":"0000-00-00""#),
        with(r#""date":"9999-12-31""#),
        with(r#""date":"2026-02-30""#),
        with(r#""user_id":"' OR '1'='1""#),
        with(r#""account_id":7"#),
        with(r#""unknown":{}"#),
        // Readers differ in which of them counts.
        r#"{"type":"income","amount":1,"amount":2}"#.to_owned(),
        with(&format!(r#""description":"{}""#, "x".repeat(100_000))),
        r#"{"type":"income"}"#.to_owned(),
        "{}".to_owned(),
    ]
}

fn command_of(path: &str, posting: &str) -> String {
    match path.ends_with("commands") {
        true => format!(r#"{{"command":"create_transaction","params":{posting}}}"#),
        false => posting.to_owned(),
    }
}

async fn over_http(world: &mut World, payer: &User) {
    for path in PATHS {
        // Time passes with every request, and tokens are short-lived.
        let payer = &world.log_in(&payer.email).await;
        for body in unreadable() {
            let json = world
                .call(Method::POST, path)
                .bytes("application/json", body.clone());
            let refused = json.by(payer).send().await;
            let exchange = &refused.exchange;
            assert!(matches!(exchange.status, 400 | 422), "{path}: {exchange:?}");
        }
        for posting in senseless() {
            let body = command_of(path, &posting);
            let json = world.call(Method::POST, path).bytes("application/json", body);
            let refused = json.by(payer).expect(422).await;
            let named = refused["details"][0]["field"].as_str().unwrap_or_default();
            assert!(!named.is_empty(), "{path}: {posting}: {}", refused.exchange.body);
        }
        let good = command_of(path, r#"{"type":"income","amount":1}"#);
        for encoding in [
            "gzip",
            "deflate",
            "br",
            "zstd",
            "compress",
            "gzip, gzip",
            "nonsense",
        ] {
            for body in [GZIP.to_vec(), good.clone().into_bytes()] {
                let coded = world.call(Method::POST, path).bytes("application/json", body);
                coded
                    .header("content-encoding", encoding)
                    .by(payer)
                    .expect(415)
                    .await;
            }
        }
        for kind in [
            "text/plain",
            "text/csv",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/json; charset=iso-8859-1",
            "nonsense",
        ] {
            let typed = world.call(Method::POST, path).bytes(kind, good.clone());
            typed.by(payer).expect(415).await;
        }
        let large = format!(
            r#"{{"type":"income","amount":1,"description":"{}"}}"#,
            "x".repeat(10_000_000)
        );
        let who = format!(
            "host: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
            payer.token
        );
        // Announced, and in pieces without a length.
        let announced = format!(
            "POST {path} HTTP/1.1\r\n{who}content-length: {}\r\n\r\n",
            large.len()
        );
        assert_eq!(world.raw(announced).await.exchange.status, 413, "{path}");
        let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(17);
        let pieces =
            format!("POST {path} HTTP/1.1\r\n{who}transfer-encoding: chunked\r\n\r\n{piece}0\r\n\r\n");
        assert_eq!(world.raw(pieces).await.exchange.status, 413, "{path}");
    }
}

async fn over_the_socket(line: &mut Line) {
    for body in unreadable() {
        // A socket's text is UTF-8 and at most 64 KiB: its own protocol refuses the rest.
        let Ok(text) = String::from_utf8(body) else {
            continue;
        };
        if text.len() < 60_000 {
            let error = line.complained(&text).await;
            assert_eq!(error["details"][0]["field"], "message", "{text}: {error}");
        }
    }
    for posting in senseless().iter().filter(|posting| posting.len() < 60_000) {
        let text = format!(r#"{{"event":"create_transaction","data":{posting}}}"#);
        let error = line.complained(&text).await;
        let field = error["details"][0]["field"].as_str().unwrap_or_default();
        let is_named = field.starts_with("params") || field == "data.amount";
        assert!(is_named, "{posting}: {error}");
    }
}

async fn by_brokers(line: &mut Line, payer: &User) {
    for way in [Way::Queue, Way::Topic, Way::Stream, Way::Channel] {
        // librdkafka's cluster forgets at once what is larger than it keeps.
        let size = if way == Way::Topic { 2_000_000 } else { 10_000_000 };
        let large = format!(
            r#"{{"command":"create_transaction","params":{{"text":"{}"}}}}"#,
            "x".repeat(size)
        );
        let named = |posting: &str| {
            let user = format!(r#","user_id":"{}"}}"#, payer.id);
            let posting = match posting.contains("user_id") || posting == "{}" {
                true => posting.to_owned(),
                false => format!("{}{user}", posting.trim_end_matches('}')),
            };
            command_of("commands", &posting).into_bytes()
        };
        let nested = |posting: &String| posting.contains("}}") || posting.contains("{}}");
        let senseless = senseless();
        let senseless = senseless.iter().filter(|posting| !nested(posting));
        let bodies = unreadable()
            .into_iter()
            .chain(senseless.map(|posting| named(posting)));
        for body in bodies.chain([large.into_bytes()]) {
            let shown = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
            if let Some(reason) = line.buried(way, &body).await {
                let says = ["message:", "params"].iter().any(|word| reason.starts_with(word));
                assert!(says && reason.len() < 3000, "{way:?}: {shown}: {reason}");
            }
        }
    }
}

async fn refused(topology: Topology, brokers: &Brokers) {
    let mut world = World::start(topology, &Conditions::with_brokers(brokers.settings())).await;
    let payer = world.newcomer("payer", "client").await;
    let mut line = brokers.line(&world, &payer).await;
    over_http(&mut world, &payer).await;
    over_the_socket(&mut line).await;
    by_brokers(&mut line, &payer).await;
    // Everything behind them is still carried out, and nothing else was.
    let payer = world.log_in(&payer.email).await;
    let posting = json!({ "type": "income", "amount": 5, "user_id": payer.id });
    for (count, way) in (1..).zip(Way::ALL) {
        let name = format!("good {way:?}");
        line.send(&mut world, &payer, way, &posting, Some(&name)).await;
        crate::message_brokers::within("what is behind them is carried out", async || {
            (listed(&world, &payer).await.len() == count).then_some(())
        })
        .await;
    }
    drop(line);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_for_brokers_and_every_other_way_that_hurt_are_refused_and_write_nothing() {
    let brokers = Brokers::start().await;
    for topology in [Topology::Monolith, Topology::Split] {
        refused(topology, &brokers).await;
    }
}
