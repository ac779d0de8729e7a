use super::{JobId, Jobs, NewJob, runner::Parts};
use chrono::TimeDelta;
use kernel::{CallContext, CallError, TenantId};
use std::{sync::Arc, time::Duration};
use store::StoreError;
use uuid::Uuid;

/// The longest that passes before the clock is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl Jobs {
    /// Asks for a job of this kind once in every span of time, once across processes, until the process stops. A span
    /// in which no process ran is left out. The job has no payload, and runs in the default firm.
    pub fn every(&self, span: TimeDelta, kind: &'static str) {
        let parts = self.parts.clone();
        drop(self.parts.tasks.spawn(async move {
            let stopping = parts.tasks.token();
            stopping.run_until_cancelled(ask_again(&parts, span, kind)).await;
        }));
    }
}

async fn ask_again(parts: &Arc<Parts>, span: TimeDelta, kind: &'static str) {
    let length = span.num_seconds().max(1);
    let mut asked = None;
    let mut active = parts.active.subscribe();
    loop {
        if active.wait_for(|active| *active).await.is_err() {
            return;
        }
        let now = parts.store.sources().now().timestamp();
        let slot = now.div_euclid(length);
        if asked != Some(slot) {
            match ask(parts, kind, slot).await {
                Ok(()) => asked = Some(slot),
                Err(error) => tracing::warn!(
                    kind,
                    error = &error as &dyn std::error::Error,
                    "a recurring job cannot be asked for at the moment"
                ),
            }
        }
        let rest = u64::try_from(length - now.rem_euclid(length)).unwrap_or(1);
        tokio::time::sleep(Duration::from_secs(rest).min(LOOK_AGAIN)).await;
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
