use super::PortfolioRecord;
use crate::{access::Access, error::Error};
use kernel::{CallContext, Page, PageRequest, Scope};
use store::{Query, Sort, Store, Stored};
use uuid::Uuid;

/// The queries on portfolios, each scoped to the caller.
#[derive(Clone)]
pub(crate) struct PortfoliosStore {
    store: Store,
    access: Access,
}

impl PortfoliosStore {
    pub(crate) fn new(store: Store, access: Access) -> Self {
        Self { store, access }
    }

    /// For batches and keys.
    pub(crate) fn documents(&self) -> &Store {
        &self.store
    }

    /// A portfolio that the caller may see.
    pub(crate) async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<PortfolioRecord>, Error> {
        let found = self.access.visible(cx, id).await?;
        found.ok_or(Error::Missing { what: "portfolio" })
    }

    pub(crate) async fn list(
        &self,
        scope: &Scope,
        sort: &str,
        page: PageRequest,
    ) -> Result<Page<Stored<PortfolioRecord>>, Error> {
        let query = Query::sorted(Sort::parse(sort)).page(page);
        Ok(self.store.find(scope, query).await?)
    }
}
