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
        let now = parts.store.sources().now().timestamp();
        let mut rest = LOOK_AGAIN;
        let mut due = Vec::new();
        for (place, (span, kind)) in recurring.iter().enumerate() {
            let length = span.num_seconds().max(1);
            let slot = now.div_euclid(length);
            if asked[place] != Some(slot) {
                due.push(Due { place, kind, slot });
            }
            let left = u64::try_from(length - now.rem_euclid(length)).unwrap_or(1);
            rest = rest.min(Duration::from_secs(left));
        }
        match ask(parts, &due).await {
            Ok(()) => due.iter().for_each(|due| asked[due.place] = Some(due.slot)),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "recurring jobs cannot be asked for at the moment"
            ),
        }
        tokio::time::sleep(rest).await;
    }
}

/// The job of one span.
struct Due {
    /// Which of the recurring ones it is.
    place: usize,
    kind: &'static str,
    slot: i64,
}

/// Asks for jobs in one commit; those that another process has asked for are left to it.
async fn ask(parts: &Parts, due: &[Due]) -> Result<(), CallError> {
    match commit(parts, due).await {
        Err(StoreError::Duplicate { .. }) if due.len() > 1 => {
            for one in due.chunks(1) {
                Box::pin(ask(parts, one)).await?;
            }
            Ok(())
        }
        Ok(()) | Err(StoreError::Duplicate { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn commit(parts: &Parts, due: &[Due]) -> Result<(), StoreError> {
    if due.is_empty() {
        return Ok(());
    }
    let store = &parts.store;
    let cx = CallContext::system(store.group(), TenantId::DEFAULT, store.sources().ids());
    let mut batch = store.batch(&cx);
    for Due { kind, slot, .. } in due {
        let name = format!("{}/{kind}/{slot}", store.group());
        let id = JobId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
        let job = NewJob::new(kind, &()).map_err(StoreError::internal)?;
        job.with_id(id).enqueue(store, &cx, &mut batch);
    }
    store.commit(batch).await.map(drop)
}
