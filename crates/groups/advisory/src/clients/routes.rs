use super::{
    requests::{ClientCreateRequest, ClientFilter, ClientResponse, ClientUpdateRequest},
    service::ClientsService,
};
use actix_web::{
    HttpRequest, delete, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig, scope},
};
use kernel::ClientId;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of clients.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let one = scope("").guard(web::only("/api/v1/clients/{id}"));
    config.service(list_clients).service(create_client).service(
        one.service(get_client)
            .service(update_client)
            .service(delete_client),
    );
}

/// The clients of the caller's book: an advisor's own, the whole firm's for admins and compliance, a client's own
/// record for the client.
#[utoipa::path(
    get, path = "/api/v1/clients", tag = "advisory", operation_id = "advisory_list_clients", params(ClientFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ClientResponse>))
)]
#[get("/api/v1/clients")]
pub(crate) async fn list_clients(
    request: HttpRequest,
    caller: Caller,
    list: List<ClientFilter>,
    service: Data<ClientsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Takes a client into a book.
#[utoipa::path(
    post, path = "/api/v1/clients", tag = "advisory", operation_id = "advisory_create_client", security(("bearer" = [])),
    params(KeyParam),
    request_body = ClientCreateRequest,
    responses((status = 201, description = "The client", body = ClientResponse))
)]
#[post("/api/v1/clients")]
pub(crate) async fn create_client(
    caller: Caller,
    key: Key,
    body: Body<ClientCreateRequest>,
    service: Data<ClientsService>,
) -> Answer {
    let client = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, client.version, &client)?;
    if let Ok(place) = format!("/api/v1/clients/{}", client.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One client.
#[utoipa::path(
    get, path = "/api/v1/clients/{id}", tag = "advisory", operation_id = "advisory_get_client", security(("bearer" = [])),
    params(("id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "The client; `ETag` is its version", body = ClientResponse))
)]
#[get("/api/v1/clients/{id}")]
pub(crate) async fn get_client(caller: Caller, id: Path<ClientId>, service: Data<ClientsService>) -> Answer {
    let client = service.get(&caller, *id).await?;
    answer::with_etag(client.version, &client)
}

/// Replaces a client's data.
#[utoipa::path(
    put, path = "/api/v1/clients/{id}", tag = "advisory", operation_id = "advisory_update_client", security(("bearer" = [])),
    params(
        ("id" = ClientId, Path, description = "The client"),
        IfMatchParam
    ),
    request_body = ClientUpdateRequest,
    responses((status = 200, description = "The client", body = ClientResponse))
)]
#[put("/api/v1/clients/{id}")]
pub(crate) async fn update_client(
    caller: Caller,
    id: Path<ClientId>,
    expected: IfMatch,
    body: Body<ClientUpdateRequest>,
    service: Data<ClientsService>,
) -> Answer {
    let client = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(client.version, &client)
}

/// Takes a client out of the book.
#[utoipa::path(
    delete, path = "/api/v1/clients/{id}", tag = "advisory", operation_id = "advisory_delete_client", security(("bearer" = [])),
    params(
        ("id" = ClientId, Path, description = "The client"),
        IfMatchParam
    ),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/clients/{id}")]
pub(crate) async fn delete_client(
    caller: Caller,
    id: Path<ClientId>,
    expected: IfMatch,
    service: Data<ClientsService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}
