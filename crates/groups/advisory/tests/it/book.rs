use crate::setting::Setting;
use advisory_contract::{AdvisoryError, CLIENT_CREATED, CLIENT_DELETED, CLIENT_UPDATED, ClientChanged};
use kernel::{AuditRecord, UserId};
use serde_json::json;

#[tokio::test]
async fn the_book_links_a_user_to_the_advisor_who_may_act() {
    let setting = Setting::new().await;
    let client = setting.client("Priya Sharma").await;
    let user: UserId = client["user_id"].as_str().unwrap().parse().unwrap();
    let ids = setting.harness.sources.ids();
    let link = setting
        .group
        .book
        .link(&setting.advisor.context(ids), user)
        .await
        .unwrap();
    assert_eq!(link.client_id.to_string(), client["id"].as_str().unwrap());
    assert_eq!(link.advisor_id.0, setting.advisor.user().0);
    for stranger in [
        setting.other_advisor.context(ids),
        setting.harness.log_in(kernel::Role::Client).context(ids),
    ] {
        let refused = setting.group.book.link(&stranger, user).await;
        assert!(
            matches!(refused, Err(AdvisoryError::ClientNotFound)),
            "{refused:?}"
        );
    }
    let own = setting.harness.log_in_as(kernel::UserPrincipal {
        user,
        role: kernel::Role::Client,
        ..setting.advisor.principal.clone()
    });
    assert_eq!(
        setting.group.book.link(&own.context(ids), user).await.unwrap(),
        link
    );
}

#[tokio::test]
async fn every_change_leaves_its_event_and_its_audit_record_without_personal_text() {
    let setting = Setting::new().await;
    let client = setting.client("Priya Sharma").await;
    let (server, token) = (&setting.server, setting.advisor.token.as_str());
    let place = format!("/api/v1/clients/{}", client["id"].as_str().unwrap());
    let change = json!({ "client_name": "Priya Secretname", "risk_profile": "moderate" });
    server.put(&place, token, &change).await;
    server.delete(&place, token).await;
    let store = setting.harness.store("advisory", advisory::collections()).await;
    let events = store.feed(0, 100).await.unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let audit = AuditRecord::EVENT_TYPE;
    assert_eq!(
        kinds,
        [
            CLIENT_CREATED,
            audit,
            CLIENT_UPDATED,
            audit,
            CLIENT_DELETED,
            audit
        ]
    );
    assert_eq!(
        events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    let facts: ClientChanged = events[0].data_as().unwrap();
    assert_eq!(facts.client_id.to_string(), client["id"].as_str().unwrap());
    let record: AuditRecord = events[3].data_as().unwrap();
    assert_eq!(record.changed, ["client_name"]);
    let all = serde_json::to_string(&events).unwrap();
    assert!(!all.contains("Priya") && !all.contains("Secretname"), "{all}");
}
