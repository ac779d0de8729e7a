use super::Wired;
use crate::{PlatformError, kit::Kit};
use advisory_contract::INFO;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::advisory::collections()).await?;
    let group = ::advisory::build(::advisory::AdvisoryNeeds {
        store: store.clone(),
        users: kit.handles.users.clone(),
        mailer: kit.mailer.clone(),
        currency: kit.settings.regional.currency,
        timezone: kit.settings.regional.timezone,
    });
    Ok(Wired::new(kit, group.mount, store)
        .answering(&kit.handles.book, group.book)
        .answering(&kit.handles.compliance, group.compliance)
        .working(group.jobs))
}
