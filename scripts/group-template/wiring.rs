use super::Wired;
use crate::{PlatformError, kit::Kit};
use thegroup_contract::INFO;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::thegroup::collections()).await?;
    let group = ::thegroup::build(::thegroup::ThegroupNeeds {
        sources: kit.sources.clone(),
    });
    Ok(Wired::new(kit, group.mount, store))
}
