use super::{
    requests::{NoteRequest, NoteResponse},
    service::Notes,
};
use crate::clients::households::routes::NoFilter;
use actix_web::{
    HttpRequest, delete, get, post,
    web::{Data, ServiceConfig},
};
use kernel::ClientId;
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of notes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_notes)
        .service(create_note)
        .service(delete_note);
}

/// The notes on a client, oldest first.
#[utoipa::path(
    get, path = "/api/v1/clients/{id}/notes", tag = "advisory", operation_id = "advisory_list_client_notes",
    security(("bearer" = [])), params(("id" = ClientId, Path, description = "The client"), PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<NoteResponse>))
)]
#[get("/api/v1/clients/{id}/notes")]
pub(crate) async fn list_notes(
    request: HttpRequest,
    caller: Caller,
    id: Path<ClientId>,
    list: List<NoFilter>,
    service: Data<Notes>,
) -> Answer {
    answer::list(&request, service.list(&caller, *id, list.page.clone()).await?)
}

/// Writes a note on a client.
#[utoipa::path(
    post, path = "/api/v1/clients/{id}/notes", tag = "advisory", operation_id = "advisory_create_client_note",
    security(("bearer" = [])), params(("id" = ClientId, Path, description = "The client"), KeyParam),
    request_body = NoteRequest, responses((status = 201, description = "The note", body = NoteResponse))
)]
#[post("/api/v1/clients/{id}/notes")]
pub(crate) async fn create_note(
    caller: Caller,
    id: Path<ClientId>,
    key: Key,
    body: Body<NoteRequest>,
    service: Data<Notes>,
) -> Answer {
    answer::created(&service.create(&caller, &key, *id, body.into_inner()).await?)
}

/// Takes a note away.
#[utoipa::path(
    delete, path = "/api/v1/clients/{id}/notes/{note_id}", tag = "advisory", operation_id = "advisory_delete_client_note",
    security(("bearer" = [])),
    params(("id" = ClientId, Path, description = "The client"), ("note_id" = Uuid, Path, description = "The note")),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/clients/{id}/notes/{note_id}")]
pub(crate) async fn delete_note(
    caller: Caller,
    path: Path<(ClientId, Uuid)>,
    service: Data<Notes>,
) -> Answer {
    let (id, note) = path.into_inner();
    service.delete(&caller, id, note).await?;
    answer::no_content()
}
