use crate::setting::{Setting, id, link, place};
use advisory_contract::{CLIENT_CREATED, CLIENT_DELETED, CLIENT_REASSIGNED, ClientChanged, ClientLink};
use events::{EventFeedClient, EventMetrics, Projector, StoreFeed};
use kernel::NewEvent;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Store;
use testkit::Login;

/// Starts the group's projection over the feed of an advisory group, whose store it answers.
async fn hear(setting: &Setting) -> Store {
    let harness = &setting.harness;
    let advisory = harness.store("advisory", events::collections()).await;
    let metrics = harness.registry.with(EventMetrics::register);
    let projector = |store: &Store| Projector::new(store.clone(), harness.tasks.clone(), metrics.clone());
    let feed = EventFeedClient::unbound(&harness.seam(), "advisory");
    feed.bind_local(Arc::new(StoreFeed::new(projector(&advisory))));
    projector(&setting.store).run(setting.group.book_projection.clone(), [feed]);
    advisory
}

/// Has the advisory group say what became of a client, and waits until the group has heard it.
async fn tell(setting: &Setting, advisory: &Store, event: &str, link: ClientLink) {
    let mut book = setting.book.lock().unwrap().clone();
    match event {
        CLIENT_DELETED => book.remove(&link.user_id),
        _ => book.insert(link.user_id, link),
    };
    *setting.book.lock().unwrap() = book;
    let cx = setting.admin.context(setting.harness.sources.ids());
    let facts = ClientChanged {
        client_id: link.client_id,
        user_id: link.user_id,
        advisor_id: link.advisor_id,
    };
    let data = serde_json::to_value(facts).unwrap();
    let mut batch = advisory.batch(&cx);
    batch.event(NewEvent::new(
        &cx,
        event,
        format!("client/{}", link.client_id),
        data,
    ));
    advisory.commit(batch).await.unwrap();
    let told = advisory.last_seq().await.unwrap();
    testkit::eventually("the group has heard it", || async {
        let cursor = setting.store.consumer_cursor("finance.book", "advisory").await;
        (cursor.unwrap().seq() >= told).then_some(())
    })
    .await;
}

/// Whether somebody sees an account and its transaction: both, or neither.
async fn sees(setting: &Setting, login: &Login, account: &Value, transaction: &Value) -> bool {
    let token = login.token.as_str();
    let server = &setting.server;
    let read = server.get(&place(account), token).await;
    let at = format!("/api/v1/transactions/{}", id(transaction));
    let posted = server.get(&at, token).await;
    let listed = server.get("/api/v1/transactions", token).await;
    let user = account["user_id"].as_str().unwrap();
    let report = server
        .get(&format!("/api/v1/financial-report?user_id={user}"), token)
        .await;
    let count = listed.body.as_array().unwrap().len();
    match (read.status, posted.status, count, report.status) {
        (200, 200, 1, 200) => true,
        (404, 404, 0, 404) => false,
        mixed => panic!("{mixed:?}"),
    }
}

#[tokio::test]
async fn an_advisor_sees_a_users_money_while_the_user_is_in_the_book() {
    let setting = Setting::new().await;
    let advisory = hear(&setting).await;
    let (user, first, second) = (&setting.user, &setting.advisor, &setting.other_advisor);
    let account = setting.account(user, "INR").await;
    let body = json!({ "type": "income", "amount": "5", "account_id": id(&account) });
    let transaction = setting.post(user, &body).await["data"].clone();
    let seen = async || {
        assert!(sees(&setting, user, &account, &transaction).await);
        (
            sees(&setting, first, &account, &transaction).await,
            sees(&setting, second, &account, &transaction).await,
        )
    };
    assert_eq!(seen().await, (false, false));

    let mut link = link(&setting.harness, user, first);
    tell(&setting, &advisory, CLIENT_CREATED, link).await;
    assert_eq!(seen().await, (true, false));
    let renamed = json!({ "name": "By the advisor", "kind": "checking" });
    let changed = setting.server.put(&place(&account), &first.token, &renamed).await;
    assert_eq!(changed.status, 200, "{}", changed.text);

    link.advisor_id.0 = second.user().0;
    tell(&setting, &advisory, CLIENT_REASSIGNED, link).await;
    assert_eq!(seen().await, (false, true));

    tell(&setting, &advisory, CLIENT_DELETED, link).await;
    assert_eq!(seen().await, (false, false));
}
