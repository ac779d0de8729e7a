use super::{
    models::MeetingStatus,
    requests::{CalendarFilter, MeetingFilter, MeetingRequest, MeetingResponse, MeetingUpdateRequest},
    service::AppointmentsService,
};
use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{
    Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, Query, answer,
};

/// Mounts the routes of meetings.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_meetings)
        .service(schedule_meeting)
        .service(export_meetings)
        .service(get_meeting)
        .service(update_meeting)
        .service(cancel_meeting)
        .service(complete_meeting)
        .service(delete_meeting)
        .service(export_meeting);
}

/// The meetings that the caller may see, in the order in which they begin.
#[utoipa::path(
    get, path = "/api/v1/meetings", tag = "advisory", operation_id = "advisory_list_meetings",
    security(("bearer" = [])), params(MeetingFilter, PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<MeetingResponse>))
)]
#[get("/api/v1/meetings")]
pub(crate) async fn list_meetings(
    request: HttpRequest,
    caller: Caller,
    list: List<MeetingFilter>,
    service: Data<AppointmentsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Puts a meeting with a client into the calendar.
#[utoipa::path(
    post, path = "/api/v1/meetings", tag = "advisory", operation_id = "advisory_schedule_meeting",
    security(("bearer" = [])), params(KeyParam), request_body = MeetingRequest,
    responses((status = 201, description = "The meeting", body = MeetingResponse))
)]
#[post("/api/v1/meetings")]
pub(crate) async fn schedule_meeting(
    caller: Caller,
    key: Key,
    body: Body<MeetingRequest>,
    service: Data<AppointmentsService>,
) -> Answer {
    let meeting = service.schedule(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, meeting.version, &meeting)
}

/// The meetings of a span as iCalendar, cancelled ones too.
#[utoipa::path(
    get, path = "/api/v1/meetings/calendar", tag = "advisory", operation_id = "advisory_export_meetings",
    security(("bearer" = [])), params(CalendarFilter),
    responses((status = 200, description = "The calendar (RFC 5545)", body = String, content_type = "text/calendar"))
)]
#[get("/api/v1/meetings/calendar")]
pub(crate) async fn export_meetings(
    caller: Caller,
    filter: Query<CalendarFilter>,
    service: Data<AppointmentsService>,
) -> Answer {
    Ok(calendar(service.export(&caller, &filter).await?))
}

/// One meeting.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}", tag = "advisory", operation_id = "advisory_get_meeting",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting")),
    responses((status = 200, description = "The meeting; `ETag` is its version", body = MeetingResponse))
)]
#[get("/api/v1/meetings/{id}")]
pub(crate) async fn get_meeting(
    caller: Caller,
    id: Path<Uuid>,
    service: Data<AppointmentsService>,
) -> Answer {
    let meeting = service.get(&caller, *id).await?;
    answer::with_etag(meeting.version, &meeting)
}

/// Changes a meeting that is to take place.
#[utoipa::path(
    put, path = "/api/v1/meetings/{id}", tag = "advisory", operation_id = "advisory_update_meeting",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting"), IfMatchParam),
    request_body = MeetingUpdateRequest,
    responses((status = 200, description = "The meeting", body = MeetingResponse))
)]
#[put("/api/v1/meetings/{id}")]
pub(crate) async fn update_meeting(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<MeetingUpdateRequest>,
    service: Data<AppointmentsService>,
) -> Answer {
    let meeting = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(meeting.version, &meeting)
}

/// Says that a meeting does not take place. It stays in the calendar as cancelled.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/cancel", tag = "advisory", operation_id = "advisory_cancel_meeting",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting"), IfMatchParam),
    responses((status = 200, description = "The meeting, which is cancelled", body = MeetingResponse))
)]
#[post("/api/v1/meetings/{id}/cancel")]
pub(crate) async fn cancel_meeting(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<AppointmentsService>,
) -> Answer {
    let meeting = service
        .end(&caller, *id, expected.0, MeetingStatus::Cancelled)
        .await?;
    answer::with_etag(meeting.version, &meeting)
}

/// Says that a meeting took place.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/complete", tag = "advisory", operation_id = "advisory_complete_meeting",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting"), IfMatchParam),
    responses((status = 200, description = "The meeting, which is completed", body = MeetingResponse))
)]
#[post("/api/v1/meetings/{id}/complete")]
pub(crate) async fn complete_meeting(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<AppointmentsService>,
) -> Answer {
    let meeting = service
        .end(&caller, *id, expected.0, MeetingStatus::Completed)
        .await?;
    answer::with_etag(meeting.version, &meeting)
}

/// Takes a meeting out of the calendar. Cancel it instead to tell calendars that have it.
#[utoipa::path(
    delete, path = "/api/v1/meetings/{id}", tag = "advisory", operation_id = "advisory_delete_meeting",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting"), IfMatchParam),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/meetings/{id}")]
pub(crate) async fn delete_meeting(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<AppointmentsService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}

/// One meeting as iCalendar.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}/calendar", tag = "advisory", operation_id = "advisory_export_meeting",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting")),
    responses((status = 200, description = "The calendar (RFC 5545)", body = String, content_type = "text/calendar"))
)]
#[get("/api/v1/meetings/{id}/calendar")]
pub(crate) async fn export_meeting(
    caller: Caller,
    id: Path<Uuid>,
    service: Data<AppointmentsService>,
) -> Answer {
    Ok(calendar(service.export_one(&caller, *id).await?))
}

fn calendar(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"meetings.ics\""))
        .body(text)
}
