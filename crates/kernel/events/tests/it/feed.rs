use crate::stage::{Stage, system, user};
use events::FeedError;
use kernel::{CallError, Role, Sources, TenantId};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

#[tokio::test]
async fn events_are_read_in_pages_in_order() {
    let process = Stage::new().process().await;
    process.deposit(1..=5).await;
    process.bank_has(5).await;
    let cx = system(&process.books, TenantId::DEFAULT);
    let first = process.bank_feed.read(&cx, 0, 3, 0).await.unwrap();
    let seqs: Vec<u64> = first.events.iter().map(|event| event.seq).collect();
    assert_eq!((seqs, first.read_to, first.last_seq), (vec![1, 2, 3], 3, 5));
    let second = process.bank_feed.read(&cx, first.read_to, 3, 0).await.unwrap();
    assert_eq!((second.events.len(), second.read_to, second.last_seq), (2, 5, 5));
    let third = process.bank_feed.read(&cx, 5, 3, 0).await.unwrap();
    assert_eq!((third.events.len(), third.read_to, third.last_seq), (0, 5, 5));
}

#[tokio::test]
async fn a_waiting_read_answers_as_soon_as_something_is_committed() {
    let stage = Stage::new();
    let (here, there) = (stage.process().await, stage.process().await);
    for (n, committer) in [(1, &here), (2, &there)] {
        let cx = system(&here.books, TenantId::DEFAULT);
        let feed = here.bank_feed.clone();
        let started = Instant::now();
        let reader = here
            .tasks
            .spawn(async move { feed.read(&cx, n - 1, 10, 9_000).await });
        tokio::task::yield_now().await;
        committer.deposit([n]).await;
        let page = reader.await.unwrap().unwrap();
        assert_eq!((page.events.len(), page.last_seq), (1, n));
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn an_event_is_read_once_for_all_who_wait_for_it() {
    let process = Stage::new().process().await;
    for place in 0..3 {
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let cx = system(&process.books, TenantId::DEFAULT);
                let feed = process.bank_feed.clone();
                process
                    .tasks
                    .spawn(async move { feed.read(&cx, place, 10, 9_000).await })
            })
            .collect();
        tokio::task::yield_now().await;
        process.deposit([place + 1]).await;
        let mut pages = Vec::new();
        for reader in waiting {
            pages.push(reader.await.unwrap().unwrap());
        }
        for page in &pages {
            assert_eq!((page.read_to, page.last_seq), (place + 1, place + 1));
            assert!(Arc::ptr_eq(&page.events[0], &pages[0].events[0]));
        }
    }
}

#[tokio::test]
async fn whoever_is_behind_misses_nothing_that_others_have_read() {
    const EVENTS: u64 = 700;
    let process = Stage::new().process().await;
    let cx = || system(&process.books, TenantId::DEFAULT);
    let follow = async |mut place: u64, limit: u32| {
        while place < EVENTS {
            let page = process.bank_feed.read(&cx(), place, limit, 9_000).await.unwrap();
            let seqs: Vec<u64> = page.events.iter().map(|event| event.seq).collect();
            assert_eq!(seqs, (place + 1..=page.read_to).collect::<Vec<_>>());
            assert!(page.read_to > place && page.read_to <= page.last_seq);
            place = page.read_to;
        }
        let nothing = process.bank_feed.read(&cx(), place, limit, 1).await.unwrap();
        assert_eq!(
            (nothing.events.len(), nothing.last_seq, place),
            (0, EVENTS, EVENTS)
        );
    };
    // Who asks for what will never come neither disturbs nor is answered.
    let beyond = process.bank_feed.read(&cx(), 1 << 40, 10, 1).await.unwrap();
    assert!(beyond.events.is_empty());
    tokio::join!(follow(0, 7), follow(0, 500), process.deposit(1..=EVENTS));
    tokio::join!(follow(0, 500), follow(EVENTS - 3, 1), follow(0, 64));
}

#[tokio::test]
async fn a_waiting_read_ends_with_nothing_when_its_time_is_over_or_the_process_stops() {
    let process = Stage::new().process().await;
    let cx = system(&process.books, TenantId::DEFAULT);
    let page = process.bank_feed.read(&cx, 0, 10, 30).await.unwrap();
    assert_eq!((page.events.len(), page.last_seq), (0, 0));

    let feed = process.bank_feed.clone();
    let reader = process
        .tasks
        .spawn(async move { feed.read(&cx, 0, 10, 9_000).await });
    tokio::task::yield_now().await;
    process.stop().await;
    assert!(reader.await.unwrap().unwrap().events.is_empty());
}

#[tokio::test]
async fn overseers_see_their_own_firm_and_others_nothing() {
    let process = Stage::new().process().await;
    let other: TenantId = Sources::system().ids().next();
    process.bank_event("money.deposited", 1, TenantId::DEFAULT).await;
    process.bank_event("money.deposited", 2, other).await;
    process.bank_has(2).await;
    for role in [Role::Admin, Role::Compliance] {
        let page = process
            .bank_feed
            .read(&user(role, other), 0, 10, 0)
            .await
            .unwrap();
        let seqs: Vec<u64> = page.events.iter().map(|event| event.seq).collect();
        assert_eq!((seqs, page.read_to), (vec![2], 2));
        assert!(process.bank_feed.consumers(&user(role, other)).await.is_ok());
    }
    for role in [Role::Advisor, Role::Client, Role::Service] {
        let refused = process.bank_feed.read(&user(role, other), 0, 10, 0).await;
        assert!(
            matches!(
                refused,
                Err(FeedError::Call {
                    call: CallError::Forbidden { .. }
                })
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn errors_cross_the_wire_whole() {
    let errors = [
        FeedError::UnknownConsumer,
        FeedError::UnknownDeadLetter,
        FeedError::NotRebuildable {
            consumer: "adder".into(),
        },
        FeedError::StillFailing {
            reason: "paper".into(),
        },
        CallError::TooDeep.into(),
        CallError::invalid("to_seq", "too large").into(),
        CallError::StoreUnavailable { cause: None }.into(),
    ];
    for error in errors {
        let json = serde_json::to_string(&error).unwrap();
        let back: FeedError = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), json);
        assert_eq!(back.to_string(), error.to_string());
    }
}
