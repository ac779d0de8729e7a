use super::Wired;
use crate::{PlatformError, kit::Kit};
use advisory_contract::INFO;
use chrono::TimeDelta;
use std::path::Path;

pub(super) async fn wire(kit: &Kit) -> Result<Wired, PlatformError> {
    let store = kit.open_store(&INFO, ::advisory::collections()).await?;
    let group = ::advisory::build(::advisory::AdvisoryNeeds {
        store: store.clone(),
        users: kit.handles.users.clone(),
        mailer: kit.mailer.clone(),
        currency: kit.settings.regional.currency,
        timezone: kit.settings.regional.timezone,
        sanctions: sanctions(kit.settings.security.sanctions_file.as_deref())?,
    });
    Ok(Wired::new(kit, group.mount, store)
        .answering(&kit.handles.book, group.book)
        .answering(&kit.handles.compliance, group.compliance)
        .hearing(&["advisory"], group.stamps)
        .hearing(&["finance", "wealth", "advisory"], group.worth)
        .hearing(&["advisory"], group.deadlines)
        .working(group.jobs)
        .every(TimeDelta::hours(6), ::advisory::KYC_ALERTS)
        .every(TimeDelta::hours(1), ::advisory::GOALS))
}

fn sanctions(file: Option<&Path>) -> Result<::advisory::Sanctions, PlatformError> {
    let Some(file) = file else {
        return Ok(::advisory::Sanctions::default());
    };
    let text = std::fs::read_to_string(file).map_err(|error| {
        PlatformError::Command(format!(
            "security.sanctions_file: {} cannot be read ({error}): name a list of names in UTF-8, one a line",
            file.display()
        ))
    })?;
    Ok(::advisory::Sanctions::parse(&text))
}
