use crate::setting::Setting;
use serde_json::{Value, json};

/// One field at a time made wrong: the answer is 422, names the field, and nothing is written.
#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_written() {
    let setting = Setting::new().await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let forty = "1".repeat(40);
    let cases: Vec<(&str, Value)> = vec![
        ("client_name", json!("")),
        ("client_name", json!("   ")),
        ("client_name", json!("a\u{0}b")),
        ("client_name", json!(7)),
        ("client_name", json!(null)),
        ("client_name", json!({ "$gt": "" })),
        ("client_name", json!("x".repeat(201))),
        ("email", json!("nobody")),
        ("email", json!(["a@b.co"])),
        ("phone", json!("1")),
        ("tax_id", json!({ "$ne": null })),
        ("risk_profile", json!("reckless")),
        ("kyc_expiry_date", json!("2027-02-30")),
        ("kyc_expiry_date", json!("9999-12-31")),
        ("kyc_expiry_date", json!(20270331)),
        ("total_assets", json!(-1)),
        ("total_assets", json!("NaN")),
        ("total_assets", json!("1.005")),
        (
            "total_assets",
            forty.parse::<serde_json::Number>().map(Value::Number).unwrap(),
        ),
        ("currency", json!("XXY")),
        ("advisor_id", json!("no-uuid")),
        ("user_id", json!({ "$gt": "" })),
        ("tenant_id", json!("0190a5c0-0000-7000-8000-000000000000")),
        ("$where", json!("1")),
    ];
    for (field, value) in cases {
        let mut body = json!({ "client_name": "Rajesh Kumar" });
        body[field] = value.clone();
        let refused = server.post("/api/v1/clients", token, &body).await;
        assert_eq!(
            refused.assert_error(422, "validation_error").fields(),
            [field],
            "{value}: {}",
            refused.text
        );
    }
    let missing = server.post("/api/v1/clients", token, &json!({})).await;
    assert_eq!(
        missing.assert_error(422, "validation_error").fields(),
        ["client_name"]
    );
    for query in [
        "sort=phone",
        "risk_profile=none",
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=zzz",
        "colour=red",
        "search=",
        "count=maybe",
    ] {
        let refused = server.get(&format!("/api/v1/clients?{query}"), token).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.text);
        assert!(!refused.fields().is_empty(), "{query}: {}", refused.text);
    }
    assert_eq!(server.get("/api/v1/clients", token).await.body, json!([]));
}
