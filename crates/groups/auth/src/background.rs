use crate::AuthFailure;
use tokio::sync::oneshot;

/// Ten steps below normal: a tenth of the share of a thread that answers requests, and all that nobody else wants.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Runs long work on a thread of its own, which gives way to the threads that answer requests: work that fills every
/// processor for a while must not make everybody else wait.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthFailure> + Send + 'static,
) -> Result<T, AuthFailure> {
    let (done, outcome) = oneshot::channel();
    std::thread::Builder::new()
        .name("auth-background".to_owned())
        .spawn(move || {
            give_way();
            // Nobody may be waiting any more.
            let _ = done.send(work());
        })
        .map_err(AuthFailure::internal)?;
    outcome.await.map_err(AuthFailure::internal)?
}

/// On Linux a thread has a niceness of its own; elsewhere it would be that of the whole process.
fn give_way() {
    // Work that may not give way is done all the same.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[tokio::test]
    async fn the_work_gives_way_and_whoever_waits_for_it_does_not() {
        let before = getpriority_process(None).unwrap();
        let during = run(|| getpriority_process(None).map_err(AuthFailure::internal))
            .await
            .unwrap();
        assert_eq!(during, NICENESS.max(before));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_not_a_wait_for_ever() {
        let outcome = run::<()>(|| panic!("as a broken library would")).await;
        assert!(outcome.is_err());
    }
}
