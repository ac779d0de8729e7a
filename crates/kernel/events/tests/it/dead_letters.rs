use crate::{
    stage::{Stage, eventually, key, system, user},
    tally::{Adder, Trouble},
};
use events::{EventFeed, FeedError};
use kernel::{CallError, Role, Sources, TenantId};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_transient_failure_is_tried_again_and_nothing_overtakes_it() {
    let process = Stage::new().process().await;
    let adder = Adder::with_trouble(&process.books, [(2, Trouble::Transient(2))]);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.deposit(1..=3).await;
    process.tally_becomes(1..=3).await;
    assert_eq!(adder.applied.load(Ordering::SeqCst), 5);
}

/// A taken id is a lost race or a mistake: which of the two shows only when it has been tried often enough.
#[tokio::test]
async fn many_lost_races_in_a_row_cost_no_event() {
    let process = Stage::new().process().await;
    let adder = Adder::with_trouble(
        &process.books,
        [(2, Trouble::Taken(18)), (3, Trouble::Taken(100))],
    );
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.deposit(1..=4).await;
    process.tally_becomes([1, 2, 4]).await;
}

#[tokio::test]
async fn what_cannot_be_dealt_with_becomes_a_dead_letter_and_the_rest_goes_on() {
    let process = Stage::new().process().await;
    let trouble = [
        (2, Trouble::Permanent),
        (3, Trouble::Transient(100)),
        (4, Trouble::Panic),
    ];
    process.projector.run(
        Adder::with_trouble(&process.books, trouble),
        [process.bank_feed.clone()],
    );
    process.deposit(1..=5).await;
    process.tally_becomes([1, 5]).await;

    let cx = system(&process.books, TenantId::DEFAULT);
    let letters = process
        .books_feed()
        .dead_letters(&cx, Some("adder".into()), 10, None)
        .await
        .unwrap();
    let told: Vec<_> = letters
        .items
        .iter()
        .map(|letter| {
            (
                letter.event.seq,
                letter.reason.as_str(),
                letter.attempts,
                letter.consumer.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "the amount is cursed", 1, "adder"),
            (3, "the printer is out of paper", 3, "adder"),
            (4, "the consumer panicked: see the log", 1, "adder"),
        ]
    );
    let metric =
        "events_handled_total{group=\"books\",consumer=\"adder\",feed=\"bank\",outcome=\"dead\"} 3\n";
    assert!(process.exposed().contains(metric), "{}", process.exposed());
}

#[tokio::test]
async fn a_dead_letter_can_be_retried_until_it_works_and_then_is_gone() {
    let process = Stage::new().process().await;
    let adder = Adder::with_trouble(&process.books, [(1, Trouble::Permanent)]);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.deposit(1..=2).await;
    process.tally_becomes([2]).await;
    let feed = process.books_feed();
    let admin = user(Role::Admin, TenantId::DEFAULT);
    let letter = feed
        .dead_letters(&admin, None, 10, None)
        .await
        .unwrap()
        .items
        .remove(0);

    let again = feed.retry_dead_letter(&admin, key(), letter.id).await;
    assert!(
        matches!(&again, Err(FeedError::StillFailing { reason }) if reason == "the amount is cursed"),
        "{again:?}"
    );
    adder.trouble.lock().clear();
    let same_key = key();
    feed.retry_dead_letter(&admin, same_key.clone(), letter.id)
        .await
        .unwrap();
    feed.retry_dead_letter(&admin, same_key, letter.id).await.unwrap();
    process.tally_becomes([2, 1]).await;
    assert!(
        feed.dead_letters(&admin, None, 10, None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let gone = feed.retry_dead_letter(&admin, key(), letter.id).await;
    assert!(matches!(gone, Err(FeedError::UnknownDeadLetter)), "{gone:?}");
}

#[tokio::test]
async fn dead_letters_of_other_firms_are_neither_seen_nor_retried() {
    let process = Stage::new().process().await;
    let adder = Adder::with_trouble(&process.books, [(1, Trouble::Permanent)]);
    process.projector.run(adder, [process.bank_feed.clone()]);
    process.deposit([1]).await;
    eventually("the dead letter", || async { process.place().await == 1 }).await;
    let feed = process.books_feed();
    let stranger = user(Role::Admin, Sources::system().ids().next());
    assert!(
        feed.dead_letters(&stranger, None, 10, None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    let system = system(&process.books, TenantId::DEFAULT);
    let id = feed.dead_letters(&system, None, 10, None).await.unwrap().items[0].id;
    let foreign = feed.retry_dead_letter(&stranger, key(), id).await;
    assert!(
        matches!(foreign, Err(FeedError::UnknownDeadLetter)),
        "{foreign:?}"
    );
    let overseer = user(Role::Compliance, TenantId::DEFAULT);
    let refused = feed.retry_dead_letter(&overseer, key(), id).await;
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
