//! Several events in one commit.

use crate::{
    stage::{Stage, eventually},
    tally::{Adder, Trouble},
};
use kernel::TenantId;
use std::{sync::atomic::Ordering, time::Duration};

#[tokio::test]
async fn what_has_piled_up_is_dealt_with_in_few_commits() {
    let process = Stage::new().process().await;
    process.deposit(1..=5).await;
    process.bank_event("money.counted", 99, TenantId::DEFAULT).await;
    process.deposit(6..=25).await;
    process.bank_has(26).await;
    let adder = Adder::in_runs(&process.books, 10, []);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.tally_becomes(1..=25).await;
    assert_eq!(
        *adder.runs.lock(),
        [10, 10, 5],
        "what is not wanted in between splits no run"
    );
    assert_eq!(adder.applied.load(Ordering::SeqCst), 0);
    // What is done shows before the consumer has noted its place and counted it.
    eventually("the place and the figures are up to date", || async {
        let metrics = process.exposed();
        let counted = |line: &str| line.contains("applied") && line.ends_with(" 25");
        process.place().await == 26 && metrics.lines().any(counted)
    })
    .await;
}

#[tokio::test]
async fn a_run_stays_within_one_firm() {
    let process = Stage::new().process().await;
    let other = TenantId::from(uuid::Uuid::from_u128(77));
    for tenant in [TenantId::DEFAULT, TenantId::DEFAULT, other, other, other] {
        process.bank_event("money.deposited", 1, tenant).await;
    }
    process.bank_has(5).await;
    let adder = Adder::in_runs(&process.books, 10, []);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.tally_becomes([1; 5]).await;
    assert_eq!(*adder.runs.lock(), [2, 3]);
}

#[tokio::test]
async fn one_bad_event_costs_its_neighbours_nothing() {
    let process = Stage::new().process().await;
    process.deposit(1..=9).await;
    process.bank_has(9).await;
    let adder = Adder::in_runs(&process.books, 10, [(4, Trouble::Permanent), (7, Trouble::Panic)]);
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.tally_becomes([1, 2, 3, 5, 6, 8, 9]).await;
    assert!(adder.runs.lock().is_empty(), "the run was refused as a whole");
}

#[tokio::test]
async fn what_comes_one_by_one_gathers_and_what_comes_first_does_not_wait() {
    let process = Stage::new().process().await;
    let adder = Adder::gathering(&process.books, 100, Duration::from_millis(400));
    process.projector.run(adder.clone(), [process.bank_feed.clone()]);
    process.deposit(1..=1).await;
    process.tally_becomes([1]).await;
    assert_eq!(adder.applied.load(Ordering::SeqCst), 1);
    for amount in 2..=20 {
        process.deposit(amount..=amount).await;
    }
    process.tally_becomes(1..=20).await;
    let alone = usize::try_from(adder.applied.load(Ordering::SeqCst)).unwrap();
    let commits = alone + adder.runs.lock().len();
    assert!(commits < 10, "{commits} commits for 20 events");
}
