//! An effect and its key.

use super::{
    place::{Place, cx, feed_of, id},
    samples::{Counter, counted},
};
use chrono::TimeDelta;
use kernel::{CallContext, CallError, IdempotencyKey, ManualClock, Sources, SystemEntropy};
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use store::{Document, Store, StoreError};

#[derive(Debug)]
pub(crate) enum Failure {
    Store(StoreError),
    Call(CallError),
    Refused,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// An answer with digits that a float would lose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    id: uuid::Uuid,
    amount: rust_decimal::Decimal,
    call: u64,
}

static CALLS: AtomicU64 = AtomicU64::new(0);

/// Makes one counter and one event under a key.
pub(crate) async fn open_counter(
    store: &Store,
    cx: &CallContext,
    key: &str,
    amount: &str,
) -> Result<Receipt, Failure> {
    let key = IdempotencyKey::parse(key).unwrap();
    store
        .once(cx, "counters.open", &key, &amount, |mut batch| async move {
            let receipt = Receipt {
                id: store.sources().ids().next(),
                amount: amount.parse().map_err(|_| Failure::Refused)?,
                call: CALLS.fetch_add(1, Ordering::SeqCst),
            };
            batch.insert(receipt.id, Counter { value: 1 });
            batch.event(counted(cx, 1));
            Ok((batch, receipt))
        })
        .await
}

async fn counters(store: &Store, cx: &CallContext) -> usize {
    let all = store
        .find::<Counter>(&cx.scope().unwrap(), store::Query::all())
        .await;
    all.unwrap().items.len()
}

pub(crate) async fn the_same_key_gets_the_same_answer(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let first = open_counter(&store, &cx, "k-1", "12345678901234567.890")
        .await
        .unwrap();
    assert_eq!(first.amount.to_string(), "12345678901234567.890");
    for store in [&store, &other, &store] {
        let again = open_counter(store, &cx, "k-1", "12345678901234567.890")
            .await
            .unwrap();
        assert_eq!(
            serde_json::to_vec(&again).unwrap(),
            serde_json::to_vec(&first).unwrap()
        );
    }
    assert_eq!(counters(&store, &cx).await, 1);
    let another = open_counter(&store, &cx, "k-2", "12345678901234567.890")
        .await
        .unwrap();
    assert_ne!(another.id, first.id);
    assert_eq!(counters(&store, &cx).await, 2);
    assert_eq!(feed_of(&store, 2).await.len(), 2);
}

pub(crate) async fn the_same_key_for_another_request_is_refused(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    open_counter(&store, &cx, "k", "1").await.unwrap();
    let reused = open_counter(&store, &cx, "k", "2").await;
    assert!(
        matches!(reused, Err(Failure::Call(CallError::KeyReused))),
        "{reused:?}"
    );
    assert_eq!(counters(&store, &cx).await, 1);
    // Another firm's keys are its own.
    let elsewhere = super::place::cx_of(&store, kernel::TenantId(id(77)));
    open_counter(&store, &elsewhere, "k", "2").await.unwrap();
}

pub(crate) async fn a_race_happens_once(place: &Place) {
    let one = place.open(&[Counter::collection()]).await;
    let other = place.open(&[Counter::collection()]).await;
    let cx = cx(&one);
    let tries = (0..16).map(|n| open_counter(if n % 2 == 0 { &one } else { &other }, &cx, "race", "5.00"));
    let answers = futures::future::join_all(tries).await;
    let first = answers[0].as_ref().unwrap();
    for answer in &answers {
        assert_eq!(answer.as_ref().unwrap(), first);
    }
    assert_eq!(counters(&one, &cx).await, 1);
    assert_eq!(feed_of(&one, 1).await.len(), 1);
}

/// Of two sendings of one request the second decides while the first is done, and finds in its way what that has made.
pub(crate) async fn what_refuses_a_second_sending_is_the_first(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    // Refused at the commit, and by what was read.
    for (name, taken, reads) in [("commit", id(1), false), ("read", id(2), true)] {
        let key = IdempotencyKey::parse(name).unwrap();
        let send = |before: Option<u64>| {
            let (store, cx, key) = (&store, &cx, &key);
            async move {
                store
                    .once(cx, "counters.fixed", key, &"x", |mut batch| async move {
                        if let Some(call) = before {
                            let first = store.once(cx, "counters.fixed", key, &"x", |mut batch| async move {
                                batch.insert(taken, Counter { value: 1 });
                                Ok::<_, Failure>((batch, call))
                            });
                            assert_eq!(first.await.unwrap(), call);
                        }
                        if reads {
                            return Err(Failure::Refused);
                        }
                        batch.insert(taken, Counter { value: 1 });
                        Ok((batch, 2))
                    })
                    .await
            }
        };
        assert_eq!(send(Some(1)).await.unwrap(), 1, "{name}");
        assert_eq!(send(None).await.unwrap(), 1, "{name}");
    }
    assert_eq!(counters(&store, &cx).await, 2);
}

pub(crate) async fn a_key_is_forgotten_after_thirty_days(place: &Place) {
    let clock = Arc::new(ManualClock::at("2024-05-01T10:00:00Z".parse().unwrap()));
    let sources = Sources::new(clock.clone(), Arc::new(SystemEntropy));
    let store = place.open_with(sources, &[Counter::collection()]).await;
    let cx = cx(&store);
    let first = open_counter(&store, &cx, "k", "1").await.unwrap();
    clock.advance(TimeDelta::days(29));
    assert_eq!(open_counter(&store, &cx, "k", "1").await.unwrap(), first);
    clock.advance(TimeDelta::days(2));
    let second = open_counter(&store, &cx, "k", "2").await.unwrap();
    assert_ne!(second.id, first.id);
    clock.advance(TimeDelta::days(29));
    assert_eq!(open_counter(&store, &cx, "k", "2").await.unwrap(), second);
}

pub(crate) async fn a_refused_effect_leaves_its_key_free(place: &Place) {
    let store = place.open(&[Counter::collection()]).await;
    let cx = cx(&store);
    let refused = open_counter(&store, &cx, "k", "no number").await;
    assert!(matches!(refused, Err(Failure::Refused)), "{refused:?}");
    open_counter(&store, &cx, "k", "1").await.unwrap();
    // A duplicate of the effect's own making is its answer, not a race to be run again.
    let key = IdempotencyKey::parse("own").unwrap();
    let calls = AtomicU64::new(0);
    for expected in 1..=2 {
        let outcome: Result<(), Failure> = store
            .once(&cx, "counters.fixed", &key, &"x", |mut batch| {
                let call = calls.fetch_add(1, Ordering::SeqCst);
                async move {
                    batch.insert(id(1), Counter { value: 1 });
                    batch.insert(id(1), Counter { value: 2 });
                    let _ = call;
                    Ok((batch, ()))
                }
            })
            .await;
        match outcome {
            Err(Failure::Store(StoreError::Duplicate { collection, .. })) => {
                assert_eq!(collection, "counters")
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(calls.load(Ordering::SeqCst), expected);
    }
}
