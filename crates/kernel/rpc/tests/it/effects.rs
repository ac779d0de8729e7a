use crate::notes::{Desk, NoteError, context, eventually, key, wire};
use kernel::CallError;
use std::{sync::atomic::Ordering, time::Duration};

#[tokio::test]
async fn an_effect_answers_its_caller() {
    let desk = Desk::open();
    let wired = wire(&desk);
    assert_eq!(
        wired.client.write(&context(), key(), "a".into()).await.unwrap(),
        1
    );
}

#[tokio::test]
async fn an_effect_runs_to_its_end_when_its_caller_leaves_and_stopping_waits_for_it() {
    let desk = Desk::shut();
    let wired = wire(&desk);
    let client = wired.client.clone();
    let caller = wired
        .tasks
        .spawn(async move { client.write(&context(), key(), "a".into()).await });
    eventually("the beginning", || desk.begun.load(Ordering::SeqCst) == 1).await;
    caller.abort();
    assert!(caller.await.is_err());
    assert!(
        !wired.tasks.stop(Duration::from_millis(10)).await,
        "stopped with an effect under way"
    );
    desk.gate.add_permits(1);
    assert!(wired.tasks.stop(Duration::from_secs(5)).await);
    assert_eq!(desk.written.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_effect_that_panics_is_an_internal_error_for_its_caller() {
    let wired = wire(&Desk::open());
    let answer = wired.client.write(&context(), key(), "ink blot".into()).await;
    assert!(
        matches!(answer, Err(NoteError::Call(CallError::Internal { .. }))),
        "{answer:?}"
    );
    assert!(wired.client.write(&context(), key(), "a".into()).await.is_ok());
}

#[test]
fn an_effect_can_run_on_another_runtime_than_its_callers() {
    let own = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let desk = Desk::shut();
    let wired = wire(&desk);
    let seam = wired.seam.clone().on_runtime(own.handle().clone());
    let client = crate::notes::NotesClient::unbound(&seam);
    client.bind_local(desk.clone());
    let worker = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    worker.block_on(async {
        let cx = context();
        let caller = tokio::time::timeout(Duration::from_millis(20), client.write(&cx, key(), "a".into()));
        assert!(caller.await.is_err());
    });
    drop(worker);
    desk.gate.add_permits(1);
    assert!(own.block_on(wired.tasks.stop(Duration::from_secs(5))));
    assert_eq!(desk.written.load(Ordering::SeqCst), 1);
}
