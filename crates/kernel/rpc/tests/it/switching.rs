use crate::notes::{Desk, NoteError, NotesClient, NotesStub, context, key, wire};
use kernel::{CallContext, CallError, Fault};
use std::sync::{Arc, atomic::Ordering};

fn is_away(error: &NoteError, group: &str) -> bool {
    matches!(error, NoteError::Call(CallError::DependencyUnavailable { target }) if target == group)
}

#[tokio::test]
async fn an_unbound_client_says_which_group_is_away() {
    let client = NotesClient::unbound(&wire(&Desk::open()).seam);
    assert!(!client.is_bound());
    let read = client.read(&context(), 1).await.unwrap_err();
    let write = client.write(&context(), key(), "a".into()).await.unwrap_err();
    assert!(
        is_away(&read, "desk") && is_away(&write, "desk"),
        "{read} {write}"
    );
}

#[tokio::test]
async fn unbinding_lets_go_of_the_service_and_a_call_under_way_ends_where_it_began() {
    let desk = Desk::shut();
    let wired = wire(&desk);
    let client = wired.client.clone();
    let caller = wired.tasks.spawn(async move { client.read(&context(), 1).await });
    crate::notes::eventually("the beginning", || desk.begun.load(Ordering::SeqCst) == 1).await;
    wired.client.unbind();
    assert!(is_away(
        &wired.client.read(&context(), 1).await.unwrap_err(),
        "desk"
    ));
    desk.gate.add_permits(1);
    assert!(caller.await.unwrap().is_ok());
    assert_eq!(Arc::strong_count(&desk), 1);
}

#[tokio::test]
async fn binding_again_moves_every_clone() {
    let (first, second) = (Desk::open(), Desk::open());
    let wired = wire(&first);
    let clone = wired.client.clone();
    wired.client.bind_local(second.clone());
    clone.write(&context(), key(), "a".into()).await.unwrap();
    assert_eq!(first.written.load(Ordering::SeqCst), 0);
    assert_eq!(second.written.load(Ordering::SeqCst), 1);
}

/// Whether a group answers at all.
#[rpc::service(name = "ping", shared)]
trait Ping {
    /// One, if it does.
    #[rpc(read)]
    async fn ping(&self, cx: &CallContext) -> Result<u8, CallError>;
}

#[tokio::test]
async fn one_contract_can_be_offered_by_several_groups() {
    let seam = wire(&Desk::open()).seam;
    let finance = PingClient::unbound(&seam, "finance");
    assert_eq!((finance.contract(), finance.group()), ("finance.ping", "finance"));
    let away = finance.ping(&context()).await.unwrap_err();
    assert!(
        matches!(&away, CallError::DependencyUnavailable { target } if target == "finance"),
        "{away}"
    );
    let auth = PingStub::default()
        .on_ping(|_| async { Ok(1) })
        .into_client(&seam, "auth");
    assert_eq!(auth.ping(&context()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_stub_answers_what_it_was_told_and_nothing_else() {
    let stub = NotesStub::default().on_mark(|cx, id, seen| async move {
        assert_eq!((cx.depth, id, seen), (1, 3, true));
        Ok(9)
    });
    let client = stub.into_client(&wire(&Desk::open()).seam);
    assert_eq!(client.mark(&context(), 3, true).await.unwrap(), 9);
    let unset = client.read(&context(), 3).await.unwrap_err();
    assert_eq!(unset.kind(), kernel::ErrorKind::Unavailable);
    assert!(
        unset.to_string().contains("read (not set in the stub)"),
        "{unset}"
    );
}

#[tokio::test]
async fn a_service_passes_its_own_context_on() {
    let inner = wire(&Desk::open());
    let (lower, seam) = (inner.client.clone(), inner.seam.clone());
    let outer = NotesStub::default().on_read(move |cx, id| {
        let lower = lower.clone();
        async move { lower.read(&cx, id).await }
    });
    let answer = outer.into_client(&seam).read(&context(), 5).await;
    assert_eq!(answer.unwrap(), "note 5 at depth 2");
}
