//! Real message brokers, and how a sender talks to them: for every test binary that needs some.

mod broker;
pub(crate) mod kafka;
pub(crate) mod rabbitmq;
pub(crate) mod redis;

pub(crate) use broker::Broker;

use std::time::Duration;
use tokio::time::Instant;

/// How long a broker may take to start on a slow, loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for a condition, longer than for things in one process: brokers start slowly.
pub(crate) async fn within<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "did not happen within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
