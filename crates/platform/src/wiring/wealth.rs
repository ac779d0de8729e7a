use super::{HoldingsCheck, Wired};
use crate::{
    PlatformError,
    assembly::{HoldingDifference, HoldingsReplayed},
    kit::Kit,
};
use chrono::TimeDelta;
use std::sync::Arc;
use wealth_contract::INFO;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::wealth::collections()).await?;
    let group = ::wealth::build(::wealth::WealthNeeds {
        store: store.clone(),
        users: kit.handles.users.clone(),
        book: kit.handles.book.clone(),
        compliance: kit.handles.compliance.clone(),
        currency: kit.settings.regional.currency,
        timezone: kit.settings.regional.timezone,
    });
    Ok(Wired {
        holdings_check: Some(Arc::new(LocalHoldings(group.replay))),
        ..Wired::new(kit, group.mount, store)
            .hearing(&["advisory"], group.book_projection)
            .hearing(&["wealth"], group.offers)
            .hearing(&["wealth"], group.values)
            .working(group.jobs)
            .every(TimeDelta::minutes(5), ::wealth::DUE)
    })
}

struct LocalHoldings(::wealth::WealthReplay);

#[rpc::async_trait]
impl HoldingsCheck for LocalHoldings {
    async fn replay(&self, repair: bool) -> Result<HoldingsReplayed, PlatformError> {
        let replayed = self.0.run(repair).await;
        let (portfolios, found) = replayed.map_err(|error| PlatformError::Command(error.to_string()))?;
        let differences = found.into_iter().map(|difference| HoldingDifference {
            firm: difference.tenant,
            portfolio: difference.portfolio,
            figure: difference.figure,
            stored: difference.stored,
            replayed: difference.replayed,
        });
        Ok(HoldingsReplayed {
            portfolios,
            differences: differences.collect(),
        })
    }
}
