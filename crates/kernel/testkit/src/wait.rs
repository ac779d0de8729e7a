use std::{future::Future, time::Duration};

/// Far more than anything takes on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks again and again until `look` answers something, for half a minute at most: never a fixed wait.
pub async fn eventually<T, F, Look>(what: &str, mut look: F) -> T
where
    F: FnMut() -> Look,
    Look: Future<Output = Option<T>>,
{
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            tokio::time::Instant::now() < end,
            "did not happen within {PATIENCE:?}: {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
