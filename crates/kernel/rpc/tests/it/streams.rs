//! Answers that go on: the same whether they come from this process or from another.

use crate::{
    far::{Far, Said},
    notes::{Wired, context, eventually, wire},
    wire::remote_at,
};
use futures::{Stream, StreamExt, stream};
use kernel::{CallContext, CallError, Deadline, ErrorKind, Fault};
use rpc::{Dispatch, IncomingCall, ItemStream, RemotePolicy, Reply};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

#[rpc::service(name = "desk.numbers")]
trait Numbers {
    /// The numbers after this one: three of them, then the end; for ever after 100; nothing at all after 1000.
    #[rpc(read)]
    async fn watch(&self, cx: &CallContext, after: u64) -> Result<ItemStream<u64, CallError>, CallError>;
}

#[derive(Default)]
struct Counter {
    dropped: Arc<AtomicU32>,
}

struct CountedOnDrop(Arc<AtomicU32>);

impl Drop for CountedOnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counter {
    fn counted<S: Stream<Item = Result<u64, CallError>> + Send + 'static>(
        &self,
        items: S,
    ) -> ItemStream<u64, CallError> {
        let guard = CountedOnDrop(self.dropped.clone());
        ItemStream::new(items.map(move |item| {
            let _held = &guard;
            item
        }))
    }
}

#[rpc::async_trait]
impl Numbers for Counter {
    async fn watch(&self, _cx: &CallContext, after: u64) -> Result<ItemStream<u64, CallError>, CallError> {
        let three = stream::iter((after + 1..after + 4).map(Ok));
        match after {
            0..100 => Ok(self.counted(three)),
            100 => Ok(self.counted(three.chain(stream::pending()))),
            101 => Ok(self.counted(three.chain(stream::iter([Err(CallError::KeyReused)])))),
            102 => Err(CallError::forbidden("numbers.watch")),
            _ => std::future::pending().await,
        }
    }
}

fn away(item: Option<Result<u64, CallError>>) {
    assert!(
        matches!(&item, Some(Err(CallError::DependencyUnavailable { target })) if target == "desk"),
        "{item:?}"
    );
}

fn leading_to(far: &Far, policy: RemotePolicy) -> (Wired, NumbersClient) {
    let here = wire(&crate::notes::Desk::open());
    let client = NumbersClient::unbound(&here.seam);
    client.bind_remote(remote_at(&here, &[&far.url], policy));
    (here, client)
}

struct Both {
    counter: Arc<Counter>,
    there: Wired,
    far: Far,
    local: NumbersClient,
    remote: NumbersClient,
    _here: Wired,
}

async fn both() -> Both {
    let counter = Arc::new(Counter::default());
    let there = wire(&crate::notes::Desk::open());
    let far = Far::serving(NumbersClient::serve(&there.seam, counter.clone())).await;
    let local = NumbersClient::unbound(&there.seam);
    local.bind_local(counter.clone());
    let (here, remote) = leading_to(&far, RemotePolicy::default());
    Both {
        counter,
        there,
        far,
        local,
        remote,
        _here: here,
    }
}

#[tokio::test]
async fn items_the_end_and_failures_are_the_same_on_both_ways() {
    let both = both().await;
    for client in [&both.local, &both.remote] {
        let items = client.watch(&context(), 4).await.unwrap();
        let items: Vec<_> = items.map(Result::unwrap).collect().await;
        assert_eq!(items, [5, 6, 7]);
        let failing: Vec<_> = client.watch(&context(), 101).await.unwrap().collect().await;
        assert_eq!(failing.len(), 4);
        assert!(matches!(failing[3], Err(CallError::KeyReused)), "{failing:?}");
        let refused = client.watch(&context(), 102).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn the_deadline_is_for_the_opening_and_not_for_the_stream() {
    let both = both().await;
    for client in [&both.local, &both.remote] {
        let cx = context().with_deadline(Deadline::within(Duration::from_millis(1_000)));
        let mut items = client.watch(&cx, 100).await.unwrap();
        let unopened = client.watch(&cx, 1_000).await.unwrap_err();
        assert_eq!(unopened.kind(), ErrorKind::Timeout);
        assert_eq!(items.next().await.unwrap().unwrap(), 101);
    }
}

#[tokio::test]
async fn dropping_a_stream_ends_it_over_there() {
    let both = both().await;
    let mut items = both.remote.watch(&context(), 100).await.unwrap();
    items.next().await.unwrap().unwrap();
    assert_eq!(both.counter.dropped.load(Ordering::SeqCst), 0);
    drop(items);
    eventually("the end of the stream", || {
        both.counter.dropped.load(Ordering::SeqCst) == 1
    })
    .await;
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_cuts_the_stream() {
    let both = both().await;
    let mut items = both.remote.watch(&context(), 100).await.unwrap();
    for expected in 101..104 {
        assert_eq!(items.next().await.unwrap().unwrap(), expected);
    }
    both.far.kill();
    away(items.next().await);
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn a_server_that_stops_cuts_its_streams() {
    let both = both().await;
    let mut items = both.remote.watch(&context(), 100).await.unwrap();
    items.next().await.unwrap().unwrap();
    both.there.tasks.stop(Duration::ZERO).await;
    let rest: Vec<_> = items.collect().await;
    away(rest.into_iter().last());
}

fn said(lines: &'static [&'static str], then_silent: bool) -> Said {
    let lines = stream::iter(
        lines
            .iter()
            .map(|line| bytes::Bytes::from_static(line.as_bytes())),
    );
    match then_silent {
        true => Said::Stream(lines.chain(stream::pending()).boxed()),
        false => Said::Stream(lines.boxed()),
    }
}

#[tokio::test]
async fn whatever_breaks_off_or_cannot_be_read_is_the_group_being_away() {
    type Case = (&'static str, &'static [&'static str], bool, usize);
    let cases: [Case; 6] = [
        ("no last line", &["{\"item\":1}\n"], false, 1),
        ("half a line", &["{\"item\":1}\n{\"item\":2}\n{\"it"], false, 2),
        ("silence", &["{\"item\":1}\n", "{\"beat\":true}\n"], true, 1),
        ("an unknown line", &["{\"news\":1}\n"], false, 0),
        ("an item of another kind", &["{\"item\":\"one\"}\n"], false, 0),
        (
            "a line without end",
            &["{\"item\":1}\n{\"item\":10000000000000000000000000000000000"],
            true,
            1,
        ),
    ];
    for (what, lines, then_silent, good) in cases {
        let far = Far::saying(move |_| said(lines, then_silent)).await;
        let policy = RemotePolicy {
            line_limit: 40,
            stream_idle: Duration::from_secs(1),
            ..RemotePolicy::default()
        };
        let (_here, client) = leading_to(&far, policy);
        let items: Vec<_> = client.watch(&context(), 0).await.unwrap().collect().await;
        assert_eq!(items.len(), good + 1, "{what}: {items:?}");
        away(items.into_iter().last());
    }
}

#[tokio::test]
async fn beats_are_not_seen_and_keep_a_stream_open() {
    let beats = ["{\"beat\":true}\n"; 3];
    let lines = beats
        .into_iter()
        .chain(["{\"item\":1}\n{\"item\"", ":2}\n", "{\"end\":true}\n"]);
    let lines: Vec<_> = lines
        .map(|line| bytes::Bytes::from_static(line.as_bytes()))
        .collect();
    let far = Far::saying(move |_| Said::Stream(stream::iter(lines.clone()).boxed())).await;
    let (_here, client) = leading_to(&far, RemotePolicy::default());
    let items = client.watch(&context(), 0).await.unwrap();
    let items: Vec<_> = items.map(Result::unwrap).collect().await;
    assert_eq!(items, [1, 2]);
}

#[tokio::test]
async fn an_answer_where_a_stream_is_due_is_the_group_being_away() {
    let far = Far::saying(|_| Said::answer("1")).await;
    let (_here, client) = leading_to(&far, RemotePolicy::default());
    away(Some(client.watch(&context(), 0).await.map(|_| 0)));
}

#[tokio::test]
async fn a_stream_is_lines_on_the_wire() {
    let there = wire(&crate::notes::Desk::open());
    let dispatch: Arc<dyn Dispatch> = NumbersClient::serve(&there.seam, Arc::new(Counter::default()));
    let call = IncomingCall {
        method: "watch".to_owned(),
        key: None,
        arguments: "{\"after\":0}".into(),
    };
    let Reply::Stream(lines) = dispatch.dispatch(context(), call).await else {
        panic!("no stream");
    };
    let lines: Vec<_> = lines.collect().await;
    assert_eq!(
        lines.concat(),
        b"{\"item\":1}\n{\"item\":2}\n{\"item\":3}\n{\"end\":true}\n"
    );
}
