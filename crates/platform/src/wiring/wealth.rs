use super::Wired;
use crate::{PlatformError, kit::Kit};
use chrono::TimeDelta;
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
    Ok(Wired::new(kit, group.mount, store)
        .hearing(&["advisory"], group.book_projection)
        .working(group.jobs)
        .every(TimeDelta::minutes(5), ::wealth::DUE))
}
