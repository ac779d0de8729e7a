use crate::{IntegrationsFailure, catalogue::Platform};
use integrations_contract::IntegrationChanged;
use kernel::{AuditRecord, CallContext, NewEvent, UserId};

/// What a change of a connection tells the world, and its record.
pub(crate) fn changed(
    cx: &CallContext,
    event_type: &str,
    user_id: UserId,
    platform: Platform,
    version: u64,
) -> Result<[NewEvent; 2], IntegrationsFailure> {
    let subject = format!("connection/{user_id}/{}", platform.as_str());
    let facts = IntegrationChanged {
        user_id,
        platform: platform.as_str().to_owned(),
    };
    let data = serde_json::to_value(facts).map_err(IntegrationsFailure::internal)?;
    let record = AuditRecord::new(event_type, subject.as_str()).naming(["api_key", "shop_domain"]);
    Ok([
        NewEvent::new(cx, event_type, subject, data).at_version(version),
        record.into_event(cx).at_version(version),
    ])
}
