//! Statements that hurt: each is refused with what is wrong and where, or read as it is meant; never anything between.

use crate::setting::{Setting, id};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use std::fmt::Write;
use testkit::Reply;

const OFX: &str = "application/x-ofx";
const QIF: &str = "application/x-qif";

async fn nothing_is_there(setting: &Setting, account: &Value) {
    assert_eq!(setting.count(&setting.user, account).await, 0);
    assert_eq!(setting.balance(&setting.user, account).await, "0.00");
}

fn refused<'a>(reply: &'a Reply, what: &str) -> Vec<&'a str> {
    assert!(reply.text.len() < 20_000, "{what}: the answer repeats the file");
    reply.assert_error(422, "validation_error").fields()
}

#[tokio::test]
async fn encodings_are_read_as_declared_and_never_guessed() {
    let setting = Setting::new().await;
    let text = "Date,Description,Amount\r\n2026-01-05,Café ₹,-1.50\n2026-01-06,\"two\nlines\",2\r2026-01-07,Tea,-1\r\n";
    let account = setting.account(&setting.user, "USD").await;
    for (more, bytes) in [
        (
            "&encoding=windows-1252",
            b"Date,Description,Amount\n2026-01-05,Caf\x81,-1\n".to_vec(),
        ),
        ("", b"Date,Description,Amount\n2026-01-05,Caf\xe9,-1\n".to_vec()),
        (
            "&encoding=utf-16le",
            b"Date,Description,Amount\n2026-01-05,Tea,-1\n\n".to_vec(),
        ),
        ("", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("&encoding=utf-16le", vec![0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]),
    ] {
        let reply = setting.import(&setting.user, &account, more, &bytes).await;
        if reply.status == 200 {
            // Windows-1252 has a character for every byte in the standard that browsers follow.
            assert_eq!(more, "&encoding=windows-1252", "{}", reply.text);
            continue;
        }
        refused(&reply, more);
    }
    let bom = |units: Vec<u8>, mark: &[u8]| [mark, &units].concat();
    let mut counts = Vec::new();
    for (more, bytes) in [
        ("", format!("\u{feff}{text}").into_bytes()),
        (
            "",
            bom(
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                &[0xff, 0xfe],
            ),
        ),
        (
            "",
            bom(
                text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                &[0xfe, 0xff],
            ),
        ),
        (
            "&encoding=utf-16le",
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
    ] {
        let account = setting.account(&setting.user, "USD").await;
        let reply = setting.import(&setting.user, &account, more, &bytes).await;
        assert!(matches!(reply.status, 200 | 422), "{}", reply.text);
        counts.push((reply.status, setting.balance(&setting.user, &account).await));
        let path = format!(
            "/api/v1/transactions?account_id={}&sort=date&limit=1",
            id(&account)
        );
        let first = setting.server.get(&path, &setting.user.token).await;
        if reply.status == 200 {
            assert_eq!(first.body[0]["description"], "Café ₹");
        }
    }
    counts.dedup();
    assert_eq!(
        counts.len(),
        1,
        "one text is one statement in every encoding: {counts:?}"
    );
}

#[tokio::test]
async fn broken_csv_names_the_row_and_writes_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let many = |row: &str| {
        format!(
            "Date,Description,Amount\n{}{row}\n",
            "2026-01-05,Tea,-1\n".repeat(700)
        )
    };
    let deep = "\"".repeat(1_001);
    let cases: Vec<(&str, String)> = vec![
        (
            "text after a quote",
            "Date,Description,Amount\n2026-01-05,\"Tea\"x,-1\n".into(),
        ),
        (
            "a quote in the middle of many rows",
            many("2026-01-06,\"Tea,-1\n2026-01-07,Tea,-1"),
        ),
        (
            "only quotes",
            format!("Date,Description,Amount\n2026-01-05,{deep},-1\n"),
        ),
        ("a NUL in row 701", many("2026-01-06,T\u{0}a,-1")),
        ("a date in row 701", many("2026-13-06,Tea,-1")),
        ("a year far away", many("9999999-01-01,Tea,-1")),
        ("an infinite amount", many("2026-01-06,Tea,inf")),
        (
            "forty digits",
            many(&format!("2026-01-06,Tea,{}", "9".repeat(40))),
        ),
        ("an exponent", many("2026-01-06,Tea,1e999999999")),
        (
            "an override of direction in an amount",
            many("2026-01-06,Tea,\u{202e}1"),
        ),
        ("a thousand columns", many(&"x,".repeat(1_000))),
        (
            "the header twice",
            "Date,Description,Amount\nDate,Description,Amount\n2026-01-05,Tea,-1\n".into(),
        ),
        (
            "a column twice",
            "Date,Description,Amount,Amount\n2026-01-05,Tea,-1,-1\n".into(),
        ),
    ];
    for (what, file) in cases {
        let reply = setting.import(&setting.user, &account, "", file.as_bytes()).await;
        let fields = refused(&reply, what);
        if what.contains("701") {
            assert!(
                fields == ["row 701"] || fields == ["file"],
                "{what}: {}",
                reply.text
            );
        }
        nothing_is_there(&setting, &account).await;
    }
}

#[tokio::test]
async fn ten_megabytes_of_anything_are_read_or_refused_whole() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let head = "Date,Description,Amount\n2026-01-05,Tea,-1\n";
    let big = 10 * 1024 * 1024;
    for (what, file) in [
        (
            "a quote that is never closed",
            format!("{head}2026-01-06,\"{}", "x,\n".repeat(big / 3)),
        ),
        ("one line", format!("{head}{}", "x".repeat(big))),
        ("commas", format!("{head}{}", ",".repeat(big))),
        ("a wrong last row", {
            let mut file = head.to_owned();
            for row in 0..200_000 {
                let _ = writeln!(file, "2025-01-05,Payment number {row} of so many of them,-1");
            }
            file + "2026-01-06,Tea,x\n"
        }),
    ] {
        let reply = setting.import(&setting.user, &account, "", file.as_bytes()).await;
        refused(&reply, what);
        nothing_is_there(&setting, &account).await;
    }
    // What was spooled of them is gone as well.
    let left = setting
        .store
        .reencrypt(&setting.harness.system("finance"))
        .await
        .unwrap();
    let chunks = left.iter().find(|of| of.collection == "blob_chunks").unwrap();
    assert_eq!(chunks.documents, 0);
}

#[tokio::test]
async fn ofx_expands_no_entities_and_qif_guesses_no_dates() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    let ofx = |head: &str, name: &str, date: &str, amount: &str| {
        format!(
            "<?xml version=\"1.0\"?>{head}<?OFX OFXHEADER=\"200\" VERSION=\"211\"?><OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>\
             <CURDEF>USD</CURDEF><BANKTRANLIST><STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>{date}</DTPOSTED>\
             <TRNAMT>{amount}</TRNAMT><FITID>1</FITID><NAME>{name}</NAME></STMTTRN></BANKTRANLIST></STMTRS>\
             </STMTTRNRS></BANKMSGSRSV1></OFX>"
        )
    };
    let laughs = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;\"><!ENTITY lol3 \"&lol2;&lol2;\">]>";
    let file = "<!DOCTYPE x [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]>";
    for (what, media_type, text) in [
        ("laughs", OFX, ofx(laughs, "&lol3;", "20260105", "-1")),
        ("a file of the machine", OFX, ofx(file, "&xxe;", "20260105", "-1")),
        ("no date", OFX, ofx("", "Tea", "20261305", "-1")),
        ("no amount", OFX, ofx("", "Tea", "20260105", "1e5")),
        (
            "another currency",
            OFX,
            ofx("", "Tea", "20260105", "-1").replace("USD", "EUR"),
        ),
        ("cut off", OFX, ofx("", "Tea", "20260105", "-1")[..200].to_owned()),
        (
            "tags without end",
            OFX,
            "<OFX>".to_owned() + &"<A>".repeat(100_000),
        ),
        (
            "a day where the month stands",
            QIF,
            "!Type:Bank\nD31/02/2026\nT-1\nPTea\n^\n".to_owned(),
        ),
        (
            "the 30th of February",
            QIF,
            "!Type:Bank\nD2026-02-30\nT-1\nPTea\n^\n".to_owned(),
        ),
        ("no amount", QIF, "!Type:Bank\nD2026-02-03\nPTea\n^\n".to_owned()),
        ("no type", QIF, "D2026-02-03\nT-1\n^\n".to_owned()),
        (
            "a NUL",
            QIF,
            "!Type:Bank\nD2026-02-03\nT-1\nPT\u{0}a\n^\n".to_owned(),
        ),
    ] {
        let reply = setting
            .import_as(&setting.user, &account, media_type, "", text)
            .await;
        assert!(!reply.text.contains("root:"), "{what}: {}", reply.text);
        if reply.status == 200 {
            // An entity that nothing is known of stays what it says.
            assert!(
                what == "laughs" || what == "a file of the machine",
                "{what}: {}",
                reply.text
            );
            let path = format!("/api/v1/transactions?account_id={}", id(&account));
            let listed = setting.server.get(&path, &setting.user.token).await;
            let name = listed.body[0]["description"].as_str().unwrap();
            assert!(name == "&lol3;" || name == "&xxe;", "{what}: {name}");
            let path = format!("/api/v1/ledger/entries/{}/reverse", id(&listed.body[0]));
            let body = json!({ "reason": "Only a test" });
            setting.server.post(&path, &setting.user.token, &body).await;
            continue;
        }
        refused(&reply, what);
        assert_eq!(setting.balance(&setting.user, &account).await, "0.00", "{what}");
    }
}

#[tokio::test]
async fn formulas_leave_no_export_as_formulas() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "USD").await;
    for text in [
        "=HYPERLINK(\"http://x\")",
        "+1+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "'=1",
    ] {
        let body = json!({ "type": "expense", "amount": 1, "description": text, "category": "=x", "account_id": id(&account) });
        let posted = setting
            .server
            .post("/api/v1/transactions", &setting.user.token, &body)
            .await;
        assert!(matches!(posted.status, 200 | 422), "{text}: {}", posted.text);
    }
    let item = json!({ "sku": "=1+1", "name": "@x", "unit": "+u" });
    let made = setting
        .server
        .post("/api/v1/inventory/items", &setting.user.token, &item)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let export = format!(
        "/api/v1/transactions/export?account_id={}&format=csv",
        id(&account)
    );
    for path in [
        export.as_str(),
        "/api/v1/inventory/items/export",
        "/api/v1/financial-report?format=csv",
        "/api/v1/ledger/statements/trial-balance?format=csv",
        "/api/v1/ledger/statements/profit-and-loss?format=csv",
    ] {
        let request = setting
            .server
            .request(Method::GET, path, Some(&setting.user.token));
        let sent = setting
            .server
            .send(request.header(CONTENT_TYPE, "text/csv"))
            .await;
        assert_eq!(sent.status, 200, "{path}: {}", sent.text);
        let mut reader = csv::Reader::from_reader(sent.text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                let figure = cell.parse::<rust_decimal::Decimal>().is_ok();
                assert!(
                    figure || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{path}: {cell}"
                );
            }
        }
    }
}
