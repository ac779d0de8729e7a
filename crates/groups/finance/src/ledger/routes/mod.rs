pub(crate) mod chart;

use super::{
    EntriesService, PeriodsService,
    entry_requests::{EntryCreateRequest, EntryResponse, ReversalRequest},
    periods::{PeriodCloseRequest, PeriodReopenRequest, PeriodsResponse},
};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::UserId;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, Path, Query, answer};

/// Mounts the routes of entries, periods and the chart.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .configure(chart::configure)
        .service(create_entry)
        .service(get_entry)
        .service(reverse_entry)
        .service(get_periods)
        .service(close_period)
        .service(reopen_period);
}

/// Posts a journal entry of any legs that add up to 0 in each currency.
#[utoipa::path(
    post, path = "/api/v1/ledger/entries", tag = "finance", operation_id = "finance_create_entry",
    params(KeyParam), request_body = EntryCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The entry", body = EntryResponse))
)]
#[post("/api/v1/ledger/entries")]
pub(crate) async fn create_entry(
    caller: Caller,
    key: Key,
    body: Body<EntryCreateRequest>,
    service: Data<EntriesService>,
) -> Answer {
    answer::created(&service.create(&caller, &key, &body).await?)
}

/// One journal entry with its legs: every transaction is one.
#[utoipa::path(
    get, path = "/api/v1/ledger/entries/{id}", tag = "finance", operation_id = "finance_get_entry",
    params(("id" = Uuid, Path, description = "Which: the id of a transaction")), security(("bearer" = [])),
    responses((status = 200, description = "The entry", body = EntryResponse))
)]
#[get("/api/v1/ledger/entries/{id}")]
pub(crate) async fn get_entry(caller: Caller, id: Path<Uuid>, service: Data<EntriesService>) -> Answer {
    answer::ok(&service.get(&caller, *id).await?)
}

/// Takes an entry back by another one with its legs turned round. An entry is never changed, and taken back once.
#[utoipa::path(
    post, path = "/api/v1/ledger/entries/{id}/reverse", tag = "finance", operation_id = "finance_reverse_entry",
    params(("id" = Uuid, Path, description = "Which: the id of a transaction"), KeyParam),
    request_body = ReversalRequest, security(("bearer" = [])),
    responses((status = 201, description = "The entry that takes it back", body = EntryResponse))
)]
#[post("/api/v1/ledger/entries/{id}/reverse")]
pub(crate) async fn reverse_entry(
    caller: Caller,
    id: Path<Uuid>,
    key: Key,
    body: Body<ReversalRequest>,
    service: Data<EntriesService>,
) -> Answer {
    answer::created(&service.reverse(&caller, &key, *id, &body).await?)
}

/// In whose book.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BookFilter {
    /// Whose; the caller's own when it is left out.
    pub(crate) user_id: Option<UserId>,
}

/// What is closed in a book, and what was closed and opened when and why.
#[utoipa::path(
    get, path = "/api/v1/ledger/periods", tag = "finance", operation_id = "finance_get_periods",
    params(BookFilter), security(("bearer" = [])),
    responses((status = 200, description = "The periods", body = PeriodsResponse))
)]
#[get("/api/v1/ledger/periods")]
pub(crate) async fn get_periods(
    caller: Caller,
    filter: Query<BookFilter>,
    service: Data<PeriodsService>,
) -> Answer {
    answer::ok(&service.get(&caller, filter.user_id).await?)
}

/// Closes everything through a day: nothing is posted on it or before it any more.
#[utoipa::path(
    post, path = "/api/v1/ledger/periods/close", tag = "finance", operation_id = "finance_close_period",
    params(KeyParam), request_body = PeriodCloseRequest, security(("bearer" = [])),
    responses((status = 200, description = "The periods", body = PeriodsResponse))
)]
#[post("/api/v1/ledger/periods/close")]
pub(crate) async fn close_period(
    caller: Caller,
    key: Key,
    body: Body<PeriodCloseRequest>,
    service: Data<PeriodsService>,
) -> Answer {
    answer::ok(&service.close(&caller, &key, &body).await?)
}

/// Opens what was closed after a day, or everything.
#[utoipa::path(
    post, path = "/api/v1/ledger/periods/reopen", tag = "finance", operation_id = "finance_reopen_period",
    params(KeyParam), request_body = PeriodReopenRequest, security(("bearer" = [])),
    responses((status = 200, description = "The periods", body = PeriodsResponse))
)]
#[post("/api/v1/ledger/periods/reopen")]
pub(crate) async fn reopen_period(
    caller: Caller,
    key: Key,
    body: Body<PeriodReopenRequest>,
    service: Data<PeriodsService>,
) -> Answer {
    answer::ok(&service.reopen(&caller, &key, &body).await?)
}
