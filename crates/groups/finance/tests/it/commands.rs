use crate::setting::{Setting, id};
use finance_contract::FinanceError;
use kernel::{CallContext, Command, Fault, IdempotencyKey, TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Reply;

const COMMANDS: &str = "/api/finance/commands";

async fn send(setting: &Setting, path: &str, key: Option<&str>, body: &Value) -> Reply {
    let mut request = setting
        .server
        .request(Method::POST, path, Some(&setting.user.token))
        .json(body);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    setting.server.send(request).await
}

fn command(params: &Value, id: Option<&str>) -> Value {
    json!({ "command": "create_transaction", "params": params, "id": id })
}

#[tokio::test]
async fn one_id_is_one_posting_on_every_path() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    let params =
        json!({ "type": "expense", "amount": 50.0, "account_id": id(&account), "date": "2026-03-01" });
    let first = send(&setting, COMMANDS, None, &command(&params, Some("rent"))).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let made = &first["data"]["transaction_id"];
    assert!(made.is_string(), "{}", first.text);
    for (path, key, body) in [
        (COMMANDS, None, command(&params, Some("rent"))),
        (COMMANDS, Some("rent"), command(&params, None)),
        (COMMANDS, Some("rent"), command(&params, Some("rent"))),
        ("/create_transaction", Some("rent"), params.clone()),
        ("/api/accounting/create_transaction", Some("rent"), params.clone()),
        ("/api/finance/create_transaction", Some("rent"), params.clone()),
        (
            "/api/accounting/api/v1/transactions",
            Some("rent"),
            params.clone(),
        ),
        ("/api/v1/transactions", Some("rent"), params.clone()),
    ] {
        let again = send(&setting, path, key, &body).await;
        assert_eq!(again.status, 200, "{path}: {}", again.text);
        let same = match path {
            COMMANDS => &again["data"]["transaction_id"],
            _ => &again["transaction_id"],
        };
        assert_eq!(same, made, "{path}");
    }
    assert_eq!(setting.count(&setting.user, &account).await, 1);
    let other = json!({ "type": "expense", "amount": 51, "account_id": id(&account), "date": "2026-03-01" });
    let refused = send(&setting, COMMANDS, None, &command(&other, Some("rent"))).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(setting.balance(&setting.user, &account).await, "-50.00");
}

#[tokio::test]
async fn a_wrong_command_is_refused_by_its_field_and_changes_nothing() {
    let setting = Setting::new().await;
    let account = setting.account(&setting.user, "INR").await;
    for (body, field) in [
        (json!({}), "command"),
        (json!({ "command": 7 }), "command"),
        (json!({ "command": "make_rich" }), "command"),
        (json!({ "command": "create_transaction", "params": [] }), "params"),
        (json!({ "command": "create_transaction" }), "params.type"),
        (
            command(&json!({ "type": "gift", "amount": 1 }), None),
            "params.type",
        ),
        (
            command(&json!({ "type": "income", "amount": 0 }), None),
            "params.amount",
        ),
        (
            command(&json!({ "type": "income", "amount": "NaN" }), None),
            "params.amount",
        ),
        (
            command(&json!({ "type": "income", "amount": 1, "colour": "red" }), None),
            "params.colour",
        ),
        (command(&json!({ "type": "income", "amount": 1 }), Some("")), "id"),
        (json!({ "command": "create_transaction", "param": {} }), "param"),
    ] {
        let refused = send(&setting, COMMANDS, None, &body).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.text);
        let details = refused["details"].as_array().unwrap();
        let named = details.iter().any(|detail| detail["field"] == field);
        assert!(named, "{body}: {}", refused.text);
    }
    let params = json!({ "type": "income", "amount": 1 });
    let two = send(&setting, COMMANDS, Some("a"), &command(&params, Some("b"))).await;
    assert_eq!((two.status, &two["details"][0]["field"]), (422, &json!("id")));
    assert_eq!(setting.count(&setting.user, &account).await, 0);
}

#[tokio::test]
async fn only_what_a_service_answers_stands_below_its_prefix() {
    let setting = Setting::new().await;
    for path in [
        "/api/accounting/rpc/finance/contract",
        "/api/accounting/metrics",
        "/api/inventory/create_transaction",
        "/api/accounting",
        "/api/accounting/../create_transaction",
        "/api/accounting//create_transaction",
        "/api/accountings/create_transaction",
    ] {
        let missing = send(&setting, path, None, &json!({ "type": "income", "amount": 1 })).await;
        assert_eq!(missing.status, 404, "{path}: {}", missing.text);
    }
    let report = setting
        .server
        .get(
            "/api/finance/financial_report?from=2026-01-01",
            &setting.user.token,
        )
        .await;
    assert_eq!(report.status, 200, "{}", report.text);
    assert_eq!(report["from"], "2026-01-01");
    let by_command = send(
        &setting,
        COMMANDS,
        None,
        &json!({ "command": "financial_report", "params": { "from": "2026-01-01" } }),
    )
    .await;
    assert_eq!(by_command["data"], report.body, "{}", by_command.text);
}

#[tokio::test]
async fn a_queue_acts_for_whom_the_command_names() {
    let setting = Setting::new().await;
    let commands = &setting.group.commands;
    let cx = || CallContext::system("system", TenantId::DEFAULT, setting.harness.sources.ids());
    let key = |text| IdempotencyKey::parse(text).unwrap();
    let message = |text: String| Command::parse(text.as_bytes()).unwrap();
    let user = setting.user.user();
    let paid = format!(
        r#"{{"command":"create_transaction","params":{{"type":"expense","amount":7,"user_id":"{user}"}}}}"#
    );
    let first = commands
        .run(&cx(), key("m-1"), message(paid.clone()))
        .await
        .unwrap();
    let again = commands.run(&cx(), key("m-1"), message(paid)).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(first.data["data"]["user_id"], user.to_string());
    let unknown = commands
        .run(
            &cx(),
            key("m-2"),
            message(r#"{"command":"analyze_portfolio","params":{}}"#.to_owned()),
        )
        .await
        .unwrap_err();
    assert!(matches!(unknown, FinanceError::Call { .. }), "{unknown}");
    assert_eq!(unknown.details()[0].field, "command");
}
