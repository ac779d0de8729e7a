use crate::AuthFailure;
use std::{
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, sync_channel},
    },
    thread,
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Ten steps below normal: a tenth of the share of a thread that answers requests, and all that nobody else wants.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Long work that fills a processor, on threads of its own that give way to those that answer requests.
///
/// Niceness alone decides how much a thread gets, not how soon it gives way: a request that wakes where such work is done
/// waits until the slice is over, some milliseconds. So the work is begun on a thread that has a processor only while nobody else
/// wants it, and gives way at once. On a busy machine that may be never: whatever is not done in time is done once more by a
/// thread that gets its share, and the first result counts.
#[derive(Clone)]
pub(crate) struct Background {
    /// How many threads may wait for an idle processor. While all do, others do not begin to.
    idle: Arc<Semaphore>,
    patience: Duration,
}

impl Background {
    /// At most `idle` pieces of work wait for an idle processor, each for `patience` before it is done elsewhere.
    pub(crate) fn new(idle: usize, patience: Duration) -> Self {
        Self {
            idle: Arc::new(Semaphore::new(idle)),
            patience,
        }
    }

    /// Runs work that may be done twice, at the same time. What is `held` is let go with the first result, also when nobody
    /// waits for it any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        held: impl Send + 'static,
        work: impl Fn() -> Result<T, AuthFailure> + Send + Sync + 'static,
    ) -> Result<T, AuthFailure> {
        let (done, outcome) = oneshot::channel();
        let (idle, patience) = (self.idle.clone().try_acquire_owned().ok(), self.patience);
        on_a_thread("auth-background", move || {
            give_way();
            let work = Arc::new(work);
            let early = idle.and_then(|permit| on_an_idle_processor(permit, patience, work.clone()));
            let _ = done.send(early.unwrap_or_else(|| work()));
            drop(held);
            // Giving back the memory takes milliseconds as well.
            give_way_at_once();
        })?;
        outcome.await.map_err(AuthFailure::internal)?
    }
}

/// What came of the work, if it was done in time.
fn on_an_idle_processor<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    patience: Duration,
    work: Arc<impl Fn() -> Result<T, AuthFailure> + Send + Sync + 'static>,
) -> Option<Result<T, AuthFailure>> {
    let (done, outcome) = sync_channel(1);
    on_a_thread("auth-idle", move || {
        let _held = permit;
        give_way_at_once();
        // It may have been done elsewhere meanwhile.
        let _ = done.send(work());
    })
    .ok()?;
    match outcome.recv_timeout(patience) {
        Ok(result) => Some(result),
        Err(RecvTimeoutError::Timeout) => None,
        Err(gone @ RecvTimeoutError::Disconnected) => Some(Err(AuthFailure::internal(gone))),
    }
}

fn on_a_thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), AuthFailure> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).map_err(AuthFailure::internal)
}

/// On Linux a thread has a niceness of its own; elsewhere it would be that of the whole process.
fn give_way() {
    // Work that may not give way is done all the same.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICENESS);
}

/// `SCHED_IDLE`: any other thread that wants the processor has it at once.
fn give_way_at_once() {
    #[cfg(target_os = "linux")]
    let _ = thread_priority::set_thread_priority_and_policy(
        thread_priority::thread_native_id(),
        thread_priority::ThreadPriority::Min,
        IDLE,
    );
}

#[cfg(target_os = "linux")]
const IDLE: thread_priority::ThreadSchedulePolicy =
    thread_priority::ThreadSchedulePolicy::Normal(thread_priority::NormalThreadSchedulePolicy::Idle);

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;
    use std::sync::Mutex;
    use thread_priority::thread_schedule_policy;

    const LONG: Duration = Duration::from_secs(600);

    fn policy_and_niceness() -> Result<(thread_priority::ThreadSchedulePolicy, i32), AuthFailure> {
        let policy = thread_schedule_policy().map_err(|error| AuthFailure::internal(format!("{error:?}")))?;
        Ok((policy, getpriority_process(None).map_err(AuthFailure::internal)?))
    }

    #[tokio::test]
    async fn the_work_has_what_nobody_else_wants_and_whoever_waits_for_it_is_as_before() {
        let before = policy_and_niceness().unwrap();
        let during = Background::new(1, LONG)
            .run((), policy_and_niceness)
            .await
            .unwrap();
        assert_eq!(during.0, IDLE);
        assert_eq!(policy_and_niceness().unwrap(), before);
    }

    #[tokio::test]
    async fn what_waits_too_long_for_an_idle_processor_is_done_by_a_thread_that_has_its_share() {
        let background = Background::new(1, Duration::from_millis(1));
        let (release, held) = sync_channel::<()>(0);
        let held = Mutex::new(held);
        let (policy, niceness) = background
            .run((), move || {
                let given = policy_and_niceness()?;
                if given.0 == IDLE {
                    let _ = held.lock().unwrap().recv();
                }
                Ok(given)
            })
            .await
            .unwrap();
        assert_ne!(policy, IDLE);
        assert!(niceness >= NICENESS);
        // While it lingers, nobody else waits for such a processor.
        let (policy, _) = background.run((), policy_and_niceness).await.unwrap();
        assert_ne!(policy, IDLE);
        drop(release);
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_not_a_wait_for_ever() {
        for idle in [0, 1] {
            let outcome = Background::new(idle, LONG)
                .run::<()>((), || panic!("as a broken library would"))
                .await;
            assert!(outcome.is_err());
        }
    }
}
