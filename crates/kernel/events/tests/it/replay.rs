use crate::{
    stage::{Stage, eventually, key, system, user},
    tally::{Adder, Trouble},
};
use events::{EventFeed, FeedError, ReplayRequest};
use kernel::{AuditRecord, CallError, Role, TenantId};
use std::sync::{Arc, atomic::Ordering};

fn request(feed: Option<&str>, to_seq: u64) -> ReplayRequest {
    ReplayRequest {
        consumer: "adder".to_owned(),
        feed: feed.map(str::to_owned),
        to_seq,
    }
}

#[tokio::test]
async fn a_rebuilt_projection_has_the_same_numbers() {
    let process = Stage::new().process().await;
    let adder = Adder::new(&process.books);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.deposit(1..=10).await;
    process.tally_becomes(1..=10).await;

    let admin = user(Role::Admin, TenantId::DEFAULT);
    let same_key = key();
    let places = process
        .books_feed()
        .rewind(&admin, same_key.clone(), request(None, 0))
        .await
        .unwrap();
    assert_eq!(
        (places[0].consumer.as_str(), places[0].feed.as_str()),
        ("adder", "bank")
    );
    eventually("the replay", || async {
        adder.applied.load(Ordering::SeqCst) == 20
    })
    .await;
    process.tally_becomes(1..=10).await;

    // Asking again with the same key starts no second replay.
    process
        .books_feed()
        .rewind(&admin, same_key, request(None, 0))
        .await
        .unwrap();
    process.deposit([11]).await;
    process.tally_becomes(1..=11).await;
    assert_eq!(adder.applied.load(Ordering::SeqCst), 21);

    let events = process.books.feed(0, 10).await.unwrap();
    let audit: AuditRecord = events[0].data_as().unwrap();
    assert_eq!(
        (audit.action.as_str(), audit.subject.as_str()),
        ("consumer.rewound", "consumer/adder")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_reaches_a_consumer_that_waits_in_another_process() {
    let stage = Stage::new();
    let (asking, waiting) = (stage.process().await, stage.process().await);
    asking.deposit(1..=3).await;
    waiting
        .projector
        .run(Adder::new(&waiting.books), [waiting.bank_feed.clone()]);
    waiting.tally_becomes(1..=3).await;
    asking
        .projector
        .run(Adder::new(&asking.books), [asking.bank_feed.clone()]);

    let admin = user(Role::Admin, TenantId::DEFAULT);
    asking
        .books_feed()
        .rewind(&admin, key(), request(None, 0))
        .await
        .unwrap();
    eventually("the rebuilt tally", || async { asking.place().await == 3 }).await;
    asking.tally_becomes(1..=3).await;
}

#[tokio::test]
async fn part_of_a_feed_can_be_read_again() {
    let process = Stage::new().process().await;
    process
        .projector
        .run(Adder::new(&process.books), [process.bank_feed.clone()]);
    process.deposit(1..=4).await;
    process.tally_becomes(1..=4).await;
    let admin = user(Role::Admin, TenantId::DEFAULT);
    process
        .books_feed()
        .rewind(&admin, key(), request(Some("bank"), 2))
        .await
        .unwrap();
    process.tally_becomes([1, 2, 3, 4, 3, 4]).await;
}

#[tokio::test]
async fn a_replay_that_makes_no_sense_is_refused() {
    let process = Stage::new().process().await;
    let mut adder = Adder::with_trouble(&process.books, [(2, Trouble::Wait)]);
    Arc::get_mut(&mut adder).unwrap().rebuildable = false;
    process.projector.run(adder, [process.bank_feed.clone()]);
    process.deposit(1..=2).await;
    process.tally_becomes([1]).await;

    let feed = process.books_feed();
    let admin = user(Role::Admin, TenantId::DEFAULT);
    let rebuilt = feed.rewind(&admin, key(), request(None, 0)).await;
    assert!(
        matches!(rebuilt, Err(FeedError::NotRebuildable { .. })),
        "{rebuilt:?}"
    );
    let forward = feed.rewind(&admin, key(), request(None, 9)).await;
    assert!(
        matches!(&forward, Err(FeedError::Call { call: CallError::Invalid { details } }) if details[0].field == "to_seq"),
        "{forward:?}"
    );
    let elsewhere = feed.rewind(&admin, key(), request(Some("garden"), 0)).await;
    assert!(
        matches!(elsewhere, Err(FeedError::UnknownConsumer)),
        "{elsewhere:?}"
    );
    let unknown = ReplayRequest {
        consumer: "nobody".into(),
        ..request(None, 0)
    };
    let unknown = feed.rewind(&admin, key(), unknown).await;
    assert!(matches!(unknown, Err(FeedError::UnknownConsumer)), "{unknown:?}");
    let advisor = feed
        .rewind(&user(Role::Advisor, TenantId::DEFAULT), key(), request(None, 0))
        .await;
    assert!(
        matches!(
            advisor,
            Err(FeedError::Call {
                call: CallError::Forbidden { .. }
            })
        ),
        "{advisor:?}"
    );
    assert_eq!(process.place().await, 1);
    let places = feed
        .consumers(&system(&process.books, TenantId::DEFAULT))
        .await
        .unwrap();
    assert_eq!(places.len(), 1);
    assert_eq!((places[0].group.as_str(), places[0].seq), ("books", 1));
}

#[tokio::test]
async fn a_consumer_beyond_a_restored_feed_is_rebuilt_or_goes_on_from_its_end() {
    for rebuildable in [true, false] {
        let process = Stage::new().process().await;
        let mut adder = Adder::new(&process.books);
        Arc::get_mut(&mut adder).unwrap().rebuildable = rebuildable;
        process.deposit(1..=2).await;
        // As it stands after a restore: the feed ends at 2, the consumer has seen up to 5.
        let cx = system(&process.books, TenantId::DEFAULT);
        let cursor = process.books.consumer_cursor("adder", "bank").await.unwrap();
        let mut batch = process.books.batch(&cx);
        let beyond = batch.advance(&cursor, 5);
        process.books.commit(batch).await.unwrap();

        let projection: Arc<dyn events::Projection> = adder.clone();
        let settled = process
            .projector
            .settle(&beyond, Some(&projection), 2)
            .await
            .unwrap();
        let (expected, tally) = match rebuildable {
            true => (events::Settled::Rebuilding, vec![1, 2, 3]),
            false => (events::Settled::MovedBack, vec![3]),
        };
        assert_eq!(settled, expected);
        process.projector.run(adder, [process.bank_feed.clone()]);
        process.deposit([3]).await;
        process.tally_becomes(tally).await;
        let there = process.books.consumer_cursor("adder", "bank").await.unwrap();
        let again = process
            .projector
            .settle(&there, Some(&projection), 3)
            .await
            .unwrap();
        assert_eq!(again, events::Settled::Kept);
        process.stop().await;
    }
}
