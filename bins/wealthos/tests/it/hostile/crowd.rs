use super::prey::End;
use std::future::Future;
use tokio::task::JoinSet;

/// Lets many do the same at once.
pub(super) async fn crowd<F>(size: usize, mut one: impl FnMut(usize) -> F) -> Vec<End>
where
    F: Future<Output = End> + Send + 'static,
{
    let mut running = JoinSet::new();
    for number in 0..size {
        running.spawn(one(number));
    }
    running.join_all().await
}
