use super::{
    AuditLog,
    chain::hash_of,
    models::{AuditHead, AuditRow, ChainEnd},
};
use crate::AuthFailure;
use kernel::{MAX_PAGE, PageRequest, Scope, TenantId};
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Query, Sort, Stored};
use uuid::Uuid;

/// What came of walking a firm's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// The firm.
    pub tenant: TenantId,
    /// How many rows are whole, from the first on.
    pub rows: u64,
    /// The first row that is not; none when the chain is whole.
    pub broken: Option<BrokenRow>,
}

/// The first row of a chain that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenRow {
    /// The place in the chain.
    pub seq: u64,
    /// The row that stands there; none when there is none.
    pub id: Option<Uuid>,
    /// What is wrong.
    pub reason: &'static str,
}

impl AuditLog {
    /// Walks the chain of every firm. Rows that are appended meanwhile do no harm.
    pub async fn verify(&self) -> Result<Vec<AuditVerdict>, AuthFailure> {
        let mut verdicts = Vec::new();
        for tenant in self.firms().await? {
            verdicts.push(self.verify_firm(tenant).await?);
        }
        Ok(verdicts)
    }

    async fn verify_firm(&self, tenant: TenantId) -> Result<AuditVerdict, AuthFailure> {
        // First the end, then the rows: the end is at a row that then must be there.
        let head = self.store.get_anywhere::<AuditHead>(AuditHead::id(tenant)).await;
        let mut walk = Walk {
            tenant,
            last: ChainEnd::beginning(),
            sealed: None,
            broken: None,
        };
        match head {
            Ok(head) => walk.sealed = head.map(|head| head.data.end),
            Err(error @ store::StoreError::Unavailable { .. }) => return Err(error.into()),
            Err(_) => walk.mark(
                1,
                None,
                "the end of the chain cannot be opened: it was changed, or sealed with another key",
            ),
        }
        let scope = Scope::Tenant { tenant };
        let mut cursor = None;
        while walk.broken.is_none() {
            let page = PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            };
            let query = Query::sorted(Sort::ascending("seq")).page(page);
            let page = self.store.find::<AuditRow>(&scope, query).await?;
            for row in &page.items {
                walk.step(row)?;
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        Ok(walk.verdict())
    }

    /// Every firm that has a chain, or should have one.
    async fn firms(&self) -> Result<BTreeSet<TenantId>, AuthFailure> {
        let mut firms = BTreeSet::from([TenantId::DEFAULT]);
        let mut cursor = None;
        loop {
            let page = PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            };
            let query = Query::sorted(Sort::ascending("id")).page(page);
            let page = self.store.find_everywhere::<crate::users::User>(query).await?;
            firms.extend(page.items.iter().map(|user| user.tenant_id));
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(firms),
            }
        }
    }
}

struct Walk {
    tenant: TenantId,
    last: ChainEnd,
    sealed: Option<ChainEnd>,
    broken: Option<BrokenRow>,
}

impl Walk {
    fn step(&mut self, row: &Stored<AuditRow>) -> Result<(), AuthFailure> {
        if self.broken.is_some() {
            return Ok(());
        }
        let expected = self.last.seq + 1;
        let hash = hash_of(self.tenant, row.id, row).map_err(AuthFailure::internal)?;
        if row.seq != expected {
            self.mark(expected, None, "the row is missing");
        } else if row.hash != hash {
            self.mark(
                expected,
                Some(row.id),
                "the row was changed: it does not have the hash that stands in it",
            );
        } else if row.previous_hash != self.last.hash {
            self.mark(
                expected,
                Some(row.id),
                "the row does not follow the one before it",
            );
        } else if self.sealed.is_none() {
            self.mark(
                expected,
                Some(row.id),
                "there are rows, but the end of the chain is gone",
            );
        } else if self
            .sealed
            .as_ref()
            .is_some_and(|end| end.seq == expected && end.hash != hash)
        {
            self.mark(
                expected,
                Some(row.id),
                "the chain was written anew: it does not end as it was sealed",
            );
        } else {
            self.last = ChainEnd { seq: row.seq, hash };
        }
        Ok(())
    }

    fn mark(&mut self, seq: u64, id: Option<Uuid>, reason: &'static str) {
        self.broken.get_or_insert(BrokenRow { seq, id, reason });
    }

    fn verdict(mut self) -> AuditVerdict {
        if self.sealed.as_ref().is_some_and(|end| end.seq > self.last.seq) {
            self.mark(
                self.last.seq + 1,
                None,
                "the row is missing: the chain was cut off here",
            );
        }
        AuditVerdict {
            tenant: self.tenant,
            rows: self.last.seq,
            broken: self.broken,
        }
    }
}
