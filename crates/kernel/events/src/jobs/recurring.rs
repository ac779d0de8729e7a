use super::{JobId, Jobs, NewJob, runner::Parts};
use chrono::TimeDelta;
use kernel::{CallContext, CallError, TenantId};
use std::{sync::Arc, time::Duration};
use store::StoreError;
use uuid::Uuid;

/// The longest that passes before the clock is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// A kind of job that is done once in every span of time.
pub type Recurring = (TimeDelta, &'static str);

impl Jobs {
    /// Asks for jobs of these kinds once in every span of time, once across processes, until the process stops; those that are
    /// due together in the order in which they stand here. A span in which no process ran is left out. The jobs have
    /// no payload, and run in the default firm.
    pub fn every(&self, recurring: Vec<Recurring>) {
        let parts = self.parts.clone();
        drop(self.parts.tasks.spawn(async move {
            let stopping = parts.tasks.token();
            stopping.run_until_cancelled(ask_again(&parts, &recurring)).await;
        }));
    }
}

async fn ask_again(parts: &Arc<Parts>, recurring: &[Recurring]) {
    let mut asked = vec![None; recurring.len()];
    let mut active = parts.active.subscribe();
    loop {
        if active.wait_for(|active| *active).await.is_err() {
            return;
        }
        let mut rest = LOOK_AGAIN;
        for ((span, kind), asked) in recurring.iter().zip(&mut asked) {
            let length = span.num_seconds().max(1);
            let now = parts.store.sources().now().timestamp();
            let slot = now.div_euclid(length);
            if *asked != Some(slot) {
                match ask(parts, kind, slot).await {
                    Ok(()) => *asked = Some(slot),
                    Err(error) => tracing::warn!(
                        kind,
                        error = &error as &dyn std::error::Error,
                        "a recurring job cannot be asked for at the moment"
                    ),
                }
            }
            let left = u64::try_from(length - now.rem_euclid(length)).unwrap_or(1);
            rest = rest.min(Duration::from_secs(left));
        }
        tokio::time::sleep(rest).await;
    }
}

/// Asks for the job of one span; that another process has done so is fine.
async fn ask(parts: &Parts, kind: &str, slot: i64) -> Result<(), CallError> {
    let store = &parts.store;
    let name = format!("{}/{kind}/{slot}", store.group());
    let id = JobId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
    let cx = CallContext::system(store.group(), TenantId::DEFAULT, store.sources().ids());
    let mut batch = store.batch(&cx);
    NewJob::new(kind, &())?
        .with_id(id)
        .enqueue(store, &cx, &mut batch);
    match store.commit(batch).await {
        Ok(_) | Err(StoreError::Duplicate { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
