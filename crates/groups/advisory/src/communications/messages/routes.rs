use super::{
    requests::{DraftRequest, MessageFilter, MessageResponse, MessageUpdateRequest},
    service::MessagesService,
};
use actix_web::{
    HttpRequest, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of messages.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_messages)
        .service(draft_message)
        .service(get_message)
        .service(update_message)
        .service(approve_message)
        .service(send_message)
        .service(cancel_message);
}

/// The log of messages, newest first.
#[utoipa::path(
    get, path = "/api/v1/communications", tag = "advisory", operation_id = "advisory_list_messages",
    security(("bearer" = [])), params(MessageFilter, PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<MessageResponse>))
)]
#[get("/api/v1/communications")]
pub(crate) async fn list_messages(
    request: HttpRequest,
    caller: Caller,
    list: List<MessageFilter>,
    service: Data<MessagesService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Drafts a message to a client.
#[utoipa::path(
    post, path = "/api/v1/communications", tag = "advisory", operation_id = "advisory_draft_message",
    security(("bearer" = [])), params(KeyParam), request_body = DraftRequest,
    responses((status = 201, description = "The draft", body = MessageResponse))
)]
#[post("/api/v1/communications")]
pub(crate) async fn draft_message(
    caller: Caller,
    key: Key,
    body: Body<DraftRequest>,
    service: Data<MessagesService>,
) -> Answer {
    let message = service.draft(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, message.version, &message)
}

/// One message.
#[utoipa::path(
    get, path = "/api/v1/communications/{id}", tag = "advisory", operation_id = "advisory_get_message",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The message")),
    responses((status = 200, description = "The message; `ETag` is its version", body = MessageResponse))
)]
#[get("/api/v1/communications/{id}")]
pub(crate) async fn get_message(caller: Caller, id: Path<Uuid>, service: Data<MessagesService>) -> Answer {
    let message = service.get(&caller, *id).await?;
    answer::with_etag(message.version, &message)
}

/// Changes a draft. What is approved cannot be changed any more.
#[utoipa::path(
    put, path = "/api/v1/communications/{id}", tag = "advisory", operation_id = "advisory_update_message",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The message"), IfMatchParam),
    request_body = MessageUpdateRequest,
    responses((status = 200, description = "The draft", body = MessageResponse))
)]
#[put("/api/v1/communications/{id}")]
pub(crate) async fn update_message(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<MessageUpdateRequest>,
    service: Data<MessagesService>,
) -> Answer {
    let message = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(message.version, &message)
}

/// Says that a draft may be sent.
#[utoipa::path(
    post, path = "/api/v1/communications/{id}/approve", tag = "advisory", operation_id = "advisory_approve_message",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The message"), IfMatchParam),
    responses((status = 200, description = "The message, which is approved", body = MessageResponse))
)]
#[post("/api/v1/communications/{id}/approve")]
pub(crate) async fn approve_message(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<MessagesService>,
) -> Answer {
    let message = service.approve(&caller, *id, expected.0).await?;
    answer::with_etag(message.version, &message)
}

/// Sends an approved message, once: it is `sending` from here on, and the log tells what came of it.
#[utoipa::path(
    post, path = "/api/v1/communications/{id}/send", tag = "advisory", operation_id = "advisory_send_message",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The message"), IfMatchParam),
    responses((status = 202, description = "The message, which is on its way", body = MessageResponse))
)]
#[post("/api/v1/communications/{id}/send")]
pub(crate) async fn send_message(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<MessagesService>,
) -> Answer {
    let message = service.send(&caller, *id, expected.0).await?;
    answer::json_with_etag(StatusCode::ACCEPTED, message.version, &message)
}

/// Says that a message is not to be sent: a draft or an approved one.
#[utoipa::path(
    post, path = "/api/v1/communications/{id}/cancel", tag = "advisory", operation_id = "advisory_cancel_message",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The message"), IfMatchParam),
    responses((status = 200, description = "The message, which is cancelled", body = MessageResponse))
)]
#[post("/api/v1/communications/{id}/cancel")]
pub(crate) async fn cancel_message(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<MessagesService>,
) -> Answer {
    let message = service.cancel(&caller, *id, expected.0).await?;
    answer::with_etag(message.version, &message)
}
