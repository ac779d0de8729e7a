//! What a call over the seam costs beside the method it calls.
//!
//! `cargo run --release -p rpc --example call_cost` prints nanoseconds per call, the best of several rounds.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a program for people")]

use kernel::{CallContext, CallError, Deadline, IdempotencyKey, Principal, Sources, Tasks};
use prometheus_client::registry::Registry;
use rpc::Seam;
use std::{hint::black_box, sync::Arc, time::Duration};
use tokio::time::Instant;

/// A contract that does next to nothing.
#[rpc::service(name = "cost.adding")]
pub trait Adding {
    /// One more, read.
    #[rpc(read)]
    async fn read(&self, cx: &CallContext, number: u64) -> Result<u64, CallError>;

    /// One more, as an effect.
    #[rpc(effect)]
    async fn effect(&self, cx: &CallContext, key: IdempotencyKey, number: u64) -> Result<u64, CallError>;
}

struct Adder;

#[rpc::async_trait]
impl Adding for Adder {
    async fn read(&self, _cx: &CallContext, number: u64) -> Result<u64, CallError> {
        Ok(number + 1)
    }

    async fn effect(&self, _cx: &CallContext, _key: IdempotencyKey, number: u64) -> Result<u64, CallError> {
        Ok(number + 1)
    }
}

const CALLS: u32 = 100_000;
const ROUNDS: u32 = 15;

async fn best<F: Future<Output = u64>>(name: &str, call: impl Fn(u64) -> F) -> u128 {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for number in 0..u64::from(CALLS) {
            black_box(call(black_box(number)).await);
        }
        best = best.min(started.elapsed());
    }
    let nanos = best.as_nanos() / u128::from(CALLS);
    println!("{name:<28} {nanos:>6} ns");
    nanos
}

async fn measure() {
    let sources = Sources::system();
    let cx = CallContext::at_edge(Principal::Anonymous, sources.ids().next(), None)
        .with_deadline(Deadline::within(Duration::from_secs(3600)));
    let cx = &cx;
    let key = &IdempotencyKey::fresh(sources.ids());
    let seam = Seam::new(Tasks::new(), &mut Registry::default());
    let client = AddingClient::unbound(&seam);
    let service: Arc<dyn Adding> = Arc::new(Adder);
    client.bind_local(service.clone());
    let (client, service) = (&client, &service);

    let direct = best("read, direct", |n| async move {
        service.read(cx, n).await.expect("adds")
    })
    .await;
    let over = best("read, over the seam", |n| async move {
        client.read(cx, n).await.expect("adds")
    })
    .await;
    println!(
        "{:<28} {:>6} ns",
        "the seam adds to a read",
        over.saturating_sub(direct)
    );
    let direct = best("effect, direct", |n| async move {
        service.effect(cx, key.clone(), n).await.expect("adds")
    })
    .await;
    let over = best("effect, over the seam", |n| async move {
        client.effect(cx, key.clone(), n).await.expect("adds")
    })
    .await;
    println!(
        "{:<28} {:>6} ns",
        "the seam adds to an effect",
        over.saturating_sub(direct)
    );
}

fn main() {
    println!("one thread:");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(measure());
    println!("\nmany threads, from a task:");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async { Tasks::new().spawn(measure()).await.expect("measured") });
}
