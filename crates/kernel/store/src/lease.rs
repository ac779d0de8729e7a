use crate::{Collection, Document, Scoping, Store, StoreError, Stored};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CallContext, TenantId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeaseRecord {
    name: String,
    holder: Uuid,
    until: DateTime<Utc>,
}

impl Document for LeaseRecord {
    fn collection() -> &'static Collection {
        static LEASES: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("leases", Scoping::Tenant).in_every_group());
        &LEASES
    }
}

/// A right that one process holds for a while. It saves work; correctness never rests on it alone.
#[derive(Debug, Clone)]
pub struct Lease {
    stored: Stored<LeaseRecord>,
}

impl Lease {
    /// When it ends unless it is taken again.
    pub fn until(&self) -> DateTime<Utc> {
        self.stored.until
    }
}

impl Store {
    /// Takes or renews a lease for `life`; none while another holder has it.
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: Uuid,
        life: TimeDelta,
    ) -> Result<Option<Lease>, StoreError> {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("lease\u{0}{name}").as_bytes());
        let cx = CallContext::system(self.group(), TenantId::DEFAULT, self.sources().ids());
        let mut batch = self.batch(&cx);
        let (now, until) = (batch.now(), batch.now() + life);
        let stored = match self.get_anywhere::<LeaseRecord>(id).await? {
            None => {
                let record = LeaseRecord {
                    name: name.to_owned(),
                    holder,
                    until,
                };
                batch.insert_for(TenantId::DEFAULT, id, record)
            }
            Some(current) if current.holder == holder || current.until <= now => {
                batch.replace(&current.changed(|record| {
                    record.holder = holder;
                    record.until = until;
                }))
            }
            Some(_) => return Ok(None),
        };
        match self.commit(batch).await {
            Ok(_) => Ok(Some(Lease { stored })),
            Err(error) if error.is_lost_race() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives a lease back, so that another process need not wait for its end.
    pub async fn release_lease(&self, lease: Lease) -> Result<(), StoreError> {
        let cx = CallContext::system(self.group(), TenantId::DEFAULT, self.sources().ids());
        let mut batch = self.batch(&cx);
        let now = batch.now();
        batch.replace(&lease.stored.changed(|record| record.until = now));
        match self.commit(batch).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_lost_race() => Ok(()),
            Err(error) => Err(error),
        }
    }
}
