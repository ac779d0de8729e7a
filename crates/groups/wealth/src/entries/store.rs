use super::{holding::Holding, models::Entry};
use crate::error::Error;
use kernel::{Page, PageRequest, Scope, TenantId};
use store::{Query, Sort, Store, Stored};
use uuid::Uuid;

/// The queries on entries and lots. The caller of each has seen that the portfolio is the asker's to see.
#[derive(Clone)]
pub(crate) struct EntriesStore {
    store: Store,
}

impl EntriesStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The entries of a portfolio, newest first.
    pub(crate) async fn page(
        &self,
        tenant: TenantId,
        portfolio: Uuid,
        page: PageRequest,
    ) -> Result<Page<Stored<Entry>>, Error> {
        let query = Query::sorted(Sort::descending("seq")).equals("portfolio_id", portfolio);
        Ok(self
            .store
            .find(&Scope::Tenant { tenant }, query.page(page))
            .await?)
    }

    /// All entries of a portfolio in the order in which they were made.
    pub(crate) async fn all(&self, tenant: TenantId, portfolio: Uuid) -> Result<Vec<Stored<Entry>>, Error> {
        let query = Query::sorted(Sort::ascending("seq")).equals("portfolio_id", portfolio);
        Ok(self.store.find_all(&Scope::Tenant { tenant }, query).await?)
    }

    /// What a portfolio holds, by symbol.
    pub(crate) async fn holdings(
        &self,
        tenant: TenantId,
        portfolio: Uuid,
    ) -> Result<Vec<Stored<Holding>>, Error> {
        let query = Query::sorted(Sort::ascending("symbol")).equals("portfolio_id", portfolio);
        Ok(self.store.find_all(&Scope::Tenant { tenant }, query).await?)
    }
}
