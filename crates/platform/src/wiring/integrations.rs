use super::Wired;
use crate::{PlatformError, kit::Kit};
use integrations_contract::INFO;
use std::time::Duration;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::integrations::collections()).await?;
    let settings = &kit.settings.integrations;
    let group = ::integrations::build(::integrations::IntegrationsNeeds {
        store: store.clone(),
        users: kit.handles.users.clone(),
        triplewhale_url: settings.triplewhale_url.clone(),
        platform_timeout: Duration::from_secs(settings.timeout_seconds),
        exchange: kit.handles.exchange.clone(),
        database_hosts: ::integrations::DatabaseHosts::new(&kit.settings.database_hosts()),
        tasks: kit.tasks.clone(),
        currency: kit.settings.regional.currency,
        timezone: kit.settings.regional.timezone,
    })
    .map_err(|error| PlatformError::Command(error.to_string()))?;
    Ok(Wired::new(kit, group.mount, store).working(group.jobs))
}
