use crate::{
    entries::{BookState, Entry},
    error::Error,
    orders::OrderStep,
};
use kernel::{CallError, EventEnvelope, TenantId};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::Store;
use uuid::Uuid;
use wealth_contract::{
    FUNDING_APPROVED, FUNDING_CANCELLED, FUNDING_FAILED, FUNDING_REQUESTED, FUNDING_SETTLED, FundingChanged,
    FundingKind, FundingState, PORTFOLIO_ENTERED,
};

/// How many events are read at once.
const PAGE: u32 = 500;

/// What the feed says of one portfolio.
#[derive(Debug, Default)]
pub(super) struct PortfolioShadow {
    /// The entries by their place.
    pub(super) entries: BTreeMap<u64, (Uuid, Entry)>,
    pub(super) orders: BTreeMap<Uuid, Vec<OrderStep>>,
    pub(super) fundings: BTreeMap<Uuid, Vec<FundingTold>>,
}

/// What the feed says of one step of a funding.
#[derive(Debug, Clone)]
pub(super) struct FundingTold {
    pub(super) facts: FundingChanged,
    pub(super) at: chrono::DateTime<chrono::Utc>,
    pub(super) by: String,
}

impl PortfolioShadow {
    /// What follows from its first entries.
    pub(super) fn state(&self, entries: u64) -> Result<BookState, Error> {
        let mut state = BookState::default();
        for (_, entry) in self.entries.range(..=entries).map(|(_, entry)| entry) {
            state
                .apply(entry)
                .map_err(|cause| Error::from(CallError::internal(cause)))?;
        }
        Ok(state)
    }

    /// What is set aside, by account.
    pub(super) fn reserved(&self) -> BTreeMap<Uuid, Decimal> {
        let mut reserved = BTreeMap::new();
        for told in self.fundings.values().filter_map(|steps| steps.last()) {
            let open = matches!(told.facts.state, FundingState::Requested | FundingState::Approved);
            if open && told.facts.kind != FundingKind::Deposit {
                *reserved.entry(told.facts.account_id).or_insert(Decimal::ZERO) += told.facts.amount.amount();
            }
        }
        reserved
    }
}

/// What an event of an order carries, as far as it is needed here.
#[derive(Deserialize)]
struct OrderTold {
    order_id: Uuid,
    portfolio_id: Uuid,
    step: Option<OrderStep>,
}

/// What an event of an entry carries.
#[derive(Deserialize)]
struct EntryTold {
    entry_id: Uuid,
    entry: Entry,
}

/// Everything that the feed says, up to a place in it.
#[derive(Debug, Default)]
pub(super) struct Shadow {
    pub(super) portfolios: BTreeMap<(TenantId, Uuid), PortfolioShadow>,
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
            for event in &events {
                self.add(event)?;
            }
        }
    }

    fn add(&mut self, event: &EventEnvelope) -> Result<(), Error> {
        let unreadable = |cause: serde_json::Error| Error::from(CallError::internal(cause));
        match event.event_type.as_str() {
            PORTFOLIO_ENTERED => {
                let told: EntryTold = event.data_as().map_err(unreadable)?;
                let portfolio = self.of(event, told.entry.portfolio_id);
                portfolio
                    .entries
                    .insert(told.entry.seq, (told.entry_id, told.entry));
            }
            FUNDING_REQUESTED | FUNDING_APPROVED | FUNDING_SETTLED | FUNDING_FAILED | FUNDING_CANCELLED => {
                let facts: FundingChanged = event.data_as().map_err(unreadable)?;
                let portfolio = self.of(event, facts.portfolio_id);
                let steps = portfolio.fundings.entry(facts.funding_id).or_default();
                steps.push(FundingTold {
                    facts,
                    at: event.time,
                    by: event.actor.clone(),
                });
            }
            name if name.starts_with("order.") => {
                let told: OrderTold = event.data_as().map_err(unreadable)?;
                let Some(step) = told.step else {
                    return Ok(());
                };
                let portfolio = self.of(event, told.portfolio_id);
                portfolio.orders.entry(told.order_id).or_default().push(step);
            }
            _ => {}
        }
        Ok(())
    }

    fn of(&mut self, event: &EventEnvelope, portfolio: Uuid) -> &mut PortfolioShadow {
        self.portfolios.entry((event.tenant, portfolio)).or_default()
    }
}
