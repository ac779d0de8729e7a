//! What a contract answers to whoever speaks a wire.

use crate::notes::{Desk, NoteError, NotesClient, context, key, wire};
use kernel::{CallContext, CallError, Deadline, ErrorKind, MAX_DEPTH};
use rpc::{Dispatch, IncomingCall, Reply};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

fn call(method: &str, arguments: &str) -> IncomingCall {
    IncomingCall {
        method: method.to_owned(),
        key: None,
        arguments: arguments.to_owned().into(),
    }
}

fn served(desk: &Arc<Desk>) -> Arc<dyn Dispatch> {
    NotesClient::serve(&wire(desk).seam, desk.clone())
}

async fn answer(dispatch: &dyn Dispatch, cx: CallContext, call: IncomingCall) -> String {
    match dispatch.dispatch(cx, call).await {
        Reply::Answer(json) => String::from_utf8(json.to_vec()).unwrap(),
        Reply::Error { error, .. } => panic!("{error:?}"),
        Reply::Stream(_) => panic!("a stream"),
    }
}

async fn error(dispatch: &dyn Dispatch, cx: CallContext, call: IncomingCall) -> (ErrorKind, NoteError) {
    match dispatch.dispatch(cx, call).await {
        Reply::Error { kind, error } => (kind, serde_json::from_slice(&error).unwrap()),
        Reply::Answer(json) => panic!("{json:?}"),
        Reply::Stream(_) => panic!("a stream"),
    }
}

fn details(error: &NoteError) -> (&str, &str) {
    match error {
        NoteError::Call(CallError::Invalid { details }) => (&details[0].field, &details[0].message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn arguments_come_by_name_and_unknown_ones_are_ignored() {
    let dispatch = served(&Desk::open());
    assert_eq!(dispatch.contract(), "desk.notes");
    let json = r#"{"later": {"x": [1]}, "id": 7}"#;
    assert_eq!(
        answer(&*dispatch, context(), call("read", json)).await,
        "\"note 7 at depth 0\"",
        "the caller has deepened the context already"
    );
}

#[tokio::test]
async fn an_argument_that_cannot_be_read_is_named() {
    let dispatch = served(&Desk::open());
    for (json, field, says) in [
        (r#"{"id": "seven"}"#, "id", "expected u32"),
        (r#"{}"#, "id", "is missing"),
        (r#"[7]"#, "body", "JSON object"),
        (r#"{"id": 7"#, "body", "JSON object"),
        (r#"{"id": -1}"#, "id", "expected u32"),
    ] {
        let (kind, error) = error(&*dispatch, context(), call("read", json)).await;
        assert_eq!(kind, ErrorKind::Invalid, "{json}");
        let (named, message) = details(&error);
        assert!(
            named == field && message.contains(says),
            "{json}: {named}: {message}"
        );
    }
}

#[tokio::test]
async fn the_contracts_error_is_answered_whole() {
    let dispatch = served(&Desk::open());
    let (kind, error) = error(&*dispatch, context(), call("read", r#"{"id": 0}"#)).await;
    assert!(
        kind == ErrorKind::NotFound && matches!(error, NoteError::NotFound),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_effect_needs_its_key() {
    let desk = Desk::open();
    let dispatch = served(&desk);
    let mut write = call("write", r#"{"text": "a"}"#);
    let (kind, refused) = error(&*dispatch, context(), write.clone()).await;
    assert_eq!(
        (kind, details(&refused).0),
        (ErrorKind::Invalid, "idempotency-key")
    );
    assert_eq!(desk.begun.load(Ordering::SeqCst), 0);
    write.key = Some(key());
    assert_eq!(answer(&*dispatch, context(), write).await, "1");
}

#[tokio::test]
async fn a_method_that_is_not_there_says_so() {
    let (kind, error) = error(&*served(&Desk::open()), context(), call("shred", "{}")).await;
    assert_eq!(kind, ErrorKind::Unavailable);
    assert!(
        matches!(&error, NoteError::Call(CallError::NotOffered { method }) if method == "desk.notes.shred"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_served_call_keeps_deadline_and_depth_limit() {
    let dispatch = served(&Desk::shut());
    let soon = context().with_deadline(Deadline::within(Duration::from_millis(30)));
    let (kind, _) = error(&*dispatch, soon, call("read", r#"{"id": 1}"#)).await;
    assert_eq!(kind, ErrorKind::Timeout);
    let mut deep = context();
    deep.depth = MAX_DEPTH + 1;
    let (_, refused) = error(&*dispatch, deep, call("read", r#"{"id": 1}"#)).await;
    assert!(
        matches!(refused, NoteError::Call(CallError::TooDeep)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn dropping_a_served_read_cancels_it_and_a_served_effect_runs_to_its_end() {
    let desk = Desk::shut();
    let dispatch = served(&desk);
    let mut write = call("write", r#"{"text": "a"}"#);
    write.key = Some(key());
    for call in [call("read", r#"{"id": 1}"#), write] {
        let served = dispatch.dispatch(context(), call);
        assert!(
            tokio::time::timeout(Duration::from_millis(20), served)
                .await
                .is_err()
        );
    }
    assert_eq!(desk.dropped.load(Ordering::SeqCst), 1);
    desk.gate.add_permits(1);
    crate::notes::eventually("the write", || desk.written.load(Ordering::SeqCst) == 1).await;
}
