use std::{future::Future, time::Duration};

/// Looks again and again until `look` answers something, for ten seconds at most: never a fixed wait.
pub async fn eventually<T, F, Look>(what: &str, mut look: F) -> T
where
    F: FnMut() -> Look,
    Look: Future<Output = Option<T>>,
{
    let end = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            tokio::time::Instant::now() < end,
            "did not happen within 10 s: {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
