use crate::report::{ReportFilter, ReportService};
use futures::{Stream, stream};
use kernel::{CallError, RequestHash, UserPrincipal};
use std::{sync::Arc, time::Duration};
use store::Store;
use tokio::{sync::watch, time::Instant};
use web::{Failure, Live, SseEvent};

/// How long to wait for more after a change: several postings are one event.
const GATHER: Duration = Duration::from_millis(300);

/// The financial report again and again: at once, then whenever it has changed, and unchanged after each `every`.
pub(super) struct Reports {
    pub(super) service: Arc<ReportService>,
    pub(super) live: Live,
    pub(super) user: UserPrincipal,
    pub(super) filter: ReportFilter,
    pub(super) every: Duration,
    /// The id of the last report that the client has.
    pub(super) last: Option<String>,
    pub(super) changes: watch::Receiver<u64>,
    /// When the next one is due; none before the first look.
    pub(super) due: Option<Instant>,
}

impl Reports {
    pub(super) fn changes_of(store: &Store) -> watch::Receiver<u64> {
        store.feed_changes()
    }

    pub(super) fn stream(self) -> impl Stream<Item = Result<SseEvent, Failure>> {
        stream::unfold(self, |mut reports| async move {
            let next = reports.next().await;
            Some((next, reports))
        })
    }

    async fn next(&mut self) -> Result<SseEvent, Failure> {
        loop {
            let is_due = self.wait().await;
            self.changes.mark_unchanged();
            let report = self
                .service
                .report(&self.live.context(&self.user), &self.filter)
                .await?;
            let data = serde_json::to_string(&report).map_err(CallError::internal)?;
            let id = RequestHash::of(&report)?
                .as_str()
                .chars()
                .take(32)
                .collect::<String>();
            // Whoever comes back with this report has it already.
            if is_due || self.last.as_ref() != Some(&id) {
                self.due = Some(Instant::now() + self.every);
                self.last = Some(id.clone());
                return Ok(SseEvent { id, data });
            }
        }
    }

    /// Waits until it is worth looking; answers whether the report is due whatever it says.
    async fn wait(&mut self) -> bool {
        let Some(due) = self.due else {
            self.due = Some(Instant::now() + self.every);
            return false;
        };
        let changed = async {
            if self.changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(GATHER).await;
        };
        tokio::time::timeout_at(due, changed).await.is_err()
    }
}
