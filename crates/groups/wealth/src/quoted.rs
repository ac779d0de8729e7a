//! What the group hears of itself: new quotes. Orders that wait for a price are offered to the broker again, and portfolios are
//! valued anew; neither keeps whoever brings the quotes waiting.

use crate::{error::Error, orders::Orders, portfolios::Revaluation};
use events::{Failure, Projection};
use kernel::{CallContext, CallError, EventEnvelope};
use serde::Deserialize;
use std::{collections::BTreeSet, time::Duration};
use store::{Batch, Store};
use wealth_contract::MARKET_QUOTED;

/// How many commits of quotes are dealt with at once: those of a file of ten thousand rows, and more.
const AT_ONCE: usize = 100;

/// How long quotes gather before portfolios are valued by them.
const GATHERS: Duration = Duration::from_millis(500);

/// What is read of `market.quoted`.
#[derive(Deserialize)]
struct Quoted {
    symbols: Vec<String>,
    /// Those of which the newest quote is another one; all, where that is not said.
    newest: Option<Vec<String>>,
}

fn moved(run: &[&EventEnvelope]) -> Result<BTreeSet<String>, Failure> {
    let mut symbols = BTreeSet::new();
    for event in run {
        let quoted: Quoted = event
            .data_as()
            .map_err(|cause| Failure::from_fault(CallError::internal(cause)))?;
        symbols.extend(quoted.newest.unwrap_or(quoted.symbols));
    }
    Ok(symbols)
}

fn failure(error: Error) -> Failure {
    match error.is_lost_race() {
        true => Failure::transient("others change the same documents: it is tried again"),
        false => Failure::from_fault(error),
    }
}

/// Offers orders that wait for a price to the broker.
pub(crate) struct OffersProjection {
    store: Store,
    orders: Orders,
}

impl OffersProjection {
    pub(crate) fn new(store: Store, orders: Orders) -> Self {
        Self { store, orders }
    }
}

#[rpc::async_trait]
impl Projection for OffersProjection {
    fn name(&self) -> &'static str {
        "wealth.offers"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == MARKET_QUOTED
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.apply_run(cx, &[event]).await
    }

    fn longest_run(&self) -> usize {
        AT_ONCE
    }

    /// Each fill is a commit of its own, refused when the order has changed: offered again, nothing is filled twice.
    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        for symbol in moved(run)? {
            self.orders.offer_waiting(cx, &symbol).await.map_err(failure)?;
        }
        Ok(self.store.batch(cx))
    }
}

/// Values portfolios by the newest quotes.
pub(crate) struct ValuesProjection {
    store: Store,
    revaluation: Revaluation,
}

impl ValuesProjection {
    pub(crate) fn new(store: Store, revaluation: Revaluation) -> Self {
        Self { store, revaluation }
    }
}

#[rpc::async_trait]
impl Projection for ValuesProjection {
    fn name(&self) -> &'static str {
        "wealth.values"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == MARKET_QUOTED
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.apply_run(cx, &[event]).await
    }

    fn longest_run(&self) -> usize {
        AT_ONCE
    }

    fn gathers_for(&self) -> Duration {
        GATHERS
    }

    /// Values page by page in commits of its own. Done again, nothing has another value.
    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        self.revaluation
            .revalue(cx, &moved(run)?)
            .await
            .map_err(failure)?;
        Ok(self.store.batch(cx))
    }
}
