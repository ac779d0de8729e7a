//! What the store of an older version needs once before it is served.

use super::LedgerReplay;
use crate::error::Error;
use finance_contract::FinanceError;
use kernel::{CallContext, TenantId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping, Store, StoreError};
use uuid::Uuid;

/// The steps that there are, in their order. A name is for ever.
const BALANCES_BY_BOOK: &str = "balances by book";

/// How often the feed is gone through: once to make balances, and again until nothing is left to be put right.
const MOST_RUNS: usize = 8;

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct UpgradeRecord {
    name: String,
}

impl Document for UpgradeRecord {
    fn collection() -> &'static Collection {
        static UPGRADES: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("ledger_upgrades", Scoping::Tenant).unlisted());
        &UPGRADES
    }
}

/// The collection of the steps that were taken.
pub(crate) fn collection() -> &'static Collection {
    UpgradeRecord::collection()
}

/// Brings the ledger of an older version up to date.
pub struct LedgerUpgrade {
    store: Store,
}

impl LedgerUpgrade {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Takes the steps that were not taken yet; answers how many figures were made. To be awaited before anything is
    /// served. Killed in between, it begins anew; several processes may be at it.
    ///
    /// Balances were once kept by account, and transactions had no legs. What such transactions debit and credit
    /// follows from what their events tell, so the balances of books are made from the feed.
    pub async fn run(&self) -> Result<usize, FinanceError> {
        Ok(self.take().await?)
    }

    async fn take(&self) -> Result<usize, Error> {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, BALANCES_BY_BOOK.as_bytes());
        if self.store.get_anywhere::<UpgradeRecord>(id).await?.is_some() {
            return Ok(0);
        }
        let mut made = 0;
        if self.store.last_seq().await? > 0 {
            made = self.balances().await?;
        }
        let cx = CallContext::system(self.store.group(), TenantId::DEFAULT, self.store.sources().ids());
        let mut batch = self.store.batch(&cx);
        let record = UpgradeRecord {
            name: BALANCES_BY_BOOK.to_owned(),
        };
        batch.insert(id, record);
        match self.store.commit(batch).await {
            Ok(_) | Err(StoreError::Duplicate { .. }) => Ok(made),
            Err(error) => Err(error.into()),
        }
    }

    /// On MongoDB the last events may be numbered only now: therefore until a whole run finds nothing.
    async fn balances(&self) -> Result<usize, Error> {
        let replay = LedgerReplay::new(self.store.clone());
        let mut made = 0;
        for _ in 0..MOST_RUNS {
            let (_, found) = replay.replay(true).await?;
            if found.is_empty() {
                break;
            }
            made += found.len();
        }
        Ok(made)
    }
}
