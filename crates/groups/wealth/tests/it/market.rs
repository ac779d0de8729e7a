use crate::setting::Setting;
use serde_json::json;

#[tokio::test]
async fn an_instrument_is_made_once_and_changed() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.admin.token.as_str());
    let body = json!({ "symbol": "hdfcbank", "name": "HDFC Bank", "class": "equity", "product_risk": 4 });
    let made = server.post("/api/v1/instruments", token, &body).await;
    assert_eq!(
        (made.status, made["symbol"].as_str()),
        (201, Some("HDFCBANK")),
        "{}",
        made.text
    );
    assert_eq!(made["currency"], "INR");
    server
        .post("/api/v1/instruments", token, &body)
        .await
        .assert_error(409, "symbol_taken");
    let mut change = body.clone();
    change["sector"] = json!("banking");
    change["version"] = json!(7);
    server
        .put("/api/v1/instruments/HDFCBANK", token, &change)
        .await
        .assert_error(409, "version_conflict");
    change["version"] = json!(1);
    let changed = server.put("/api/v1/instruments/HDFCBANK", token, &change).await;
    assert_eq!(
        (changed.status, changed["sector"].as_str()),
        (200, Some("banking")),
        "{}",
        changed.text
    );
    server
        .get("/api/v1/instruments/NOSUCH", token)
        .await
        .assert_error(404, "not_found");
    server
        .post("/api/v1/instruments", &setting.client.token, &body)
        .await
        .assert_error(403, "forbidden");
}

#[tokio::test]
async fn quotes_come_from_files_and_say_when_they_are_stale() {
    let setting = Setting::new().await;
    let token = setting.admin.token.as_str();
    let file = "symbol,name,class,sector,product_risk\nAAA,Alpha,equity,tech,4\nBBB,Beta,bond,,1\n";
    let made = setting
        .file(&setting.admin, "/api/v1/instruments/import", file)
        .await;
    assert_eq!(
        (made.status, made["changed"].as_u64()),
        (200, Some(2)),
        "{}",
        made.text
    );
    let quotes = "symbol,date,price\nAAA,2026-01-14,101.5\nAAA,2026-01-13,100\nBBB,2026-01-02,50\n";
    let tried = setting
        .file(&setting.admin, "/api/v1/quotes/import?dry_run=true", quotes)
        .await;
    assert_eq!(
        (tried["rows"].as_u64(), tried["changed"].as_u64()),
        (Some(3), Some(0))
    );
    let kept = setting
        .file(&setting.admin, "/api/v1/quotes/import", quotes)
        .await;
    assert_eq!(kept["changed"], 3, "{}", kept.text);
    let again = setting
        .file(&setting.admin, "/api/v1/quotes/import", quotes)
        .await;
    assert_eq!(again["changed"], 0, "the same file changes nothing");
    let fresh = setting.server.get("/api/v1/instruments/AAA", token).await;
    assert_eq!(fresh["quote"]["price"].to_string(), "101.5");
    assert_eq!(
        (fresh["quote"]["age_days"].as_i64(), &fresh["quote"]["stale"]),
        (Some(1), &json!(false))
    );
    let old = setting.server.get("/api/v1/instruments/BBB", token).await;
    assert_eq!(
        (old["quote"]["age_days"].as_i64(), &old["quote"]["stale"]),
        (Some(13), &json!(true))
    );
    let list = setting
        .server
        .get("/api/v1/quotes?symbol=AAA&to=2026-01-13", token)
        .await;
    assert_eq!(list.body.as_array().unwrap().len(), 1, "{}", list.text);
}

#[tokio::test]
async fn a_corrupt_file_names_its_rows_and_keeps_nothing() {
    let setting = Setting::new().await;
    setting.instrument("AAA", "equity", "tech").await;
    for (file, field) in [
        ("symbol,date,price\nAAA,2026-01-14,NaN\n", "row 1"),
        ("symbol,date,price\nAAA,2026-01-14,5\nAAA,2026-02-30,5\n", "row 2"),
        ("symbol,date,price\nAAA,2026-01-14,-5\n", "row 1"),
        ("symbol,date,price\nAAA,2026-01-14,5\nAAA,2026-01-14,6\n", "row 2"),
        ("symbol,date,price\nZZZ,2026-01-14,5\n", "row 1"),
        ("symbol,date,price\nAAA,2026-01-14\n", "row 1"),
        ("symbol,price\nAAA,5\n", "file"),
        ("symbol,date,price\n\"AAA,2026-01-14,5\n", "file"),
        ("", "file"),
    ] {
        let refused = setting.file(&setting.admin, "/api/v1/quotes/import", file).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused["details"][0]["field"], field, "{file} {}", refused.text);
    }
    let list = setting
        .server
        .get("/api/v1/quotes?symbol=AAA", &setting.admin.token)
        .await;
    assert_eq!(list.body, json!([]));
}
