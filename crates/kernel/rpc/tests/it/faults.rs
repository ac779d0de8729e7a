//! What the other side can do wrong, and what callers notice of it: a clear error in time.

use crate::{
    far::{Far, Said},
    notes::{Desk, NoteError, Wired, context, key},
    wire::leading_to,
};
use kernel::{CallContext, CallError, Deadline};
use rpc::{BreakerPolicy, RemotePolicy};
use std::time::Duration;

/// Sends once, and never stops sending.
fn once() -> RemotePolicy {
    RemotePolicy {
        attempts: 1,
        breaker: never_open(),
        ..RemotePolicy::default()
    }
}

fn never_open() -> BreakerPolicy {
    BreakerPolicy {
        failures: u32::MAX,
        ..BreakerPolicy::default()
    }
}

/// Sends again at once.
fn again() -> RemotePolicy {
    RemotePolicy {
        backoff: Duration::from_millis(1),
        ..RemotePolicy::default()
    }
}

async fn away(wired: &Wired, cx: &CallContext) {
    let answer = wired.client.read(cx, 1).await;
    assert!(
        matches!(&answer, Err(NoteError::Call(CallError::DependencyUnavailable { target })) if target == "desk"),
        "{answer:?}"
    );
}

fn metric(wired: &Wired, line: &str) -> bool {
    let text = crate::metrics::exposed(wired);
    text.lines().any(|one| one == line)
}

#[tokio::test]
async fn a_user_whose_log_in_was_ended_has_to_log_in_again() {
    let far = Far::saying(|_| Said::whole(401, Some("refused"), "{}")).await;
    let wired = leading_to(&[&far.url], again());
    let answer = wired.client.read(&context(), 1).await;
    assert!(
        matches!(&answer, Err(NoteError::Call(CallError::Unauthenticated))),
        "{answer:?}"
    );
    assert_eq!(far.asked(), 1, "asking again changes nothing");
}

#[tokio::test]
async fn whatever_is_no_answer_of_the_seam_is_the_group_being_away() {
    type Case = (&'static str, fn() -> Said);
    let cases: Vec<Case> = vec![
        ("a page", || Said::whole(200, None, "<html>welcome</html>")),
        ("json of something else", || Said::whole(200, None, "\"note 1\"")),
        ("a redirect", || {
            Said::Raw("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_owned())
        }),
        ("a refusal", || Said::whole(401, None, "{}")),
        ("nothing here", || Said::whole(404, None, "{}")),
        ("an error page", || Said::whole(502, None, "bad gateway")),
        ("an answer of another kind", || {
            Said::whole(200, Some("answer"), "{\"not\": \"text\"}")
        }),
        ("no json", || Said::whole(200, Some("answer"), "note 1")),
        ("an answer with a wrong status", || {
            Said::whole(500, Some("answer"), "\"note 1\"")
        }),
        ("an error that cannot be read", || {
            Said::whole(404, Some("error"), "\"brand_new\"")
        }),
        ("a stream where none is due", || {
            Said::whole(200, Some("stream"), "")
        }),
        ("noise", || Said::Raw("SSH-2.0-OpenSSH\r\n\r\n".to_owned())),
        ("a body that breaks off", || {
            Said::Raw("HTTP/1.1 200 OK\r\nx-rpc: answer\r\ncontent-length: 99\r\n\r\n\"note".to_owned())
        }),
        ("a hang-up", || Said::Raw(String::new())),
        ("a body without end", || {
            Said::Raw("HTTP/1.1 200 OK\r\nx-rpc: answer\r\ncontent-length: 99999999999\r\n\r\n".to_owned())
        }),
    ];
    for (what, said) in cases {
        let far = Far::saying(move |_| said()).await;
        let wired = leading_to(&[&far.url], once());
        away(&wired, &context()).await;
        assert_eq!(far.asked(), 1, "{what}");
    }
}

#[tokio::test]
async fn nobody_there_is_the_group_being_away() {
    away(&leading_to(&["http://127.0.0.1:1"], once()), &context()).await;
    away(&leading_to(&[], once()), &context()).await;
}

#[tokio::test]
async fn one_who_never_answers_is_a_timeout() {
    let far = Far::saying(|_| Said::Silence).await;
    let wired = leading_to(&[&far.url], once());
    let cx = context().with_deadline(Deadline::within(Duration::from_millis(100)));
    let (read, written) = tokio::join!(
        wired.client.read(&cx, 1),
        wired.client.write(&cx, key(), "a".into())
    );
    assert!(
        matches!(read, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{read:?}"
    );
    assert!(
        matches!(written, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{written:?}"
    );
}

#[tokio::test]
async fn an_answer_may_not_be_longer_than_the_limit() {
    let far = Far::saying(|_| Said::answer(&format!("\"{}\"", "x".repeat(2_000)))).await;
    let policy = RemotePolicy {
        answer_limit: 1_000,
        ..once()
    };
    away(&leading_to(&[&far.url], policy), &context()).await;
    let wired = leading_to(&[&far.url], once());
    assert_eq!(wired.client.read(&context(), 1).await.unwrap().len(), 2_000);
}

#[tokio::test]
async fn a_connection_that_was_closed_after_an_answer_is_not_used_again() {
    let far = Far::saying(|_| {
        Said::Raw("HTTP/1.1 200 OK\r\nx-rpc: answer\r\ncontent-length: 3\r\n\r\n\"a\"".to_owned())
    })
    .await;
    let wired = leading_to(&[&far.url], again());
    for _ in 0..20 {
        assert_eq!(wired.client.read(&context(), 1).await.unwrap(), "a");
    }
}

#[tokio::test]
async fn an_effect_is_sent_again_with_its_key() {
    let far = Far::saying(|nth| match nth {
        1 => Said::Raw(String::new()),
        2 => Said::whole(503, None, "starting"),
        _ => Said::answer("7"),
    })
    .await;
    let wired = leading_to(&[&far.url], again());
    let key = key();
    let written = wired.client.write(&context(), key.clone(), "a".into()).await;
    assert_eq!(written.unwrap(), 7);
    let keys: Vec<_> = far
        .seen()
        .iter()
        .map(|seen| seen.header("idempotency-key").to_owned())
        .collect();
    assert_eq!(keys, vec![key.as_str().to_owned(); 3]);
    assert!(metric(&wired, "rpc_retries_total{target=\"desk\"} 2"));
    assert!(metric(
        &wired,
        "rpc_attempts_total{target=\"desk\",outcome=\"failed\"} 2"
    ));
}

#[tokio::test]
async fn what_was_answered_is_not_asked_again_unless_it_says_unavailable() {
    for (status, error, asked) in [
        (404, "\"not_found\"", 1),
        (500, "{\"call\":{\"code\":\"internal\"}}", 1),
        (504, "{\"call\":{\"code\":\"timeout\",\"target\":\"x\"}}", 1),
        (503, "{\"call\":{\"code\":\"store_unavailable\"}}", 5),
    ] {
        let far = Far::saying(move |_| Said::whole(status, Some("error"), error)).await;
        let wired = leading_to(&[&far.url], again());
        wired.client.read(&context(), 1).await.unwrap_err();
        assert_eq!(far.asked(), asked, "{status}");
    }
    let far = Far::saying(|_| Said::whole(413, None, "{}")).await;
    away(&leading_to(&[&far.url], again()), &context()).await;
    assert_eq!(far.asked(), 1);
}

#[tokio::test]
async fn only_the_first_hop_asks_again() {
    let far = Far::saying(|_| Said::Raw(String::new())).await;
    let wired = leading_to(&[&far.url], again());
    let mut cx = context();
    cx.depth = 1;
    away(&wired, &cx).await;
    assert_eq!(far.asked(), 1);
    away(&wired, &context()).await;
    assert_eq!(far.asked(), 1 + 5);
}

#[tokio::test]
async fn nothing_is_sent_again_past_the_deadline() {
    let far = Far::saying(|_| Said::Raw(String::new())).await;
    let policy = RemotePolicy {
        backoff: Duration::from_secs(30),
        backoff_limit: Duration::from_secs(30),
        ..RemotePolicy::default()
    };
    away(&leading_to(&[&far.url], policy), &context()).await;
    assert_eq!(far.asked(), 1);
}

#[tokio::test]
async fn another_address_is_asked_when_one_is_dead() {
    let desk = Desk::open();
    let there = crate::notes::wire(&desk);
    let far = Far::serving(crate::notes::NotesClient::serve(&there.seam, desk.clone())).await;
    let wired = leading_to(&["http://127.0.0.1:1", &far.url], again());
    for _ in 0..6 {
        wired.client.read(&context(), 1).await.unwrap();
    }
    assert!(
        metric(&wired, "rpc_retries_total{target=\"desk\"} 1"),
        "left out after the first failure"
    );
}

#[tokio::test]
async fn retries_stay_within_their_budget() {
    let far = Far::saying(|_| Said::Raw(String::new())).await;
    let policy = RemotePolicy {
        retry_reserve: 0,
        breaker: never_open(),
        ..again()
    };
    let wired = leading_to(&[&far.url], policy);
    for _ in 0..50 {
        away(&wired, &context()).await;
    }
    assert_eq!(far.asked(), 50 + 10);
    assert!(metric(&wired, "rpc_retries_withheld_total{target=\"desk\"} 50"));
}

#[tokio::test]
async fn a_target_that_fails_is_left_alone_until_one_attempt_is_answered() {
    let up = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_up = up.clone();
    let far = Far::saying(move |_| match is_up.load(std::sync::atomic::Ordering::SeqCst) {
        true => Said::answer("\"note\""),
        false => Said::Raw(String::new()),
    })
    .await;
    let policy = RemotePolicy {
        attempts: 1,
        breaker: BreakerPolicy {
            failures: 4,
            open_for: Duration::from_secs(1),
            open_limit: Duration::from_secs(1),
            ..BreakerPolicy::default()
        },
        ..RemotePolicy::default()
    };
    let wired = crate::notes::wire(&Desk::open());
    let remote = crate::wire::remote_at(&wired, &[&far.url], policy);
    wired.client.bind_remote(remote.clone());
    assert!(remote.is_reachable());
    for _ in 0..4 {
        away(&wired, &context()).await;
    }
    assert!(metric(&wired, "rpc_breaker_state{target=\"desk\"} 2"));
    assert!(!remote.is_reachable());
    away(&wired, &context()).await;
    assert_eq!(far.asked(), 4, "asked although it is left alone");
    let patience = tokio::time::timeout(Duration::from_secs(20), async {
        while far.asked() == 4 {
            away(&wired, &context()).await;
            tokio::task::yield_now().await;
        }
    });
    patience.await.unwrap();
    assert!(
        metric(&wired, "rpc_breaker_state{target=\"desk\"} 2"),
        "the one attempt failed"
    );
    up.store(true, std::sync::atomic::Ordering::SeqCst);
    let patience = tokio::time::timeout(Duration::from_secs(20), async {
        while wired.client.read(&context(), 1).await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    patience.await.unwrap();
    assert!(metric(&wired, "rpc_breaker_state{target=\"desk\"} 0"));
}

#[tokio::test]
async fn callers_in_a_hurry_do_not_make_a_target_be_left_alone() {
    let far = Far::saying(|_| Said::Silence).await;
    let wired = leading_to(&[&far.url], RemotePolicy::default());
    for _ in 0..12 {
        let cx = context().with_deadline(Deadline::within(Duration::from_millis(25)));
        wired.client.read(&cx, 1).await.unwrap_err();
    }
    assert!(metric(&wired, "rpc_breaker_state{target=\"desk\"} 0"));
}

#[tokio::test]
async fn no_more_calls_are_under_way_than_the_limit() {
    let desk = Desk::shut();
    let there = crate::notes::wire(&desk);
    let far = Far::serving(crate::notes::NotesClient::serve(&there.seam, desk.clone())).await;
    let policy = RemotePolicy {
        concurrency: 2,
        ..RemotePolicy::default()
    };
    let wired = leading_to(&[&far.url], policy);
    let calls = futures::future::join_all((1..=3).map(|id| {
        let client = wired.client.clone();
        wired
            .tasks
            .spawn(async move { client.read(&context(), id).await })
    }));
    crate::notes::eventually("two calls", || far.asked() == 2).await;
    let late = context().with_deadline(Deadline::within(Duration::from_millis(60)));
    let waiting = wired.client.read(&late, 4).await;
    assert!(
        matches!(waiting, Err(NoteError::Call(CallError::Timeout { .. }))),
        "{waiting:?}"
    );
    assert_eq!(far.asked(), 2);
    desk.gate.add_permits(3);
    for call in calls.await {
        call.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_may_be_asked_again_can_be_asked_twice_always() {
    let far = Far::saying(|nth| Said::answer(&nth.to_string())).await;
    let policy = RemotePolicy {
        ask_twice: true,
        ..RemotePolicy::default()
    };
    let wired = leading_to(&[&far.url], policy);
    let key = key();
    assert_eq!(
        wired
            .client
            .write(&context(), key.clone(), "a".into())
            .await
            .unwrap(),
        2
    );
    assert!(
        far.seen()
            .iter()
            .all(|seen| seen.header("idempotency-key") == key.as_str())
    );
    let mut cx = context();
    cx.depth = 1;
    assert_eq!(wired.client.write(&cx, key, "a".into()).await.unwrap(), 3);
}

/// Says whether the address is there.
#[derive(Clone, Default)]
struct There(std::sync::Arc<std::sync::atomic::AtomicBool>);

#[async_trait::async_trait]
impl rpc::Probe for There {
    async fn probe(&self, _: &str) -> rpc::Condition {
        match self.0.load(std::sync::atomic::Ordering::SeqCst) {
            true => rpc::Condition::Healthy,
            false => rpc::Condition::Unreachable,
        }
    }
}

#[tokio::test]
async fn an_address_that_is_lost_is_not_asked_until_a_probe_finds_it() {
    let far = Far::saying(|_| Said::answer("\"note\"")).await;
    let wired = crate::notes::wire(&Desk::open());
    let remote = crate::wire::remote_at(&wired, &[&far.url], once());
    wired.client.bind_remote(remote.clone());
    let (there, tasks) = (There::default(), kernel::Tasks::new());
    remote.endpoints().start_probing(&tasks, there.clone());
    let endpoint = remote.endpoints().pick().unwrap();
    while !endpoint.is_lost() {
        endpoint.failed();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for _ in 0..20 {
        away(&wired, &context()).await;
    }
    assert_eq!(far.asked(), 0, "asked although it is lost");
    there.0.store(true, std::sync::atomic::Ordering::SeqCst);
    let patience = tokio::time::timeout(Duration::from_secs(20), async {
        while wired.client.read(&context(), 1).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    patience.await.unwrap();
    assert_eq!(far.asked(), 1);
    tasks.stop(Duration::from_secs(5)).await;
}
