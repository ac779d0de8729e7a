use crate::setting::Setting;
use events::{EventFeed, EventFeedClient, EventMetrics, Projector, StoreFeed};
use kernel::{ClientId, IdempotencyKey, Money, NewEvent, UserId};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use store::Store;
use testkit::Harness;
use uuid::Uuid;
use wealth_contract::{FUNDING_REQUESTED, FUNDING_SETTLED, FundingChanged, FundingKind, FundingState};

const CONSUMER: &str = "finance.funding";

fn projector(setting: &Setting, store: &Store) -> Projector {
    let metrics = setting.harness.registry.with(EventMetrics::register);
    Projector::new(store.clone(), setting.harness.tasks.clone(), metrics)
}

/// A wealth group that says things, and how many it said: on MongoDB they are numbered a little later.
struct Told {
    store: Store,
    told: AtomicU64,
    /// The feed of the group that hears them: it knows what it could not deal with.
    own: StoreFeed,
}

/// Starts the group's projection over the feed of a wealth group, which it answers.
async fn hear(setting: &Setting) -> Told {
    let wealth = setting.harness.store("wealth", events::collections()).await;
    let feed = EventFeedClient::unbound(&setting.harness.seam(), "wealth");
    feed.bind_local(Arc::new(StoreFeed::new(projector(setting, &wealth))));
    let own = projector(setting, &setting.store);
    own.run(setting.group.funding_projection.clone(), [feed]);
    Told {
        store: wealth,
        told: AtomicU64::new(0),
        own: StoreFeed::new(own),
    }
}

fn funding(user: UserId, kind: FundingKind, units: i64) -> FundingChanged {
    FundingChanged {
        funding_id: Uuid::from_u128(units.unsigned_abs().into()),
        user_id: user,
        client_id: None::<ClientId>,
        portfolio_id: Uuid::from_u128(1),
        account_id: Uuid::from_u128(2),
        kind,
        amount: Money::new(Decimal::from(units), "INR".parse().unwrap()).unwrap(),
        state: FundingState::Settled,
        date: "2026-01-10".parse().unwrap(),
        reasons: Vec::new(),
    }
}

/// Has the wealth group say something, and waits until the group has dealt with it.
async fn tell(setting: &Setting, wealth: &Told, event: &str, facts: Value) {
    let cx = setting.admin.context(setting.harness.sources.ids());
    let mut batch = wealth.store.batch(&cx);
    batch.event(NewEvent::new(&cx, event, "funding/1", facts));
    wealth.store.commit(batch).await.unwrap();
    let told = wealth.told.fetch_add(1, Ordering::SeqCst) + 1;
    testkit::eventually("the group has heard it", || async {
        let cursor = setting.store.consumer_cursor(CONSUMER, "wealth").await;
        (cursor.unwrap().seq() >= told).then_some(())
    })
    .await;
}

async fn trial_balance(setting: &Setting) -> Value {
    let path = "/api/v1/ledger/statements/trial-balance";
    let read = setting.server.get(path, &setting.client.token).await;
    assert_eq!(read.status, 200, "{}", read.text);
    read.body
}

async fn transactions(setting: &Setting) -> Vec<Value> {
    let listed = setting
        .server
        .get("/api/v1/transactions", &setting.client.token)
        .await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.body.as_array().unwrap().clone()
}

pub(crate) async fn what_is_settled_is_posted_once(harness: Harness) {
    let setting = Setting::on(harness).await;
    let wealth = hear(&setting).await;
    let user = setting.client.user();
    let deposit = serde_json::to_value(funding(user, FundingKind::Deposit, 5000)).unwrap();
    tell(&setting, &wealth, FUNDING_REQUESTED, deposit.clone()).await;
    assert!(transactions(&setting).await.is_empty());
    // Told three times, as after a crash or a rewind: posted once.
    for _ in 0..3 {
        tell(&setting, &wealth, FUNDING_SETTLED, deposit.clone()).await;
    }
    for (kind, units) in [(FundingKind::Withdrawal, 700), (FundingKind::Payout, 300)] {
        let facts = serde_json::to_value(funding(user, kind, units)).unwrap();
        tell(&setting, &wealth, FUNDING_SETTLED, facts).await;
    }
    let posted = transactions(&setting).await;
    assert_eq!(posted.len(), 3, "{posted:?}");
    let balance = trial_balance(&setting).await;
    let text = balance.to_string();
    for name in ["investments", "outside funds", "payouts"] {
        assert!(text.contains(name), "{text}");
    }
    let (books, differences) = setting.group.replay.run(false).await.unwrap();
    assert!(books >= 1 && differences.is_empty(), "{differences:?}");
    // An advisor sees it as all that is the client's; another one does not.
    let path = format!("/api/v1/transactions/{}", posted[0]["id"].as_str().unwrap());
    assert_eq!(
        setting
            .server
            .get(&path, &setting.other_advisor.token)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn two_processes_that_hear_the_same_post_it_once() {
    let setting = Setting::new().await;
    let wealth = hear(&setting).await;
    let facts = serde_json::to_value(funding(setting.client.user(), FundingKind::Deposit, 10)).unwrap();
    tell(&setting, &wealth, FUNDING_SETTLED, facts).await;
    let event = wealth.store.feed(0, 10).await.unwrap().remove(0);
    let cx = setting.harness.system("finance");
    let again = (0..4).map(|_| setting.group.funding_projection.apply(&cx, &event));
    for batch in futures::future::join_all(again).await {
        assert!(batch.unwrap().is_empty());
    }
    assert_eq!(transactions(&setting).await.len(), 1);
}

#[tokio::test]
async fn what_the_ledger_refuses_is_a_dead_letter_that_says_why() {
    let setting = Setting::new().await;
    let wealth = hear(&setting).await;
    let user = setting.client.user();
    let body = json!({ "through": "2026-01-31", "user_id": user, "reason": "done" });
    let closed = setting
        .server
        .post("/api/v1/ledger/periods/close", &setting.admin.token, &body)
        .await;
    assert!(closed.status < 300, "{}", closed.text);
    let facts = serde_json::to_value(funding(user, FundingKind::Deposit, 10)).unwrap();
    tell(&setting, &wealth, FUNDING_SETTLED, facts).await;
    assert!(transactions(&setting).await.is_empty());
    let cx = setting.harness.system("finance");
    let refused = async || {
        let letters = wealth
            .own
            .dead_letters(&cx, Some(CONSUMER.to_owned()), 10, None)
            .await;
        letters.unwrap().items
    };
    let letters = refused().await;
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0].reason.contains("2026-01-31"),
        "{:?}",
        letters[0].reason
    );
    // Opened again, it is given once more: twice is once.
    let reopen = json!({ "user_id": user, "reason": "a late deposit" });
    let opened = setting
        .server
        .post("/api/v1/ledger/periods/reopen", &setting.admin.token, &reopen)
        .await;
    assert!(opened.status < 300, "{}", opened.text);
    let key = IdempotencyKey::fresh(setting.harness.sources.ids());
    for _ in 0..2 {
        let again = wealth.own.retry_dead_letter(&cx, key.clone(), letters[0].id);
        again.await.unwrap();
    }
    assert_eq!(transactions(&setting).await.len(), 1);
    assert!(refused().await.is_empty());
}
