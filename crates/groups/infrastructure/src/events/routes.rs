use super::{
    requests::{DeadLetterFilter, DeadLetterPlace, EventFilter, ReplayEventsRequest},
    service::EventsService,
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use events::{ConsumerStatus, DeadLetter};
use kernel::{EventEnvelope, Page};
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, Query, answer};

/// Mounts the routes of events.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_events)
        .service(list_consumers)
        .service(list_dead_letters)
        .service(replay_events)
        .service(retry_dead_letter);
}

/// Events: of one group in order, or the newest of all. Admins and compliance see the firm's, everybody else what they
/// did themselves.
#[utoipa::path(
    get, path = "/api/infrastructure/events", tag = "infrastructure", operation_id = "infrastructure_list_events",
    params(EventFilter), security(("bearer" = [])),
    responses((status = 200, description = "The events; `Link` leads to the next page", body = Vec<EventEnvelope>))
)]
#[get("/api/infrastructure/events")]
pub(crate) async fn list_events(
    request: HttpRequest,
    caller: Caller,
    filter: Query<EventFilter>,
    service: Data<EventsService>,
) -> Answer {
    let list = service.list(&caller, &filter).await?;
    let after = list.next_after.map(|after| after.to_string());
    answer::part(
        &request,
        &list.events,
        after.as_deref().map(|after| ("after", after)),
    )
}

/// How far every group's consumers have read. For admins and compliance.
#[utoipa::path(
    get, path = "/api/infrastructure/events/consumers", tag = "infrastructure",
    operation_id = "infrastructure_list_consumers", security(("bearer" = [])),
    responses((status = 200, description = "The consumers", body = Vec<ConsumerStatus>))
)]
#[get("/api/infrastructure/events/consumers")]
pub(crate) async fn list_consumers(caller: Caller, service: Data<EventsService>) -> Answer {
    answer::ok(&service.consumers(&caller).await?)
}

/// Events that a group's consumers could not deal with. For admins and compliance.
#[utoipa::path(
    get, path = "/api/infrastructure/events/dead-letters", tag = "infrastructure",
    operation_id = "infrastructure_list_dead_letters", params(DeadLetterFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<DeadLetter>))
)]
#[get("/api/infrastructure/events/dead-letters")]
pub(crate) async fn list_dead_letters(
    request: HttpRequest,
    caller: Caller,
    list: List<DeadLetterFilter>,
    service: Data<EventsService>,
) -> Answer {
    let consumer = list.filter.consumer.as_ref().map(ToString::to_string);
    let found = service
        .dead_letters(&caller, &list.filter.group, consumer, list.page.clone())
        .await?;
    answer::list(
        &request,
        Page {
            items: found.items,
            next: found.next,
            total: None,
        },
    )
}

/// Lets a consumer read again; from the very beginning, what it made is built anew. For admins.
#[utoipa::path(
    post, path = "/api/infrastructure/events/replay", tag = "infrastructure",
    operation_id = "infrastructure_replay_events", params(KeyParam), request_body = ReplayEventsRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "Where the consumer stands now", body = Vec<ConsumerStatus>))
)]
#[post("/api/infrastructure/events/replay")]
pub(crate) async fn replay_events(
    caller: Caller,
    key: Key,
    body: Body<ReplayEventsRequest>,
    service: Data<EventsService>,
) -> Answer {
    answer::ok(&service.replay(&caller, &key, &body).await?)
}

/// Gives a dead letter to its consumer once more. For admins.
#[utoipa::path(
    post, path = "/api/infrastructure/events/dead-letters/{group}/{id}/retry", tag = "infrastructure",
    operation_id = "infrastructure_retry_dead_letter", params(DeadLetterPlace, KeyParam), security(("bearer" = [])),
    responses((status = 204, description = "It was dealt with"))
)]
#[post("/api/infrastructure/events/dead-letters/{group}/{id}/retry")]
pub(crate) async fn retry_dead_letter(
    caller: Caller,
    key: Key,
    place: Path<DeadLetterPlace>,
    service: Data<EventsService>,
) -> Answer {
    service.retry(&caller, &key, &place.group, place.id).await?;
    answer::no_content()
}
