//! What is sent to a MongoDB server: nothing that is not on the list which an operator grants.

use crate::process::{Home, Remote, mongodb_uri, run};
use reqwest::Method;
use serde_json::json;
use store::MONGODB_COMMANDS;
use testkit::Wire;

/// A wire to the server of the tests, and its address with everything that the server's own says.
async fn wire() -> (Wire, String) {
    let uri = mongodb_uri();
    let (scheme, rest) = uri.split_once("://").unwrap();
    let host = rest.split(['/', '?']).next().unwrap();
    let wire = Wire::hearing_commands(host).await.unwrap();
    let mut own = format!("{scheme}://{}{}", wire.address(), &rest[host.len()..]);
    // The driver would go past the wire to the addresses that the server tells it.
    own.push_str(if own.contains('?') { "&" } else { "?" });
    own.push_str("directConnection=true");
    (wire, own)
}

async fn live(api: &Remote) {
    let (advisor, _) = api.newcomer("advisor@example.com", "advisor").await;
    let client = api
        .post("/api/v1/clients", &advisor, &json!({ "client_name": "Somebody" }))
        .await;
    assert_eq!(client.status, 201, "{}", client.body);
    let path = format!("/api/v1/clients/{}", client.body["id"].as_str().unwrap());
    let gone = api.try_send(api.request(Method::DELETE, &path, &advisor)).await;
    assert_eq!(gone.unwrap().status, 204);
    let (token, _) = api.newcomer("ann@example.com", "client").await;
    let account = json!({ "name": "Savings", "kind": "savings", "currency": "INR" });
    let account = api.post("/api/v1/accounts", &token, &account).await;
    assert_eq!(account.status, 201, "{}", account.body);
    let account = account.body["id"].as_str().unwrap().to_owned();
    for number in 1..4 {
        let posting = json!({ "type": "income", "amount": number, "account_id": account });
        let posted = api.post("/api/v1/transactions", &token, &posting).await;
        assert_eq!(posted.status, 200, "{}", posted.body);
    }
    let rows = "Date,Description,Amount\n2026-03-02,Tea,-3.50\n2026-03-03,Cake,-4.50\n";
    let path = format!("/api/v1/transactions/import?account_id={account}");
    let import = api.request(Method::POST, &path, &token);
    let import = api
        .try_send(import.header("Content-Type", "text/csv").body(rows))
        .await;
    assert!(import.unwrap().status < 300);
    for path in [
        "/api/v1/transactions?limit=2",
        "/api/v1/transactions?limit=2&count=true",
        "/api/v1/transactions?type=income&sort=-amount",
    ] {
        let _ = api.get(path, &token).await;
    }
}

#[tokio::test]
async fn only_listed_commands_are_sent_to_mongodb() {
    let (wire, address) = wire().await;
    let home = Home::on_mongodb(&address);
    let monolith = home.start().await;
    live(&monolith.remote()).await;
    let place = home.place().join("backup");
    for arguments in [&["backup", place.to_str().unwrap()][..], &["audit", "verify"]] {
        let mut command = home.command("wealthctl");
        command.args(arguments);
        let (code, _, stderr) = run(command).await;
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
    }
    let (code, log) = monolith.terminate().await;
    assert_eq!(code, Some(0), "{log}");
    let mut command = home.command("wealthctl");
    command.args(["restore", place.to_str().unwrap(), "--replace"]);
    let (code, _, stderr) = run(command).await;
    assert_eq!(code, Some(0), "{stderr}");

    let sent = wire.commands();
    for needed in [
        "aggregate",
        "commitTransaction",
        "createIndexes",
        "find",
        "getMore",
        "insert",
        "update",
    ] {
        assert!(
            sent.contains(needed),
            "the story is too short: no {needed} in {sent:?}"
        );
    }
    let foreign = sent
        .iter()
        .filter(|command| !MONGODB_COMMANDS.contains(&command.as_str()));
    assert_eq!(
        foreign.collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "all: {sent:?}"
    );
}
