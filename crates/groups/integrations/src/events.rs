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
    let record = AuditRecord {
        action: event_type.to_owned(),
        subject: subject.clone(),
        changed: vec!["api_key".to_owned(), "shop_domain".to_owned()],
        allowed: true,
    };
    Ok([
        NewEvent::new(cx, event_type, subject, data).at_version(version),
        record.into_event(cx).at_version(version),
    ])
}
