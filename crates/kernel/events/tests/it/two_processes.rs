use crate::{
    stage::{Stage, eventually},
    tally::{Adder, Trouble},
};
use std::sync::atomic::Ordering;

const EVENTS: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_run_one_consumer_double_nothing() {
    let stage = Stage::new();
    let processes = [stage.process().await, stage.process().await];
    for process in &processes {
        process
            .projector
            .run(Adder::new(&process.books), [process.bank_feed.clone()]);
    }
    tokio::join!(processes[0].deposit(1..=EVENTS), processes[1].deposit(1..=EVENTS),);
    eventually("all events", || async {
        processes[0].tally().await.count >= 2 * EVENTS
    })
    .await;
    for process in &processes {
        process.stop().await;
    }
    let tally = processes[1].tally().await;
    assert_eq!(tally.count, 2 * EVENTS);
    assert_eq!(tally.sum, EVENTS * (EVENTS + 1));
    assert_eq!(processes[0].place().await, 2 * EVENTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_without_a_lease_between_them_double_nothing() {
    let stage = Stage::new();
    let processes = [stage.process().await, stage.process().await];
    for process in &processes {
        let mut options = crate::stage::hasty();
        options.takeover = std::time::Duration::ZERO;
        options.lease = chrono::TimeDelta::milliseconds(1);
        let (books, tasks) = (process.books.clone(), process.tasks.clone());
        let projector = events::Projector::with_options(books, tasks, process.metrics.clone(), options);
        projector.run(Adder::new(&process.books), [process.bank_feed.clone()]);
    }
    processes[0].deposit(1..=EVENTS).await;
    processes[1].tally_becomes(1..=EVENTS).await;
    for process in &processes {
        process.stop().await;
    }
    processes[0].tally_becomes(1..=EVENTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_takes_over_from_another_that_hangs() {
    let stage = Stage::new();
    let (stuck, other) = (stage.process().await, stage.process().await);
    stuck.deposit(1..=5).await;
    let waiting = Adder::with_trouble(&stuck.books, [(2, Trouble::Wait)]);
    stuck.projector.run(waiting.clone(), [stuck.bank_feed.clone()]);
    eventually("the second event", || async {
        waiting.applied.load(Ordering::SeqCst) == 2
    })
    .await;

    other
        .projector
        .run(Adder::new(&other.books), [other.bank_feed.clone()]);
    other.tally_becomes(1..=5).await;

    // The one that hung wakes up late: what it wants to write is refused, and it goes on after the other.
    waiting.gate.add_permits(1);
    stuck.deposit(6..=8).await;
    other.tally_becomes(1..=8).await;
    for process in [&stuck, &other] {
        process.stop().await;
    }
    other.tally_becomes(1..=8).await;
}

#[tokio::test]
async fn a_process_that_rests_leaves_its_work_to_another_at_once() {
    let stage = Stage::new();
    let (first, second) = (stage.process().await, stage.process().await);
    let (one, other) = (Adder::new(&first.books), Adder::new(&second.books));
    first.projector.run(one.clone(), [first.bank_feed.clone()]);
    first.deposit(1..=3).await;
    first.tally_becomes(1..=3).await;

    first.projector.set_active(false);
    second.projector.run(other.clone(), [second.bank_feed.clone()]);
    first.deposit(4..=6).await;
    second.tally_becomes(1..=6).await;
    assert_eq!(other.applied.load(Ordering::SeqCst), 3);

    second.projector.set_active(false);
    first.projector.set_active(true);
    first.deposit(7..=8).await;
    first.tally_becomes(1..=8).await;
    assert_eq!(one.applied.load(Ordering::SeqCst), 5);
}
