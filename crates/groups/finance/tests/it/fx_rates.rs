//! Rates of exchange from a file.

use crate::setting::Setting;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use testkit::{Login, Reply};

/// Sends a file of rates.
pub(crate) async fn send(setting: &Setting, login: &Login, query: &str, file: &[u8]) -> Reply {
    let path = format!("/api/v1/fx-rates/import{query}");
    let request = setting.server.request(Method::POST, &path, Some(&login.token));
    setting
        .server
        .send(request.header(CONTENT_TYPE, "text/csv").body(file.to_vec()))
        .await
}

async fn kept(setting: &Setting) -> Vec<String> {
    let listed = setting.server.get("/api/v1/fx-rates", &setting.user.token).await;
    let text = |of: &serde_json::Value| format!("{} {}", of["date"].as_str().unwrap(), of["rate"]);
    listed.body.as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_file_of_rates_is_kept_once_whoever_sends_it_again() {
    let setting = Setting::new().await;
    let file = "\u{feff}Source,Rate,Date,Quote,BASE\r\nECB,83.25,2026-01-05,INR,USD\r\nECB,\"90.1\",2026-01-06,INR,EUR\r\n";
    let dry = send(&setting, &setting.advisor, "?dry_run=true", file.as_bytes()).await;
    assert_eq!(
        (dry.status, &dry["rows"], &dry["changed"]),
        (200, &json!(2), &json!(0)),
        "{}",
        dry.text
    );
    assert!(kept(&setting).await.is_empty());
    for (login, changed) in [(&setting.advisor, 2), (&setting.admin, 0)] {
        let sent = send(&setting, login, "", file.as_bytes()).await;
        assert_eq!(
            (sent.status, &sent["changed"]),
            (200, &json!(changed)),
            "{}",
            sent.text
        );
    }
    let corrected = file.replace("83.25", "83.5");
    let sent = send(&setting, &setting.admin, "", corrected.as_bytes()).await;
    assert_eq!(sent["changed"], 1, "{}", sent.text);
    assert_eq!(kept(&setting).await, ["2026-01-06 90.1", "2026-01-05 83.5"]);
    send(&setting, &setting.user, "", file.as_bytes())
        .await
        .assert_error(403, "forbidden");
}

#[tokio::test]
async fn a_wrong_row_is_named_and_nothing_is_kept() {
    let setting = Setting::new().await;
    let head = "date,base,quote,rate\n2026-01-05,USD,INR,83.25\n";
    for (row, named) in [
        ("2026-02-30,USD,INR,1", "row 2"),
        ("05/01/2026,USD,INR,1", "row 2"),
        ("2026-01-06,XYZ,INR,1", "row 2"),
        ("2026-01-06,INR,INR,1", "row 2"),
        ("2026-01-06,USD,INR,0", "row 2"),
        ("2026-01-06,USD,INR,-1", "row 2"),
        ("2026-01-06,USD,INR,NaN", "row 2"),
        ("2026-01-06,USD,INR,=1+1", "row 2"),
        ("2026-01-06,USD,INR,", "row 2"),
        ("2026-01-06,USD,INR", "row 2"),
        ("2026-01-05,USD,INR,84", "row 2"),
        ("2026-01-06,USD,INR,\"1", "file"),
        ("2026-01-06,USD,IN\u{0}R,1", "file"),
    ] {
        let refused = send(&setting, &setting.admin, "", format!("{head}{row}\n").as_bytes()).await;
        let fields = refused.assert_error(422, "validation_error").fields();
        assert_eq!(fields, [named], "{row}: {}", refused.text);
    }
    let sixteen: Vec<u8> = head.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long = head.to_owned() + &"2026-01-05,USD,INR,1\n".repeat(20_001);
    for file in [
        b"".as_slice(),
        b"base,quote,rate\nUSD,INR,1\n",
        &sixteen,
        b"date,base,quote,rate\nCaf\xe9,a,b,1\n",
        long.as_bytes(),
    ] {
        let refused = send(&setting, &setting.admin, "", file).await;
        assert!((400..500).contains(&refused.status), "{}", refused.text);
        assert!(refused.text.len() < 20_000);
    }
    assert!(kept(&setting).await.is_empty());
}
