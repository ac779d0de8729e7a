use crate::served::settings;
use platform::System;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn test_create_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start_system(settings(&directory)).await.unwrap();
    let params = json!({ "type": "income", "amount": 1000, "description": "Test transaction" });
    let made = system.process_command("create_transaction", params.clone()).await;
    let result = made.result.unwrap_or_else(|| panic!("{:?}", made.error));
    assert_eq!(
        result["amount"],
        json!({ "amount": "1000.00", "currency": "INR" })
    );
    assert_eq!(made.error, None);
    assert_eq!(system.get_system_status().await["system_status"], "operational");
    system.stop_system().await;

    let again = System::start_system(settings(&directory)).await.unwrap();
    let other = again
        .process_command("create_transaction", params)
        .await
        .result
        .unwrap();
    assert_eq!(
        other["user_id"], result["user_id"],
        "the system's own user is made once"
    );
    again.stop_system().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_is_an_answer() {
    let directory = tempfile::tempdir().unwrap();
    let system = System::start_system(settings(&directory)).await.unwrap();
    for (command, params) in [
        ("make_rich", json!({})),
        ("create_transaction", json!({})),
        ("create_transaction", json!({ "type": "gift", "amount": 1 })),
        ("create_transaction", json!({ "type": "income", "amount": "NaN" })),
        (
            "create_transaction",
            json!({ "type": "income", "amount": 1, "colour": "red" }),
        ),
        ("create_transaction", json!([1])),
    ] {
        let outcome = system.process_command(command, params.clone()).await;
        assert!(
            outcome.result.is_none() && outcome.error.is_some(),
            "{command} {params}"
        );
    }
    system.stop_system().await;
}
