use super::{
    FOLD_AT,
    changes::{Changes, plus},
    models::{BalanceRecord, MonthlyTotal},
    store::{BalancesStore, total_id},
};
use crate::error::Error;
use kernel::{CallContext, Fault, Sources, Tasks, TenantId};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::Store;
use uuid::Uuid;

/// How many accounts are counted at most; beyond it counting begins anew, which only delays folds.
const COUNTED: usize = 10_000;

/// What this process has heard of changes that wait. Hints only: whatever is lost here is found by the next read of
/// the account.
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
    pub(crate) fn posted(&self, tenant: TenantId, account: Uuid) {
        let due = {
            let mut hints = self.hints();
            if hints.waiting.len() >= COUNTED {
                hints.waiting.clear();
            }
            let waiting = hints.waiting.entry(account).or_default();
            *waiting += 1;
            *waiting >= FOLD_AT
        };
        if due {
            self.start(tenant, account);
        }
    }

    /// Starts a fold of the account unless this process is at it already.
    pub(crate) fn start(&self, tenant: TenantId, account: Uuid) {
        {
            let mut hints = self.hints();
            hints.waiting.remove(&account);
            if self.tasks.is_stopping() || !hints.running.insert(account) {
                return;
            }
        }
        let folding = self.clone();
        drop(self.tasks.spawn(async move {
            let folded = folding.fold(tenant, account).await;
            folding.hints().running.remove(&account);
            if let Err(error) = folded {
                tracing::warn!(%account, code = %error.code(), error = &error as &dyn std::error::Error, "changes stay unfolded for now");
            }
        }));
    }

    /// Folds everything that waits on an account. Ends early when another process folds the same account.
    pub(crate) async fn fold(&self, tenant: TenantId, account: Uuid) -> Result<(), Error> {
        while self.fold_page(tenant, account).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Folds one page of changes in one commit; answers whether more may wait.
    async fn fold_page(&self, tenant: TenantId, account: Uuid) -> Result<bool, Error> {
        let documents = self.store.documents();
        let cx = CallContext::system(documents.group(), tenant, self.sources.ids());
        let position = self.store.position(tenant, account).await?;
        let page = self.store.changes(tenant, account, None).await?;
        if page.items.is_empty() {
            return Ok(false);
        }
        let mut batch = documents.batch(&cx);
        let mut sums = Changes::default();
        let mut balance = position
            .as_ref()
            .map_or(rust_decimal::Decimal::ZERO, |position| position.balance);
        for change in &page.items {
            balance = plus(balance, change.0.signed())?;
            sums.merge(change.0.clone())?;
            batch.remove(change);
        }
        for sum in sums.into_tallies() {
            let id = total_id(&sum);
            match self.store.total(tenant, id).await? {
                None => {
                    batch.insert(id, MonthlyTotal(sum));
                }
                Some(total) => {
                    let amount = plus(total.0.amount, sum.amount)?;
                    batch.replace(&total.changed(|total| {
                        total.0.amount = amount;
                        total.0.count += sum.count;
                    }));
                }
            }
        }
        match &position {
            None => batch.insert(account, BalanceRecord { balance }),
            Some(position) => batch.replace(&position.with(BalanceRecord { balance })),
        };
        match documents.commit(batch).await {
            Ok(_) => Ok(page.next.is_some()),
            Err(error) if error.is_lost_race() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn hints(&self) -> MutexGuard<'_, Hints> {
        self.hints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
