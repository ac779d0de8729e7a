use super::{
    FOLD_AT,
    changes::{Changes, Sums, of_month, plus},
    models::{BookBalances, BookChange, DayTotal, FlowTotal, MonthTotal},
    store::{BalancesStore, total_id},
};
use crate::error::Error;
use kernel::{CallContext, Fault, Sources, Tasks, TenantId};
use std::{
    collections::{HashMap, HashSet},
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::{Batch, Document, Store, Stored};
use uuid::Uuid;

/// How many books are counted at most; beyond it counting begins anew, which only delays folds.
const COUNTED: usize = 10_000;

/// How many flows one fold adds up at most.
const FLOWS: usize = 500;

/// What this process has heard of changes that wait. Hints only: whatever is lost here is found by the next read of
/// the book.
#[derive(Debug, Default)]
struct Hints {
    waiting: HashMap<Uuid, usize>,
    running: HashSet<Uuid>,
}

/// Folds changes into monthly totals and balances, beside the requests.
#[derive(Clone)]
pub(crate) struct Folding {
    store: BalancesStore,
    sources: Sources,
    tasks: Tasks,
    hints: Arc<Mutex<Hints>>,
}

impl Folding {
    pub(crate) fn new(store: Store, sources: Sources, tasks: Tasks) -> Self {
        Self {
            store: BalancesStore::new(store),
            sources,
            tasks,
            hints: Arc::default(),
        }
    }

    pub(crate) fn store(&self) -> &BalancesStore {
        &self.store
    }

    /// Says that something was posted; starts a fold when enough has gathered.
    pub(crate) fn posted(&self, tenant: TenantId, book: Uuid) {
        let due = {
            let mut hints = self.hints();
            if hints.waiting.len() >= COUNTED {
                hints.waiting.clear();
            }
            let waiting = hints.waiting.entry(book).or_default();
            *waiting += 1;
            *waiting >= FOLD_AT
        };
        if due {
            self.start(tenant, book);
        }
    }

    /// Starts a fold of the book unless this process is at it already.
    pub(crate) fn start(&self, tenant: TenantId, book: Uuid) {
        {
            let mut hints = self.hints();
            hints.waiting.remove(&book);
            if self.tasks.is_stopping() || !hints.running.insert(book) {
                return;
            }
        }
        let folding = self.clone();
        drop(self.tasks.spawn(async move {
            let folded = folding.fold(tenant, book).await;
            folding.hints().running.remove(&book);
            if let Err(error) = folded {
                tracing::warn!(%book, code = %error.code(), error = &error as &dyn std::error::Error, "changes stay unfolded for now");
            }
        }));
    }

    /// Folds everything that waits in a book. Ends early when another process folds the same book.
    pub(crate) async fn fold(&self, tenant: TenantId, book: Uuid) -> Result<(), Error> {
        while self.fold_page(tenant, book).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Folds one page of changes in one commit; answers whether more may wait.
    async fn fold_page(&self, tenant: TenantId, book: Uuid) -> Result<bool, Error> {
        let documents = self.store.documents();
        let cx = CallContext::system(documents.group(), tenant, self.sources.ids());
        let position = self.store.position(tenant, book).await?;
        let page = self.store.changes(tenant, book, None).await?;
        let Some(taken) = NonZero::new(how_many(&page.items)) else {
            return Ok(false);
        };
        let mut batch = documents.batch(&cx);
        let (mut days, mut months) = (Changes::default(), Changes::default());
        let known = position
            .as_ref()
            .map(|position| position.data.clone())
            .unwrap_or_default();
        let (mut sums, mut entries) = (Sums::from_balances(&known.balances)?, known.entries);
        for change in page.items.iter().take(taken.get()) {
            for flow in &change.flows {
                sums.add(flow)?;
                entries += flow.count;
                days.merge(flow.clone())?;
                months.merge(of_month(flow))?;
            }
            batch.remove(change);
        }
        self.add_up(&mut batch, (tenant, book), months, MonthTotal, |total| {
            &mut total.0
        })
        .await?;
        self.add_up(&mut batch, (tenant, book), days, DayTotal, |total| &mut total.0)
            .await?;
        let balances = BookBalances {
            balances: sums.into_balances(),
            entries,
        };
        match &position {
            None => batch.insert(book, balances),
            Some(position) => batch.replace(&position.with(balances)),
        };
        match documents.commit(batch).await {
            Ok(_) => Ok(page.next.is_some() || taken.get() < page.items.len()),
            Err(error) if error.is_lost_race() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Adds sums to the totals that are there.
    async fn add_up<T: Document>(
        &self,
        batch: &mut Batch,
        (tenant, book): (TenantId, Uuid),
        sums: Changes,
        new: impl Fn(FlowTotal) -> T,
        inner: impl Fn(&mut T) -> &mut FlowTotal,
    ) -> Result<(), Error> {
        for flow in sums.into_flows() {
            let id = total_id(book, &flow);
            let Some(mut total) = self.store.total::<T>(tenant, id).await? else {
                batch.insert(id, new(FlowTotal::new(book, flow)));
                continue;
            };
            let known = inner(&mut total.data);
            known.amount = plus(known.amount, flow.amount)?;
            known.count += flow.count;
            batch.replace(&total);
        }
        Ok(())
    }

    fn hints(&self) -> MutexGuard<'_, Hints> {
        self.hints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of these changes one commit takes: at least one, and as many as have not too many flows.
fn how_many(changes: &[Stored<BookChange>]) -> usize {
    let mut flows = 0;
    let fitting = changes.iter().take_while(|change| {
        flows += change.flows.len();
        flows <= FLOWS
    });
    fitting.count().max(changes.len().min(1))
}
