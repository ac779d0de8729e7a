use crate::notes::{Desk, NotesClient, Wired, context, eventually, key, wire};
use kernel::Deadline;
use std::{sync::atomic::Ordering, time::Duration};

pub(crate) fn exposed(wired: &Wired) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &wired.registry).unwrap();
    text
}

pub(crate) fn labels(contract: &str, method: &str, location: &str, outcome: &str) -> String {
    format!("{{contract=\"{contract}\",method=\"{method}\",location=\"{location}\",outcome=\"{outcome}\"}}")
}

#[tokio::test]
async fn every_call_is_counted_and_timed_by_how_it_ended() {
    let desk = Desk::open();
    let wired = wire(&desk);
    for id in [1, 2, 0] {
        let _ = wired.client.read(&context(), id).await;
    }
    wired.client.write(&context(), key(), "a".into()).await.unwrap();
    wired
        .client
        .write(&context(), key(), "ink blot".into())
        .await
        .unwrap_err();
    let late = context().with_deadline(Deadline::within(Duration::ZERO));
    wired.client.mark(&late, 1, true).await.unwrap_err();
    let away = NotesClient::unbound(&wired.seam);
    away.read(&context(), 1).await.unwrap_err();

    let text = exposed(&wired);
    for (labels, count) in [
        (labels("desk.notes", "read", "local", "ok"), 2),
        (labels("desk.notes", "read", "local", "refused"), 1),
        (labels("desk.notes", "write", "local", "ok"), 1),
        (labels("desk.notes", "write", "local", "failed"), 1),
        (labels("desk.notes", "mark", "unbound", "timeout"), 1),
        (labels("desk.notes", "read", "unbound", "unavailable"), 1),
    ] {
        for metric in ["rpc_calls_total", "rpc_call_duration_seconds_count"] {
            let line = format!("{metric}{labels} {count}\n");
            assert!(text.contains(&line), "no {line} in\n{text}");
        }
    }
}

#[tokio::test]
async fn a_caller_who_leaves_is_counted_as_cancelled() {
    let desk = Desk::shut();
    let wired = wire(&desk);
    let client = wired.client.clone();
    let caller = wired.tasks.spawn(async move { client.read(&context(), 1).await });
    eventually("the beginning", || desk.begun.load(Ordering::SeqCst) == 1).await;
    caller.abort();
    assert!(caller.await.is_err());
    let line = format!(
        "rpc_calls_total{} 1\n",
        labels("desk.notes", "read", "local", "cancelled")
    );
    assert!(exposed(&wired).contains(&line), "{}", exposed(&wired));
}
