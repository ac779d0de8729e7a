use crate::{
    balances::{Changes, Flow, Sums, month_of},
    error::Error,
    journal::{LedgerAccount, Leg, Legs, income_or_expense},
};
use finance_contract::{TRANSACTION_CREATED, TransactionCreated};
use kernel::{CallError, EventEnvelope, TenantId, UserId};
use std::collections::{BTreeMap, HashSet};
use store::Store;
use uuid::Uuid;

/// How many events are read at once.
const PAGE: u32 = 500;

/// What the feed says of one book.
#[derive(Debug, Default)]
pub(super) struct BookShadow {
    pub(super) sums: Sums,
    pub(super) entries: i64,
    days: Changes,
    months: Changes,
    /// The entries that were told of.
    pub(super) seen: HashSet<Uuid>,
}

impl BookShadow {
    /// The flows by day and by month.
    pub(super) fn flows(&self) -> (Vec<Flow>, Vec<Flow>) {
        (
            self.days.flows().cloned().collect(),
            self.months.flows().cloned().collect(),
        )
    }

    /// Counts what a change says, if its entry was not told of.
    pub(super) fn count(&mut self, flow: &Flow) -> Result<(), Error> {
        self.sums.add(flow)?;
        self.entries += flow.count;
        self.days.merge(flow.clone())?;
        self.months.merge(Flow {
            date: month_of(flow.date),
            ..flow.clone()
        })
    }
}

/// Everything that the feed says, up to a place in it.
#[derive(Debug, Default)]
pub(super) struct Shadow {
    pub(super) books: BTreeMap<(TenantId, UserId), BookShadow>,
    place: u64,
}

impl Shadow {
    /// Reads what was told since the last time.
    pub(super) async fn catch_up(&mut self, store: &Store) -> Result<(), Error> {
        loop {
            let events = store.feed(self.place, PAGE).await?;
            let Some(last) = events.last() else {
                return Ok(());
            };
            self.place = last.seq;
            for event in events
                .iter()
                .filter(|event| event.event_type == TRANSACTION_CREATED)
            {
                self.add(event)?;
            }
        }
    }

    fn add(&mut self, event: &EventEnvelope) -> Result<(), Error> {
        let told: TransactionCreated = event.data_as().map_err(CallError::internal)?;
        let book = self.books.entry((event.tenant, told.user_id)).or_default();
        if !book.seen.insert(told.transaction_id) {
            return Ok(());
        }
        let mut flows = Changes::default();
        flows.add_legs(&legs_of(&told)?, told.date, told.reverses.is_some())?;
        for flow in flows.into_flows() {
            book.count(&flow)?;
        }
        Ok(())
    }
}

/// The legs that an event tells of; what was told before there were legs follows from the rest.
pub(crate) fn legs_of(told: &TransactionCreated) -> Result<Legs, Error> {
    if told.legs.is_empty() {
        return income_or_expense(told.account_id, told.kind, told.amount, &told.category);
    }
    let legs = told.legs.iter().map(|leg| {
        let account: LedgerAccount = leg.account.parse().map_err(CallError::internal)?;
        Ok(Leg::new(account, leg.amount))
    });
    Ok(Legs::new(legs.collect::<Result<_, Error>>()?)?)
}
