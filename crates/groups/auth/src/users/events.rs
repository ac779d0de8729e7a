use super::models::User;
use crate::AuthFailure;
use auth_contract::UserChanged;
use kernel::{AuditRecord, CallContext, NewEvent, UserId};
use store::Stored;

/// The name of a user in events.
pub(crate) fn subject(id: UserId) -> String {
    format!("user/{id}")
}

/// A `user.*` event about what the user now is.
pub(crate) fn changed(
    cx: &CallContext,
    event_type: &str,
    user: &Stored<User>,
) -> Result<NewEvent, AuthFailure> {
    let facts = UserChanged {
        user_id: UserId(user.id),
        role: user.role,
        status: user.status,
    };
    let data = serde_json::to_value(facts).map_err(AuthFailure::internal)?;
    Ok(NewEvent::new(cx, event_type, subject(UserId(user.id)), data)
        .at_version(user.version)
        .in_tenant(user.tenant_id))
}

/// The record of an act on a user's account that made the user or changed what is known of them.
pub(crate) fn audit(
    cx: &CallContext,
    action: &str,
    before: Option<&User>,
    user: &Stored<User>,
    changed: &[&str],
) -> NewEvent {
    AuditRecord::new(action, subject(UserId(user.id)))
        .naming(changed.iter().copied())
        .changing("role", before.map(|user| user.role), Some(user.role))
        .changing("status", before.map(|user| user.status), Some(user.status))
        .into_event(cx)
        .in_tenant(user.tenant_id)
}

/// The record of something that a user was refused.
pub(crate) fn refused(cx: &CallContext, action: &str, user: &Stored<User>) -> NewEvent {
    AuditRecord::new(action, subject(UserId(user.id)))
        .refused()
        .into_event(cx)
        .in_tenant(user.tenant_id)
}
