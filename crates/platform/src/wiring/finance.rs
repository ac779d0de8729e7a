use super::Wired;
use crate::{PlatformError, kit::Kit};
use finance_contract::INFO;

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
        metrics: kit.registry.with(::finance::LedgerMetrics::register),
    });
    kit.handles.ledger.bind_local(group.ledger);
    Ok(Wired {
        info: &INFO,
        mount: group.mount,
        projector: kit.offer_feed(&INFO, &store),
        store,
        projections: vec![(group.book_projection, &["advisory"])],
        accounts: None,
    })
}
