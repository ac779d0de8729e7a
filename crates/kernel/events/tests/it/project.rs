use crate::{
    stage::{Stage, eventually, hasty},
    tally::{Adder, Trouble},
};
use events::{ProjectOptions, Projector};
use kernel::TenantId;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

#[tokio::test]
async fn every_event_takes_effect_once_and_in_order() {
    let process = Stage::new().process().await;
    process.deposit(1..=3).await;
    process
        .projector
        .run(Adder::new(&process.books), [process.bank_feed.clone()]);
    process.tally_becomes(1..=3).await;
    process.deposit(4..=30).await;
    process.tally_becomes(1..=30).await;
    assert_eq!(process.place().await, 30);
    process.stop().await;
}

#[tokio::test]
async fn a_consumer_goes_on_where_it_was_after_a_restart() {
    let stage = Stage::new();
    let first = stage.process().await;
    first.deposit(1..=3).await;
    first
        .projector
        .run(Adder::new(&first.books), [first.bank_feed.clone()]);
    first.tally_becomes(1..=3).await;
    first.stop().await;

    let second = stage.process().await;
    second.deposit(4..=5).await;
    let adder = Adder::new(&second.books);
    second.projector.run(adder.clone(), [second.bank_feed.clone()]);
    second.tally_becomes(1..=5).await;
    assert_eq!(adder.applied.load(Ordering::SeqCst), 2);
}

/// The runtime of a process that is about to be killed: nothing in it gets to say goodbye.
#[test]
fn a_crash_between_handler_and_commit_loses_and_doubles_nothing() {
    let stage = Stage::new();
    let doomed = tokio::runtime::Runtime::new().unwrap();
    doomed.block_on(async {
        let process = stage.process().await;
        process.deposit(1..=3).await;
        let adder = Adder::with_trouble(&process.books, [(2, Trouble::Wait)]);
        process.projector.run(adder.clone(), [process.bank_feed.clone()]);
        process.tally_becomes([1]).await;
        eventually("the second event", || async {
            adder.applied.load(Ordering::SeqCst) == 2
        })
        .await;
    });
    doomed.shutdown_background();

    let next = tokio::runtime::Runtime::new().unwrap();
    next.block_on(async {
        let process = stage.process().await;
        process
            .projector
            .run(Adder::new(&process.books), [process.bank_feed.clone()]);
        process.tally_becomes(1..=3).await;
        process.stop().await;
    });
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_handler_that_hangs() {
    let process = Stage::new().process().await;
    process.deposit([1]).await;
    let adder = Adder::with_trouble(&process.books, [(1, Trouble::Wait)]);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    eventually("the event", || async {
        adder.applied.load(Ordering::SeqCst) == 1
    })
    .await;
    process.stop().await;
    assert_eq!(process.place().await, 0);
}

#[tokio::test]
async fn what_is_not_wanted_costs_no_commit_but_the_place_is_kept() {
    let process = Stage::new().process().await;
    process
        .projector
        .run(Adder::new(&process.books), [process.bank_feed.clone()]);
    for amount in 1..=20 {
        process.bank_event("door.opened", amount, TenantId::DEFAULT).await;
    }
    let metric =
        "events_handled_total{group=\"books\",consumer=\"adder\",feed=\"bank\",outcome=\"passed\"} 20\n";
    eventually("passing all", || async { process.exposed().contains(metric) }).await;
    process.stop().await;
    assert_eq!(process.place().await, 20);
    let cursor = process.books.consumer_cursor("adder", "bank").await.unwrap();
    assert!(
        !format!("{cursor:?}").contains("version: 20"),
        "a commit for each event: {cursor:?}"
    );
}

#[tokio::test]
async fn what_is_not_wanted_is_saved_soon_even_when_nothing_follows() {
    let process = Stage::new().process().await;
    let options = ProjectOptions {
        save_every: (500, Duration::from_millis(20)),
        ..hasty()
    };
    let projector = Projector::with_options(
        process.books.clone(),
        process.tasks.clone(),
        process.metrics.clone(),
        options,
    );
    projector.run(Adder::new(&process.books), [process.bank_feed.clone()]);
    process.bank_event("door.opened", 1, TenantId::DEFAULT).await;
    eventually("the saved place", || async { process.place().await == 1 }).await;
}

#[tokio::test]
async fn a_consumer_waits_for_a_feed_that_is_away_and_says_how_far_behind_it_is() {
    let process = Stage::new().process().await;
    process.bank_feed.unbind();
    process.deposit(1..=2).await;
    let adder = Adder::with_trouble(&process.books, [(2, Trouble::Wait)]);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.bind_bank();
    process.tally_becomes([1]).await;
    let lag = |events: u32| {
        format!("events_consumer_lag{{group=\"books\",consumer=\"adder\",feed=\"bank\"}} {events}\n")
    };
    eventually("a lag of 1", || async { process.exposed().contains(&lag(1)) }).await;
    adder.gate.add_permits(1);
    process.tally_becomes([1, 2]).await;
    eventually("no lag", || async { process.exposed().contains(&lag(0)) }).await;
}

#[tokio::test]
async fn a_consumer_of_several_feeds_has_a_place_in_each_and_survives_races_between_them() {
    let process = Stage::new().process().await;
    let own = events::EventFeedClient::unbound(&process.seam, "books");
    own.bind_local(Arc::new(process.books_feed()));
    let adder = Adder::with_trouble(&process.books, [(1, Trouble::Wait), (2, Trouble::Wait)]);
    process
        .projector
        .run(adder.clone(), [process.bank_feed.clone(), own]);
    process.deposit([1]).await;
    let cx = crate::stage::system(&process.books, TenantId::DEFAULT);
    let mut batch = process.books.batch(&cx);
    let data = serde_json::json!({ "amount": 2 });
    batch.event(kernel::NewEvent::new(&cx, "money.deposited", "deposit/2", data));
    process.books.commit(batch).await.unwrap();
    // Both decide before either has written: the slower one decides anew.
    eventually("both events", || async {
        adder.applied.load(Ordering::SeqCst) == 2
    })
    .await;
    adder.gate.add_permits(3);
    eventually("both effects", || async { process.tally().await.count == 2 }).await;
    assert_eq!(process.tally().await.sum, 3);
    assert_eq!(process.place().await, 1);
    assert_eq!(
        process
            .books
            .consumer_cursor("adder", "books")
            .await
            .unwrap()
            .seq(),
        1
    );
}
