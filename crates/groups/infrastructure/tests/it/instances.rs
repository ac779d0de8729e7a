use crate::setting::{Setting, other_firm};
use chrono::TimeDelta;
use infrastructure_contract::{Announcement, InstanceId, RegistryError};
use kernel::{ErrorKind, Fault, Role};
use serde_json::{Value, json};
use testkit::Reply;
use uuid::Uuid;

const INSTANCES: &str = "/api/infrastructure/registry/instances";

fn announcement(number: u128, groups: &[&str], port: u16) -> Announcement {
    Announcement {
        instance: InstanceId(Uuid::from_u128(number)),
        groups: groups.iter().map(|&name| name.to_owned()).collect(),
        address: format!("http://127.0.0.1:{port}"),
        version: "0.1.0".to_owned(),
    }
}

async fn announce(setting: &Setting, group: &str, announcement: Announcement) {
    let cx = setting.harness.system(group);
    setting.registry.announce(&cx, announcement).await.unwrap();
}

/// The addresses that live, in the order in which they expire.
async fn addresses(setting: &Setting) -> Vec<String> {
    let instances = setting.registry.instances(&setting.harness.system("books")).await;
    instances
        .unwrap()
        .into_iter()
        .map(|instance| instance.address)
        .collect()
}

async fn listed(setting: &Setting) -> Reply {
    setting.get(Role::Admin, INSTANCES).await
}

#[tokio::test]
async fn a_process_lives_for_ten_seconds_after_it_announced_itself() {
    let setting = Setting::new().await;
    announce(&setting, "bank", announcement(1, &["bank"], 9001)).await;
    setting.harness.clock.advance(TimeDelta::seconds(4));
    announce(&setting, "books", announcement(2, &["books", "bank"], 9002)).await;
    assert_eq!(
        addresses(&setting).await,
        ["http://127.0.0.1:9001", "http://127.0.0.1:9002"]
    );

    setting.harness.clock.advance(TimeDelta::seconds(5));
    announce(&setting, "books", announcement(2, &["books"], 9002)).await;
    setting.harness.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        addresses(&setting).await,
        ["http://127.0.0.1:9002"],
        "the other fell silent"
    );
    let reply = listed(&setting).await;
    assert_eq!(
        reply.body,
        json!([{
            "instance": Uuid::from_u128(2), "groups": ["books"], "address": "http://127.0.0.1:9002",
            "version": "0.1.0", "seen_at": "2026-01-15T06:30:09Z", "expires_at": "2026-01-15T06:30:19Z",
        }])
    );
    announce(&setting, "bank", announcement(1, &["bank"], 9001)).await;
    assert_eq!(addresses(&setting).await.len(), 2, "it came back");
}

#[tokio::test]
async fn announcing_and_withdrawing_again_changes_nothing() {
    let setting = Setting::new().await;
    let one = announcement(1, &["bank"], 9001);
    let (first, second) = tokio::join!(
        announce(&setting, "bank", one.clone()),
        announce(&setting, "bank", one.clone())
    );
    assert_eq!((first, second), ((), ()));
    assert_eq!(addresses(&setting).await.len(), 1);
    let cx = setting.harness.system("bank");
    for _ in 0..2 {
        setting.registry.withdraw(&cx, one.instance).await.unwrap();
        assert!(addresses(&setting).await.is_empty());
    }
}

#[tokio::test]
async fn a_process_speaks_for_itself_only() {
    let setting = Setting::new().await;
    let kind = |error: RegistryError| error.kind();
    let books = setting.harness.system("books");
    let foreign = setting
        .registry
        .announce(&books, announcement(1, &["bank"], 9001))
        .await;
    assert_eq!(foreign.map_err(kind), Err(ErrorKind::Forbidden));
    let admin = setting.harness.log_in(Role::Admin);
    let admin = admin.context(setting.harness.sources.ids());
    let person = setting
        .registry
        .announce(&admin, announcement(1, &["bank"], 9001))
        .await;
    assert_eq!(person.map_err(kind), Err(ErrorKind::Forbidden));
    let person = setting.registry.instances(&admin).await;
    assert_eq!(person.map_err(kind).map(drop), Err(ErrorKind::Forbidden));
    let person = setting
        .registry
        .withdraw(&admin, InstanceId(Uuid::from_u128(1)))
        .await;
    assert_eq!(person.map_err(kind), Err(ErrorKind::Forbidden));
    let mut garden = announcement(1, &["books", "garden"], 9001);
    for field in ["groups", "address"] {
        let refused = setting
            .registry
            .announce(&books, garden.clone())
            .await
            .unwrap_err();
        assert_eq!(refused.details()[0].field, field, "{refused}");
        garden = announcement(1, &["books"], 9001);
        garden.address = "http://user:s3cret@books:9002".to_owned();
    }
}

#[tokio::test]
async fn an_admin_registers_renews_and_takes_out_what_does_not_announce_itself() {
    let setting = Setting::new().await;
    let token = setting.harness.log_in(Role::Admin).token;
    let stub = json!({ "groups": ["bank"], "address": "http://Stub.example:9001/" });
    let made = setting.server.post(INSTANCES, &token, &stub).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made["address"], "http://stub.example:9001");
    let place = format!("{INSTANCES}/{}", made["instance"].as_str().unwrap());

    setting.harness.clock.advance(TimeDelta::seconds(6));
    let renewed = setting
        .server
        .put(&place, &token, &json!({ "version": "2" }))
        .await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    assert_eq!(
        (&renewed["version"], &renewed["groups"], &renewed["expires_at"]),
        (&json!("2"), &json!(["bank"]), &json!("2026-01-15T06:30:16Z"))
    );
    let seen = setting.get(Role::Compliance, INSTANCES).await;
    assert_eq!(seen.body, json!([renewed.body]));

    assert_eq!(setting.server.delete(&place, &token).await.status, 204);
    setting
        .server
        .delete(&place, &token)
        .await
        .assert_error(404, "not_found");
    assert_eq!(listed(&setting).await.body, json!([]));

    let again = setting.server.post(INSTANCES, &token, &stub).await;
    let place = format!("{INSTANCES}/{}", again["instance"].as_str().unwrap());
    setting.harness.clock.advance(TimeDelta::seconds(10));
    let late = setting.server.put(&place, &token, &json!({})).await;
    late.assert_error(404, "not_found");
}

#[tokio::test]
async fn only_those_who_run_the_installation_may() {
    let setting = Setting::new().await;
    let stub = json!({ "groups": ["bank"], "address": "http://127.0.0.1:9001" });
    let place = format!("{INSTANCES}/{}", Uuid::from_u128(1));
    let mut tokens = vec![setting.harness.log_in_to(Role::Admin, other_firm()).token];
    for role in [Role::Compliance, Role::Advisor, Role::Client, Role::Service] {
        tokens.push(setting.harness.log_in(role).token);
    }
    for (index, token) in tokens.iter().enumerate() {
        let refused = setting.server.post(INSTANCES, token, &stub).await;
        refused.assert_error(403, "forbidden");
        setting
            .server
            .put(&place, token, &json!({}))
            .await
            .assert_error(403, "forbidden");
        setting
            .server
            .delete(&place, token)
            .await
            .assert_error(403, "forbidden");
        let list = setting.server.get(INSTANCES, token).await;
        assert_eq!(
            list.status,
            if index == 1 { 200 } else { 403 },
            "compliance may look"
        );
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let setting = Setting::new().await;
    let token = setting.harness.log_in(Role::Admin).token;
    let body = |field: &str, value: Value| {
        let mut body = json!({ "groups": ["bank"], "address": "http://127.0.0.1:9001" });
        body[field] = value;
        body
    };
    for (wrong, field) in [
        (body("groups", json!([])), "groups"),
        (body("groups", json!(["garden"])), "groups"),
        (body("address", json!("ftp://127.0.0.1")), "address"),
        (body("address", json!("http://127.0.0.1:9001/rpc")), "address"),
        (body("version", json!("x".repeat(41))), "version"),
        (body("colour", json!("red")), "colour"),
    ] {
        let refused = setting.server.post(INSTANCES, &token, &wrong).await;
        refused.assert_error(422, "validation_error");
        assert_eq!(refused.fields(), [field], "{wrong}");
    }
    let unknown = setting
        .server
        .put(&format!("{INSTANCES}/7"), &token, &json!({}))
        .await;
    unknown.assert_error(404, "not_found");
}
