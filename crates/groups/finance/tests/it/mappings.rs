//! Saved column mappings, and files that are read with them.

use crate::setting::{Setting, id};
use reqwest::Method;
use serde_json::{Value, json};

const PLACE: &str = "/api/v1/transactions/import-mappings";

/// A German bank's: preamble, semicolons, decimal comma, two columns for the amount.
fn german() -> Value {
    json!({ "name": "Sparkasse", "columns": {
        "date": "Buchungstag", "description": ["Empfänger", "Verwendungszweck"], "debit": "Soll", "credit": "Haben",
        "date_format": "DD.MM.YYYY", "decimal_mark": "comma", "delimiter": ";", "encoding": "windows-1252",
        "skip_lines": 2
    } })
}

#[tokio::test]
async fn a_file_of_any_layout_is_read_with_a_saved_mapping() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.client, "EUR").await;
    let made = setting.server.post(PLACE, &setting.client.token, &german()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let file = "Umsätze\nKonto 1\nBuchungstag;Empfänger;Verwendungszweck;Soll;Haben\n\
                05.01.2026;Bäckerei;\"Brötchen; süß\";3,50;\n05.01.2026;Bäckerei;\"Brötchen; süß\";3,50;\n\
                31.01.2026;Arbeitgeber;Gehalt;;1.350,60\n";
    let latin: Vec<u8> = file
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let more = format!("&mapping_id={}", id(&made.body));
    let dry = setting
        .import_as(
            &setting.client,
            &account,
            "text/csv",
            &format!("{more}&dry_run=true"),
            latin.clone(),
        )
        .await;
    assert_eq!(
        dry["preview"][0]["description"], "Bäckerei Brötchen; süß",
        "{}",
        dry.text
    );
    assert_eq!(setting.count(&setting.client, &account).await, 0);
    for (login, new) in [(&setting.client, 3), (&setting.client, 0), (&setting.advisor, 0)] {
        // The advisor reads a client's file with the client's mapping.
        let read = setting
            .import_as(login, &account, "text/csv", &more, latin.clone())
            .await;
        assert_eq!(read["imported"], new, "{}", read.text);
    }
    assert_eq!(setting.balance(&setting.client, &account).await, "1343.60");
    let wrong = "x\nx\nBuchungstag;Empfänger;Verwendungszweck;Soll;Haben\n2026-01-05;a;b;1;1\n";
    let wrong: Vec<u8> = wrong
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let refused = setting
        .import_as(&setting.client, &account, "text/csv", &more, wrong)
        .await;
    refused.assert_error(422, "validation_error");
    assert!(
        refused.text.contains("Buchungstag") && refused.text.contains("Soll"),
        "{}",
        refused.text
    );
    let refused = setting
        .import_as(&setting.client, &account, "text/csv", &more, "a\nb\nDate,x\n")
        .await;
    assert_eq!(refused.assert_error(422, "validation_error").fields(), ["file"]);
}

#[tokio::test]
async fn mappings_belong_to_whoever_made_them() {
    let setting = Setting::new().await;
    let made = setting.server.post(PLACE, &setting.user.token, &german()).await;
    let place = format!("{PLACE}/{}", id(&made.body));
    assert_eq!(made.header("location"), Some(place.as_str()));
    let twice = setting.server.post(PLACE, &setting.user.token, &german()).await;
    twice.assert_error(409, "name_taken");
    for stranger in [&setting.client, &setting.advisor, &setting.admin] {
        setting
            .server
            .get(&place, &stranger.token)
            .await
            .assert_error(404, "not_found");
        let request = setting
            .server
            .request(Method::DELETE, &place, Some(&stranger.token));
        setting.server.send(request).await.assert_error(404, "not_found");
        assert_eq!(setting.server.get(PLACE, &stranger.token).await.body, json!([]));
    }
    let account = setting.account(&setting.client, "EUR").await;
    let more = format!("&mapping_id={}", id(&made.body));
    let refused = setting
        .import_as(&setting.client, &account, "text/csv", &more, "a")
        .await;
    assert_eq!(
        refused.assert_error(422, "validation_error").fields(),
        ["mapping_id"]
    );

    let mut changed = german();
    changed["columns"]["sign"] = json!("expenses_positive");
    let put = |version: u64| {
        let request = setting
            .server
            .request(Method::PUT, &place, Some(&setting.user.token));
        setting.server.send(
            request
                .header("If-Match", format!("\"{version}\""))
                .json(&changed),
        )
    };
    assert_eq!(put(1).await.body["version"], 2);
    put(1).await.assert_error(412, "precondition_failed");
    let request = setting
        .server
        .request(Method::DELETE, &place, Some(&setting.user.token));
    assert_eq!(setting.server.send(request).await.status, 204);
    setting
        .server
        .get(&place, &setting.user.token)
        .await
        .assert_error(404, "not_found");
}

#[tokio::test]
async fn a_mapping_that_cannot_be_meant_is_refused_by_field() {
    let setting = Setting::new().await;
    for (field, value, named) in [
        ("amount", json!("Betrag"), "columns.amount"),
        ("debit", json!(null), "columns.amount"),
        ("description", json!([]), "columns.description"),
        ("delimiter", json!("x"), "columns.delimiter"),
        ("date_format", json!("YY"), "columns.date_format"),
        ("encoding", json!("ebcdic"), "columns.encoding"),
        ("has_header", json!(false), "columns.date"),
        ("skip_lines", json!(101), "columns.skip_lines"),
        ("nonsense", json!(1), "columns.nonsense"),
    ] {
        let mut mapping = german();
        mapping["columns"][field] = value;
        let refused = setting.server.post(PLACE, &setting.user.token, &mapping).await;
        let fields = refused.assert_error(422, "validation_error").fields();
        assert_eq!(fields, [named], "{}", refused.text);
    }
}
