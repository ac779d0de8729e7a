use super::LedgerAccount;
use crate::error::Error;
use chrono::NaiveDate;
use kernel::{Scope, TenantId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Batch, Collection, Document, Scoping, Store, Stored};
use uuid::Uuid;

/// How many gates a book has: as many of its postings can commit at one moment on a store where requiring is writing.
pub(crate) const GATES: u8 = 8;

static PERIOD_GATES: LazyLock<Collection> =
    LazyLock::new(|| Collection::new("period_gates", Scoping::Tenant));

/// What may be posted to a book. All gates of a book say the same; a book without them is open.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PeriodGate {
    /// Nothing is posted on this day or before it.
    pub(crate) closed_through: Option<NaiveDate>,
    /// Nothing is posted to these.
    pub(crate) closed_accounts: Vec<LedgerAccount>,
}

impl Document for PeriodGate {
    fn collection() -> &'static Collection {
        &PERIOD_GATES
    }
}

impl PeriodGate {
    /// One of a book's gates.
    pub(crate) async fn read(
        store: &Store,
        tenant: TenantId,
        book: UserId,
        number: u8,
    ) -> Result<Option<Stored<PeriodGate>>, Error> {
        let scope = Scope::Tenant { tenant };
        Ok(store.get(&scope, gate_id(book, number)).await?)
    }

    /// Changes all gates of a book in one commit; answers what they say from then on. Postings on their way are refused
    /// by whichever they went through.
    pub(crate) async fn change(
        store: &Store,
        tenant: TenantId,
        book: UserId,
        batch: &mut Batch,
        change: impl Fn(&mut PeriodGate) -> Result<(), Error>,
    ) -> Result<PeriodGate, Error> {
        let mut said = PeriodGate::default();
        for number in 0..GATES {
            let gate = Self::read(store, tenant, book, number).await?;
            let mut next = gate.as_ref().map(|gate| gate.data.clone()).unwrap_or_default();
            change(&mut next)?;
            said = next.clone();
            match gate {
                Some(gate) => batch.replace(&gate.with(next)),
                None => batch.insert(gate_id(book, number), next),
            };
        }
        Ok(said)
    }
}

/// The id of a gate: the same in every process, so that each can only be made once.
pub(super) fn gate_id(book: UserId, number: u8) -> Uuid {
    let name = format!("period-gate\u{0}{book}\u{0}{number}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
