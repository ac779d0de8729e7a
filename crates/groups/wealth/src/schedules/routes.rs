use super::{
    Schedules,
    calendar::Calendar,
    models::ScheduleState,
    requests::{
        ScheduleCreateRequest, ScheduleFilter, ScheduleInstalmentResponse, ScheduleResponse,
        ScheduleUpdateRequest,
    },
};
use crate::entries::NoFilter;
use actix_web::{
    HttpRequest, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of schedules.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_calendars)
        .service(list_schedules)
        .service(create_schedule)
        .service(get_schedule)
        .service(update_schedule)
        .service(pause_schedule)
        .service(resume_schedule)
        .service(cancel_schedule)
        .service(list_instalments);
}

/// The calendars that say which days are business days.
#[utoipa::path(
    get, path = "/api/v1/schedules/calendars", tag = "wealth", operation_id = "wealth_list_calendars",
    security(("bearer" = [])),
    responses((status = 200, description = "All calendars", body = Vec<Calendar>))
)]
#[get("/api/v1/schedules/calendars")]
pub(crate) async fn list_calendars(_caller: Caller) -> Answer {
    answer::ok(&Calendar::all())
}

/// The schedules that the caller may see, oldest first.
#[utoipa::path(
    get, path = "/api/v1/schedules", tag = "wealth", operation_id = "wealth_list_schedules",
    params(ScheduleFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ScheduleResponse>))
)]
#[get("/api/v1/schedules")]
pub(crate) async fn list_schedules(
    request: HttpRequest,
    caller: Caller,
    list: List<ScheduleFilter>,
    service: Data<Schedules>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Has something bought or sold again and again: a systematic investment or withdrawal plan.
#[utoipa::path(
    post, path = "/api/v1/schedules", tag = "wealth", operation_id = "wealth_create_schedule",
    params(KeyParam), request_body = ScheduleCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The schedule; `Location` is its address", body = ScheduleResponse))
)]
#[post("/api/v1/schedules")]
pub(crate) async fn create_schedule(
    caller: Caller,
    key: Key,
    body: Body<ScheduleCreateRequest>,
    service: Data<Schedules>,
) -> Answer {
    let made = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, made.version, &made)?;
    if let Ok(place) = format!("/api/v1/schedules/{}", made.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One schedule and when its next instalment is due.
#[utoipa::path(
    get, path = "/api/v1/schedules/{id}", tag = "wealth", operation_id = "wealth_get_schedule",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The schedule; `ETag` is its version", body = ScheduleResponse))
)]
#[get("/api/v1/schedules/{id}")]
pub(crate) async fn get_schedule(caller: Caller, path: Path<Uuid>, service: Data<Schedules>) -> Answer {
    let schedule = service.get(&caller, *path).await?;
    answer::with_etag(schedule.version, &schedule)
}

/// Replaces the terms of a schedule that has not ended: how much, until when, and what becomes of what cannot be done.
#[utoipa::path(
    put, path = "/api/v1/schedules/{id}", tag = "wealth", operation_id = "wealth_update_schedule",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = ScheduleUpdateRequest,
    security(("bearer" = [])), responses((status = 200, description = "The schedule", body = ScheduleResponse))
)]
#[put("/api/v1/schedules/{id}")]
pub(crate) async fn update_schedule(
    caller: Caller,
    path: Path<Uuid>,
    expected: IfMatch,
    body: Body<ScheduleUpdateRequest>,
    service: Data<Schedules>,
) -> Answer {
    let changed = service
        .update(&caller, *path, expected.0, body.into_inner())
        .await?;
    answer::with_etag(changed.version, &changed)
}

/// Lets dates pass without an instalment until the schedule is resumed.
#[utoipa::path(
    post, path = "/api/v1/schedules/{id}/pause", tag = "wealth", operation_id = "wealth_pause_schedule",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The schedule", body = ScheduleResponse))
)]
#[post("/api/v1/schedules/{id}/pause")]
pub(crate) async fn pause_schedule(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    service: Data<Schedules>,
) -> Answer {
    answer::ok(&service.step(&caller, &key, *path, ScheduleState::Paused).await?)
}

/// Goes on with the first date that is today or later; dates that passed meanwhile are no instalments.
#[utoipa::path(
    post, path = "/api/v1/schedules/{id}/resume", tag = "wealth", operation_id = "wealth_resume_schedule",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The schedule", body = ScheduleResponse))
)]
#[post("/api/v1/schedules/{id}/resume")]
pub(crate) async fn resume_schedule(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    service: Data<Schedules>,
) -> Answer {
    answer::ok(&service.step(&caller, &key, *path, ScheduleState::Active).await?)
}

/// Ends a schedule. Its orders stay.
#[utoipa::path(
    post, path = "/api/v1/schedules/{id}/cancel", tag = "wealth", operation_id = "wealth_cancel_schedule",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The schedule", body = ScheduleResponse))
)]
#[post("/api/v1/schedules/{id}/cancel")]
pub(crate) async fn cancel_schedule(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    service: Data<Schedules>,
) -> Answer {
    answer::ok(
        &service
            .step(&caller, &key, *path, ScheduleState::Cancelled)
            .await?,
    )
}

/// The instalments of a schedule, newest first, and what came of each.
#[utoipa::path(
    get, path = "/api/v1/schedules/{id}/instalments", tag = "wealth", operation_id = "wealth_list_instalments",
    params(("id" = Uuid, Path, description = "Which"), PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ScheduleInstalmentResponse>))
)]
#[get("/api/v1/schedules/{id}/instalments")]
pub(crate) async fn list_instalments(
    request: HttpRequest,
    caller: Caller,
    path: Path<Uuid>,
    list: List<NoFilter>,
    service: Data<Schedules>,
) -> Answer {
    let page = service.instalments(&caller, *path, list.page.clone()).await?;
    answer::list(&request, page)
}
