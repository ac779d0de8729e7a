use crate::notes::{Desk, NoteError, context, eventually, key, wire};
use kernel::{CallError, Deadline, MAX_DEPTH};
use std::{sync::atomic::Ordering, time::Duration};

#[tokio::test]
async fn a_read_that_outlives_its_deadline_is_dropped_and_answers_timeout() {
    let desk = Desk::shut();
    let wired = wire(&desk);
    // A busy machine may wake the caller late: once in twenty is enough.
    for nth in 1..=20 {
        let cx = context().with_deadline(Deadline::within(Duration::from_millis(60)));
        let answer = wired.client.read(&cx, 1).await;
        assert!(
            matches!(&answer, Err(NoteError::Call(CallError::Timeout { target })) if target == "desk"),
            "{answer:?}"
        );
        assert_eq!(desk.dropped.load(Ordering::SeqCst), nth);
        if !cx.deadline.remaining().is_zero() {
            return;
        }
    }
    panic!("the caller has no time left to answer");
}

#[tokio::test]
async fn dropping_a_read_cancels_it() {
    let desk = Desk::shut();
    let wired = wire(&desk);
    let cx = context();
    let reader = tokio::time::timeout(Duration::from_millis(5), wired.client.mark(&cx, 1, true));
    assert!(reader.await.is_err());
    assert_eq!(desk.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_comes_after_the_deadline_is_not_begun() {
    let desk = Desk::open();
    let wired = wire(&desk);
    let cx = context().with_deadline(Deadline::within(Duration::ZERO));
    let written = wired.client.write(&cx, key(), "late".into()).await;
    let read = wired.client.read(&cx, 1).await;
    assert!(
        matches!(written, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{written:?}"
    );
    assert!(
        matches!(read, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{read:?}"
    );
    assert_eq!(desk.begun.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_callee_is_told_an_earlier_deadline_and_a_greater_depth() {
    let wired = wire(&Desk::open());
    let answer = wired.client.read(&context(), 7).await;
    assert_eq!(answer.unwrap(), "note 7 at depth 1");
}

#[tokio::test]
async fn a_circle_of_calls_ends_at_the_depth_limit() {
    let wired = wire(&Desk::open());
    let mut cx = context();
    cx.depth = MAX_DEPTH - 1;
    assert!(wired.client.read(&cx, 1).await.is_ok());
    cx.depth = MAX_DEPTH;
    let answer = wired.client.read(&cx, 1).await;
    assert!(
        matches!(answer, Err(NoteError::Call(CallError::TooDeep))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_effect_that_outlives_its_deadline_answers_timeout_and_still_happens() {
    let desk = Desk::shut();
    let wired = wire(&desk);
    let cx = context().with_deadline(Deadline::within(Duration::from_millis(60)));
    let answer = wired.client.write(&cx, key(), "slow".into()).await;
    assert!(
        matches!(answer, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{answer:?}"
    );
    assert_eq!(desk.written.load(Ordering::SeqCst), 0);
    desk.gate.add_permits(1);
    eventually("the write", || desk.written.load(Ordering::SeqCst) == 1).await;
    assert_eq!(desk.dropped.load(Ordering::SeqCst), 0);
}
