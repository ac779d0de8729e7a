use super::{
    Entry, PeriodGate,
    gate::{GATES, gate_id},
};
use crate::{
    balances::{Changes, announce_balance},
    error::Error,
    transactions::{TransactionRecord, created_event},
};
use kernel::{CallContext, IdempotencyKey, Money, TenantId, UserId};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use store::{Batch, Document, Store, StoreError, Stored};
use uuid::Uuid;

/// Where entries are posted. See the module.
#[derive(Clone)]
pub(crate) struct Journal {
    store: Store,
}

impl Journal {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// For batches and keys.
    pub(crate) fn documents(&self) -> &Store {
        &self.store
    }

    /// Opens a book for the entries of one commit.
    pub(crate) async fn page(&self, tenant: TenantId, book: UserId) -> Result<JournalPage, Error> {
        let random = self.store.sources().ids().next::<Uuid>();
        let number = random.as_bytes()[15] % GATES;
        let gate = PeriodGate::read(&self.store, tenant, book, number).await?;
        Ok(JournalPage {
            store: self.store.clone(),
            book,
            number,
            gate,
            changes: Changes::default(),
            moved: BTreeMap::new(),
            last: Uuid::nil(),
        })
    }

    /// [`Store::once`] for an act that goes through a gate: decided anew as well when somebody else made the same gate of
    /// a new book at that moment.
    pub(crate) async fn once<A, F, Work>(
        &self,
        cx: &CallContext,
        method: &'static str,
        key: &IdempotencyKey,
        request: &impl Serialize,
        work: F,
    ) -> Result<A, Error>
    where
        A: Serialize + DeserializeOwned,
        F: Fn(Batch) -> Work,
        Work: Future<Output = Result<(Batch, A), Error>>,
    {
        let mut lost = LostGates::default();
        loop {
            match self.store.once(cx, method, key, request, &work).await {
                Err(error) if lost.again(&error) => {}
                done => return done,
            }
        }
    }
}

/// Counts the gates that somebody else made first.
#[derive(Debug, Default)]
pub(crate) struct LostGates(u8);

impl LostGates {
    /// Whether a commit was refused only because somebody else made the same gate of a new book at that moment: then it
    /// is to be decided anew. A book has few gates, so it ends.
    pub(crate) fn again(&mut self, error: &Error) -> bool {
        self.0 = self.0.saturating_add(1);
        self.0 <= GATES * 2
            && matches!(
                error,
                Error::Store(StoreError::Duplicate { collection, .. })
                    if collection == PeriodGate::collection().name()
            )
    }
}

/// The entries of one commit in one book.
pub(crate) struct JournalPage {
    store: Store,
    book: UserId,
    number: u8,
    gate: Option<Stored<PeriodGate>>,
    changes: Changes,
    moved: BTreeMap<Uuid, Money>,
    last: Uuid,
}

impl JournalPage {
    /// Refuses a day that is closed.
    pub(crate) fn check_date(&self, date: chrono::NaiveDate) -> Result<(), Error> {
        let through = self.gate.as_ref().and_then(|gate| gate.closed_through);
        match through {
            Some(through) if date <= through => Err(Error::PeriodClosed { through }),
            _ => Ok(()),
        }
    }

    /// Adds an entry to the commit, with its event. Refused when its day or one of its accounts is closed.
    pub(crate) fn post(
        &mut self,
        cx: &CallContext,
        batch: &mut Batch,
        id: Uuid,
        entry: Entry,
    ) -> Result<Stored<TransactionRecord>, Error> {
        if entry.owner().user_id != self.book {
            return Err(kernel::CallError::internal("an entry of another book").into());
        }
        self.check_date(entry.date())?;
        self.check_accounts(&entry)?;
        for leg in entry.legs().as_slice() {
            if let Some(account) = leg.account.money() {
                let moved = match self.moved.get(&account) {
                    Some(sum) => sum
                        .plus(&leg.amount)
                        .map_err(|error| kernel::CallError::internal(error.to_string()))?,
                    None => leg.amount,
                };
                self.moved.insert(account, moved);
            }
        }
        let stored = batch.insert(id, entry.into_record(cx));
        self.changes.add(&stored)?;
        self.last = id;
        batch.event(created_event(cx, &stored)?);
        Ok(stored)
    }

    /// Adds what the entries change of balances, and that the book must be as open as it was.
    pub(crate) fn finish(self, cx: &CallContext, batch: &mut Batch) {
        if self.changes.is_empty() {
            return;
        }
        self.changes.post(&self.store, self.book, self.last, batch);
        for (account, change) in self.moved {
            announce_balance(cx, batch, account, self.book, change);
        }
        match &self.gate {
            Some(gate) => batch.require(gate),
            None => {
                batch.insert(gate_id(self.book, self.number), PeriodGate::default());
            }
        }
    }

    fn check_accounts(&self, entry: &Entry) -> Result<(), Error> {
        let Some(gate) = &self.gate else {
            return Ok(());
        };
        let closed = entry
            .legs()
            .as_slice()
            .iter()
            .find(|leg| gate.closed_accounts.contains(&leg.account));
        match closed {
            Some(leg) => Err(Error::LedgerAccountClosed {
                account: leg.account.to_string(),
            }),
            None => Ok(()),
        }
    }
}
