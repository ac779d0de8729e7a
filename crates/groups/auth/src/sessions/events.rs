use super::models::{EndReason, Session};
use crate::AuthFailure;
use auth_contract::{SESSION_REVOKED, SessionRevoked};
use kernel::{AuditRecord, CallContext, NewEvent, SessionId, TenantId, UserId};
use store::Stored;

fn subject(id: SessionId) -> String {
    format!("session/{id}")
}

/// The record of an act on a session.
pub(super) fn audit(cx: &CallContext, action: &str, session: &Stored<Session>) -> NewEvent {
    AuditRecord::new(action, subject(SessionId(session.id)))
        .into_event(cx)
        .in_tenant(session.tenant_id)
}

/// The record of a refused log-in. It names the user where there is one, and never what was typed.
pub(super) fn refused(cx: &CallContext, user: Option<(UserId, TenantId)>) -> NewEvent {
    let whom = user.map_or_else(|| "user/unknown".to_owned(), |(id, _)| format!("user/{id}"));
    let record = AuditRecord::new("session.refused", whom).refused();
    let tenant = user.map_or(TenantId::DEFAULT, |(_, tenant)| tenant);
    record.into_event(cx).in_tenant(tenant)
}

/// What the end of a session tells the world: that its tokens are no good, and why.
pub(super) fn ended(
    cx: &CallContext,
    session: &Stored<Session>,
    reason: EndReason,
) -> Result<[NewEvent; 2], AuthFailure> {
    let id = SessionId(session.id);
    let facts = SessionRevoked {
        session_id: id,
        user_id: session.user_id,
    };
    let data = serde_json::to_value(facts).map_err(AuthFailure::internal)?;
    let revoked = NewEvent::new(cx, SESSION_REVOKED, subject(id), data)
        .at_version(session.version)
        .in_tenant(session.tenant_id);
    Ok([revoked, audit(cx, reason.act(), session)])
}
