use super::{AuditLog, export::ExportFormat, models::AuditEntry, service::AuditSearch};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    web::{Bytes, Data, ServiceConfig},
};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use kernel::{ErrorBody, RequestId, Text};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{Answer, Caller, List, PageParams, Query, answer};

/// Orders of the audit log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
enum AuditOrder {
    /// Oldest first.
    #[serde(rename = "at")]
    OldestFirst,
    /// Newest first.
    #[default]
    #[serde(rename = "-at")]
    NewestFirst,
}

/// What the audit log is narrowed to: by one of actor, action, subject, producer and request, and by time.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditFilter {
    /// Only what this actor did, as in `user/0190…`.
    #[param(inline, required = false)]
    actor: Option<Text<1, 100>>,
    /// Only this act, as in `session.revoked`.
    #[param(inline, required = false)]
    action: Option<Text<1, 100>>,
    /// Only what was done to this, as in `client/0190…`.
    #[param(inline, required = false)]
    subject: Option<Text<1, 200>>,
    /// Only what this group recorded.
    #[param(inline, required = false)]
    producer: Option<Text<1, 50>>,
    /// Only what belongs to this request.
    #[param(inline, required = false)]
    request_id: Option<RequestId>,
    /// Not before, UTC.
    #[param(required = false)]
    from: Option<DateTime<Utc>>,
    /// Before, UTC.
    #[param(required = false)]
    until: Option<DateTime<Utc>>,
    /// The order.
    #[param(inline, required = false)]
    sort: Option<AuditOrder>,
}

/// The same, and how it is to be written.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportFilter {
    /// Only what this actor did, as in `user/0190…`.
    #[param(inline, required = false)]
    actor: Option<Text<1, 100>>,
    /// Only this act, as in `session.revoked`.
    #[param(inline, required = false)]
    action: Option<Text<1, 100>>,
    /// Only what was done to this, as in `client/0190…`.
    #[param(inline, required = false)]
    subject: Option<Text<1, 200>>,
    /// Only what this group recorded.
    #[param(inline, required = false)]
    producer: Option<Text<1, 50>>,
    /// Not before, UTC.
    #[param(required = false)]
    from: Option<DateTime<Utc>>,
    /// Before, UTC.
    #[param(required = false)]
    until: Option<DateTime<Utc>>,
    /// How it is written: `jsonl` without it.
    #[param(inline, required = false)]
    format: Option<ExportFormat>,
}

impl From<AuditFilter> for AuditSearch {
    fn from(filter: AuditFilter) -> Self {
        Self {
            actor: filter.actor.map(Text::into_string),
            action: filter.action.map(Text::into_string),
            subject: filter.subject.map(Text::into_string),
            producer: filter.producer.map(Text::into_string),
            request_id: filter.request_id,
            from: filter.from,
            until: filter.until,
            oldest_first: filter.sort == Some(AuditOrder::OldestFirst),
        }
    }
}

/// The audit log of the firm
///
/// Who did what to what, when, as part of which request, and what changed, of all groups. Rows are chained by their
/// hashes; `wealthctl audit verify` walks the chain.
#[utoipa::path(
    get, path = "/audit", tag = "auth", operation_id = "auth_audit_log",
    params(AuditFilter, PageParams),
    responses(
        (status = 200, description = "A page of the log", body = Vec<AuditEntry>),
        (status = 403, description = "Needs the permission audit.read", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/audit")]
async fn list_entries(
    caller: Caller,
    log: Data<AuditLog>,
    list: List<AuditFilter>,
    request: HttpRequest,
) -> Answer {
    let page = log.list(&caller, &list.filter.into(), list.page).await?;
    answer::list(&request, page.map(AuditEntry::from))
}

/// The audit log as a file
///
/// Oldest row first, as JSON lines or as CSV. The export is recorded in the log.
#[utoipa::path(
    get, path = "/audit/export", tag = "auth", operation_id = "auth_audit_export",
    params(ExportFilter),
    responses(
        (status = 200, description = "The rows", content(
            (String = "application/jsonl"),
            (String = "text/csv"),
        )),
        (status = 403, description = "Needs the permission audit.read", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/audit/export")]
async fn export(caller: Caller, log: Data<AuditLog>, filter: Query<ExportFilter>) -> Answer {
    let filter = filter.into_inner();
    let format = filter.format.unwrap_or_default();
    let search = AuditSearch {
        actor: filter.actor.map(Text::into_string),
        action: filter.action.map(Text::into_string),
        subject: filter.subject.map(Text::into_string),
        producer: filter.producer.map(Text::into_string),
        request_id: None,
        from: filter.from,
        until: filter.until,
        oldest_first: true,
    };
    let parts = log.export(&caller, &search, format).await?;
    let (media_type, name) = format.file();
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(parts.map_ok(Bytes::from)))
}

/// The routes below `/api/v1/admin`.
#[derive(OpenApi)]
#[openapi(paths(list_entries, export))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_entries).service(export);
}
