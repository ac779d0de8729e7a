use super::{LedgerCheck, Wired};
use crate::{
    PlatformError,
    assembly::{LedgerDifference, LedgerReplayed, VerifiedChain},
    kit::Kit,
};
use finance_contract::{FinanceError, INFO};
use std::{sync::Arc, time::Duration};

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::finance::collections()).await?;
    let group = ::finance::build(::finance::FinanceNeeds {
        store: store.clone(),
        sources: kit.sources.clone(),
        tasks: kit.tasks.clone(),
        users: kit.handles.users.clone(),
        book: kit.handles.book.clone(),
        currency: kit.settings.regional.currency,
        timezone: kit.settings.regional.timezone,
        events_interval: Duration::from_secs(kit.settings.http.events_interval_seconds),
        metrics: kit.registry.with(::finance::LedgerMetrics::register),
        inventory_metrics: kit.registry.with(::finance::InventoryMetrics::register),
    });
    let made = group.upgrade.run().await.map_err(failed)?;
    if made > 0 {
        tracing::warn!(
            figures = made,
            "the ledger of an older version was brought up to date: balances were made from the journal"
        );
    }
    let check = LocalLedger {
        chains: group.chains,
        replay: group.replay,
    };
    Ok(Wired {
        ledger_check: Some(Arc::new(check)),
        ..Wired::new(kit, group.mount, store)
            .answering(&kit.handles.ledger, group.ledger)
            .answering(&kit.handles.commands, group.commands)
            .answering(&kit.handles.exchange, group.exchange)
            .hearing(&["advisory"], group.book_projection)
            .hearing(&["wealth"], group.funding_projection)
            .hearing(&["finance"], group.chain_projection)
            .working(group.jobs)
            .hearing(&["finance"], group.budget_alerts)
    })
}

struct LocalLedger {
    chains: ::finance::EntryChains,
    replay: ::finance::LedgerReplay,
}

#[rpc::async_trait]
impl LedgerCheck for LocalLedger {
    async fn verify_entries(&self) -> Result<Vec<VerifiedChain>, PlatformError> {
        let verdicts = self.chains.verify().await.map_err(failed)?;
        let chain = |verdict: ::finance::EntryChainVerdict| VerifiedChain {
            chain: "entries",
            firm: verdict.tenant,
            rows: verdict.entries,
            broken_row: verdict.broken.as_ref().map(|entry| entry.place),
            broken_id: verdict.broken.as_ref().and_then(|entry| entry.id),
            reason: verdict.broken.map(|entry| entry.reason),
        };
        Ok(verdicts.into_iter().map(chain).collect())
    }

    async fn replay(&self, repair: bool) -> Result<LedgerReplayed, PlatformError> {
        let (books, found) = self.replay.run(repair).await.map_err(failed)?;
        let differences = found.into_iter().map(|difference| LedgerDifference {
            firm: difference.tenant,
            book: difference.book,
            figure: difference.figure,
            stored: difference.stored,
            replayed: difference.replayed,
        });
        Ok(LedgerReplayed {
            books,
            differences: differences.collect(),
        })
    }
}

fn failed(error: FinanceError) -> PlatformError {
    PlatformError::Command(error.to_string())
}
