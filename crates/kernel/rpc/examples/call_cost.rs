//! What a call over the seam costs beside the method it calls.
//!
//! `cargo run --release -p rpc --example call_cost` prints nanoseconds per call as one JSON object: the direct call, the
//! call over the seam, and what the seam adds (the median of rounds in alternation), on one thread and from a task of a
//! runtime with many.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::float_arithmetic,
    reason = "a program that prints figures"
)]

use kernel::{CallContext, CallError, Deadline, IdempotencyKey, Principal, Sources, Tasks};
use prometheus_client::registry::Registry;
use rpc::Seam;
use serde_json::{Value, json};
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

const CALLS: u32 = 20_000;
const ROUNDS: usize = 41;

/// Nanoseconds per call of one round.
async fn round<F: Future<Output = u64>>(call: impl Fn(u64) -> F) -> f64 {
    let started = Instant::now();
    for number in 0..u64::from(CALLS) {
        black_box(call(black_box(number)).await);
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The direct call and the one over the seam in alternation.
async fn pair<F, G>(direct: impl Fn(u64) -> F, over: impl Fn(u64) -> G) -> Value
where
    F: Future<Output = u64>,
    G: Future<Output = u64>,
{
    let (mut bare, mut seam, mut added) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (one, other) = (round(&direct).await, round(&over).await);
        bare.push(one);
        seam.push(other);
        added.push(other - one);
    }
    json!({ "direct_ns": median(bare), "seam_ns": median(seam), "added_ns": median(added) })
}

async fn measure() -> Value {
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
    let read = pair(
        |n| async move { service.read(cx, n).await.expect("adds") },
        |n| async move { client.read(cx, n).await.expect("adds") },
    );
    let read = read.await;
    let effect = pair(
        |n| async move { service.effect(cx, key.clone(), n).await.expect("adds") },
        |n| async move { client.effect(cx, key.clone(), n).await.expect("adds") },
    );
    json!({ "read": read, "effect": effect.await })
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let one_thread = runtime.expect("a runtime").block_on(measure());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let many_threads = runtime.block_on(async { Tasks::new().spawn(measure()).await.expect("measured") });
    println!(
        "{:#}",
        json!({ "one_thread": one_thread, "many_threads": many_threads })
    );
}
