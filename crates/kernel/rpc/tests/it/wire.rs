//! A client that leads to another process: its caller notices nothing.

use crate::{
    far::Far,
    notes::{Desk, NoteError, NotesClient, Wired, context, key, wire},
};
use kernel::{
    CallContext, CallError, Deadline, MAX_DEPTH, Principal, Role, SessionId, Sources, TenantId, UserId,
    UserPrincipal,
};
use rpc::{EndpointMetrics, Endpoints, Remote, RemoteParts, RemotePolicy, TokenSource};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

struct Tokens;

impl TokenSource for Tokens {
    fn token(&self, group: &str, principal: &Principal) -> Result<String, CallError> {
        match principal {
            Principal::System { group, .. } => Err(CallError::forbidden(format!("{group}.calls"))),
            _ => Ok(format!("{group} for {}", principal.reference())),
        }
    }
}

pub(crate) fn remote_at(wired: &Wired, urls: &[&str], policy: RemotePolicy) -> Arc<Remote> {
    let endpoints = Endpoints::new("desk", urls, &EndpointMetrics::default()).unwrap();
    Arc::new(Remote::new(RemoteParts {
        group: "desk",
        endpoints: Arc::new(endpoints),
        tokens: Arc::new(Tokens),
        client: || Ok(runtime::http::client()?),
        policy,
        sources: Sources::system(),
        seam: &wired.seam,
    }))
}

/// A client that leads to these addresses.
pub(crate) fn leading_to(urls: &[&str], policy: RemotePolicy) -> Wired {
    let wired = wire(&Desk::open());
    let remote = remote_at(&wired, urls, policy);
    wired.client.bind_remote(remote);
    wired
}

/// A desk in another process, and a client here that leads to it.
pub(crate) async fn split(desk: &Arc<Desk>) -> (Far, Wired, Wired) {
    let there = wire(desk);
    let far = Far::serving(NotesClient::serve(&there.seam, desk.clone())).await;
    let here = leading_to(&[&far.url], RemotePolicy::default());
    (far, here, there)
}

#[tokio::test]
async fn answers_and_typed_errors_come_back_whole() {
    let (far, here, there) = split(&Desk::open()).await;
    let read = here.client.read(&context(), 7).await;
    assert_eq!(read.unwrap(), "note 7 at depth 1");
    let refused = here.client.read(&context(), 0).await;
    assert!(matches!(refused, Err(NoteError::NotFound)), "{refused:?}");
    assert_eq!(here.client.mark(&context(), 1, true).await.unwrap(), 1);
    assert_eq!(far.asked(), 3);
    for (wired, location) in [(&here, "remote"), (&there, "served")] {
        let text = crate::metrics::exposed(wired);
        let labels = crate::metrics::labels("desk.notes", "read", location, "ok");
        assert!(text.contains(&format!("rpc_calls_total{labels} 1\n")), "{text}");
    }
}

#[tokio::test]
async fn what_is_known_of_the_call_travels_with_it() {
    let (far, here, _there) = split(&Desk::open()).await;
    let mut cx = context();
    cx.depth = 2;
    cx.trace = kernel::TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    let key = key();
    here.client
        .write(&cx, key.clone(), "a \"b\"".into())
        .await
        .unwrap();
    let seen = &far.seen()[0];
    assert_eq!(seen.path, "/rpc/desk/notes.write");
    assert_eq!(seen.body, br#"{"text":"a \"b\""}"#);
    for (name, value) in [
        ("authorization", "Bearer desk for anonymous"),
        ("x-request-id", &cx.request_id.to_string()),
        ("traceparent", &cx.trace.unwrap().to_string()),
        ("x-call-depth", "3"),
        ("idempotency-key", key.as_str()),
        ("content-type", "application/json"),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
    let left: u64 = seen.header("x-deadline-ms").parse().unwrap();
    assert!(left > 1_000 && left <= 9_980, "{left}");
}

#[tokio::test]
async fn a_circle_through_other_processes_ends_at_the_depth_limit() {
    let (far, here, _there) = split(&Desk::open()).await;
    let mut cx = context();
    cx.depth = MAX_DEPTH;
    let refused = here.client.read(&cx, 1).await;
    assert!(
        matches!(refused, Err(NoteError::Call(CallError::TooDeep))),
        "{refused:?}"
    );
    cx.depth = MAX_DEPTH - 1;
    here.client.read(&cx, 1).await.unwrap();
    assert_eq!(far.asked(), 1);
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_ends_over_there_and_an_effect_does_not() {
    let desk = Desk::shut();
    let (_far, here, _there) = split(&desk).await;
    let cx = context().with_deadline(Deadline::within(Duration::from_millis(1_500)));
    let (read, written) = tokio::join!(
        here.client.read(&cx, 1),
        here.client.write(&cx, key(), "a".into())
    );
    assert!(
        matches!(read, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{read:?}"
    );
    assert!(
        matches!(written, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{written:?}"
    );
    crate::notes::eventually("the end of the read", || desk.dropped.load(Ordering::SeqCst) == 1).await;
    desk.gate.add_permits(1);
    crate::notes::eventually("the write", || desk.written.load(Ordering::SeqCst) == 1).await;
}

fn of_user(number: u128) -> CallContext {
    let user = UserPrincipal {
        user: UserId(number.into_uuid()),
        role: Role::Client,
        tenant: TenantId::DEFAULT,
        session: SessionId(number.into_uuid()),
        role_version: 1,
        impersonator: None,
        scopes: None,
    };
    CallContext::at_edge(Principal::User(user), Sources::system().ids().next(), None)
}

trait IntoUuid {
    fn into_uuid(self) -> uuid::Uuid;
}

impl IntoUuid for u128 {
    fn into_uuid(self) -> uuid::Uuid {
        uuid::Uuid::from_u128(self)
    }
}

#[tokio::test]
async fn a_split_sends_each_caller_the_same_way_always_and_a_share_of_them_there() {
    let there = wire(&Desk::open());
    let desk = Desk::open();
    let far = Far::serving(NotesClient::serve(&there.seam, desk.clone())).await;
    let here = wire(&Desk::open());
    let remote = remote_at(&here, &[&far.url], RemotePolicy::default());
    let local = Desk::open();
    here.client.bind_split(local.clone(), remote.clone(), 30);
    let mut went = 0;
    for user in 0..200 {
        let before = far.asked();
        for _ in 0..2 {
            here.client.read(&of_user(user), 1).await.unwrap();
        }
        let there = far.asked() - before;
        assert!(there == 0 || there == 2, "user {user} went both ways");
        went += there / 2;
    }
    assert!((30..=90).contains(&went), "{went} of 200 at 30 percent");
    for (percent, expected) in [(0, 0), (100, 20)] {
        here.client.bind_split(local.clone(), remote.clone(), percent);
        let before = far.asked();
        for user in 0..20 {
            here.client.read(&of_user(user), 1).await.unwrap();
        }
        assert_eq!(far.asked() - before, expected, "{percent}");
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let (far, here, _there) = split(&Desk::open()).await;
    let cx = CallContext::system("nobody", TenantId::DEFAULT, Sources::system().ids());
    let refused = here.client.read(&cx, 1).await;
    assert!(
        matches!(&refused, Err(NoteError::Call(CallError::Forbidden { permission })) if permission == "nobody.calls"),
        "{refused:?}"
    );
    assert_eq!(far.asked(), 0);
}

#[tokio::test]
async fn the_contract_document_of_the_other_process_can_be_had() {
    let far = Far::saying(|_| crate::far::Said::whole(200, None, "{\"group\":\"desk\"}")).await;
    let wired = wire(&Desk::open());
    let remote = remote_at(&wired, &[&far.url], RemotePolicy::default());
    let document = remote.contract_document(&context()).await.unwrap();
    assert_eq!(document, "{\"group\":\"desk\"}");
    let seen = &far.seen()[0];
    assert_eq!(seen.path, "/rpc/desk/contract");
    assert_eq!(seen.header("authorization"), "Bearer desk for anonymous");
    far.kill();
    let away = remote.contract_document(&context()).await.unwrap_err();
    assert!(matches!(away, CallError::DependencyUnavailable { .. }), "{away}");
}
