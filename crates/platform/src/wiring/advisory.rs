use super::Wired;
use crate::{PlatformError, kit::Kit};
use advisory_contract::INFO;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::advisory::collections()).await?;
    let group = ::advisory::build(::advisory::AdvisoryNeeds {
        store: store.clone(),
        users: kit.handles.users.clone(),
        currency: kit.settings.regional.currency,
    });
    kit.handles.book.bind_local(group.book);
    Ok(Wired {
        info: &INFO,
        mount: group.mount,
        projector: kit.offer_feed(&INFO, &store),
        store,
        projections: Vec::new(),
        accounts: None,
    })
}
