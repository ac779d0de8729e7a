use super::Wired;
use crate::{PlatformError, kit::Kit};
use finance_contract::INFO;
use std::time::Duration;

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
    Ok(Wired::new(kit, group.mount, store)
        .answering(&kit.handles.ledger, group.ledger)
        .answering(&kit.handles.commands, group.commands)
        .hearing(&["advisory"], group.book_projection)
        .working(group.jobs)
        .hearing(&["finance"], group.budget_alerts))
}
