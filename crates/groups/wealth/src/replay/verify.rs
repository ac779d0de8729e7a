use super::{
    compare::{Kept, WealthDifference},
    repair::put_right,
    shadow::Shadow,
};
use crate::{entries::EntriesStore, error::Error, market::Market, portfolios::PortfolioRecord};
use kernel::{Scope, TenantId};
use std::collections::BTreeSet;
use store::{Document, Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// How often a portfolio is looked at again because it was changed meanwhile.
const ATTEMPTS: usize = 32;

/// How often, and after which pause, a portfolio that differs is looked at again before it is believed.
const PATIENCE: u32 = 3;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// Compares portfolios, orders and fundings with the feed, and puts them right.
pub struct WealthReplay {
    store: Store,
    market: Market,
    entries: EntriesStore,
}

impl WealthReplay {
    pub(crate) fn new(store: Store, market: Market) -> Self {
        Self {
            entries: EntriesStore::new(store.clone()),
            store,
            market,
        }
    }

    /// Makes every portfolio anew from the feed and says where what is stored differs; with `repair` it is put right, each
    /// portfolio in one commit. Answers how many portfolios there are, and what was found.
    pub async fn run(&self, repair: bool) -> Result<(usize, Vec<WealthDifference>), StoreError> {
        self.replay(repair).await.map_err(|error| match error {
            Error::Store(error) => error,
            other => StoreError::internal(other.to_string()),
        })
    }

    async fn replay(&self, repair: bool) -> Result<(usize, Vec<WealthDifference>), Error> {
        let mut shadow = Shadow::default();
        shadow.catch_up(&self.store).await?;
        let mut all: BTreeSet<(TenantId, Uuid)> = shadow.portfolios.keys().copied().collect();
        let kept = self
            .store
            .find_all_everywhere::<PortfolioRecord>(Query::sorted(Sort::ascending("id")))
            .await?;
        all.extend(kept.iter().map(|portfolio| (portfolio.tenant_id, portfolio.id)));
        let mut found = Vec::new();
        for (tenant, portfolio) in &all {
            found.extend(self.portfolio(&mut shadow, *tenant, *portfolio, repair).await?);
        }
        Ok((all.len(), found))
    }

    async fn portfolio(
        &self,
        shadow: &mut Shadow,
        tenant: TenantId,
        id: Uuid,
        repair: bool,
    ) -> Result<Vec<WealthDifference>, Error> {
        let mut patience = PATIENCE;
        for _ in 0..ATTEMPTS {
            // First what is kept, then the feed: whatever was kept by then is told of.
            let kept = self.kept(tenant, id).await?;
            shadow.catch_up(&self.store).await?;
            let told = shadow.portfolios.entry((tenant, id)).or_default();
            let Some(kept) = kept else {
                return Ok(Vec::new());
            };
            if !self.is_still(tenant, &kept).await? {
                continue;
            }
            let state = told.state(kept.portfolio.entries)?;
            let differences = kept.differences(tenant, told, &state);
            if differences.is_empty() {
                return Ok(differences);
            }
            // On MongoDB an event is numbered shortly after it was committed.
            if patience > 0 {
                patience -= 1;
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            if !repair || put_right(&self.store, &self.market, &kept, told, &state).await? {
                return Ok(differences);
            }
        }
        Err(StoreError::unavailable("a portfolio is changed faster than it can be compared").into())
    }

    /// What is kept of a portfolio; nothing when there is none, as after it was closed or its owner erased.
    async fn kept(&self, tenant: TenantId, id: Uuid) -> Result<Option<Kept>, Error> {
        let Some(portfolio) = self
            .store
            .get::<PortfolioRecord>(&Scope::Tenant { tenant }, id)
            .await?
        else {
            return Ok(None);
        };
        let entries = self.entries.all(tenant, id).await?;
        Ok(Some(Kept {
            entries: entries
                .into_iter()
                .filter(|entry| entry.seq <= portfolio.entries)
                .collect(),
            holdings: self.entries.holdings(tenant, id).await?,
            orders: self.below(tenant, id).await?,
            fundings: self.below(tenant, id).await?,
            portfolio,
        }))
    }

    async fn below<T: Document>(&self, tenant: TenantId, id: Uuid) -> Result<Vec<Stored<T>>, Error> {
        let query = Query::all().equals("portfolio_id", id);
        Ok(self.store.find_all(&Scope::Tenant { tenant }, query).await?)
    }

    /// Whether nothing changed since.
    async fn is_still(&self, tenant: TenantId, kept: &Kept) -> Result<bool, Error> {
        let Some(now) = self.kept(tenant, kept.portfolio.id).await? else {
            return Ok(false);
        };
        Ok(now.portfolio.version == kept.portfolio.version
            && versions(&now.orders) == versions(&kept.orders)
            && versions(&now.fundings) == versions(&kept.fundings))
    }
}

fn versions<T>(documents: &[Stored<T>]) -> Vec<(Uuid, u64)> {
    documents.iter().map(|one| (one.id, one.version)).collect()
}
