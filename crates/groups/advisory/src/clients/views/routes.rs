use super::{
    requests::{ViewRequest, ViewResponse},
    service::Views,
};
use crate::clients::{ClientResponse, households::routes::NoFilter};
use actix_web::{
    HttpRequest, delete, get, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, List, PageParams, Path, answer};

/// Mounts the routes of saved views.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_views)
        .service(save_view)
        .service(list_view_clients)
        .service(delete_view);
}

/// The caller's saved views, by name.
#[utoipa::path(
    get, path = "/api/v1/clients/views", tag = "advisory", operation_id = "advisory_list_client_views", security(("bearer" = [])),
    responses((status = 200, description = "All of them, 100 at most", body = Vec<ViewResponse>))
)]
#[get("/api/v1/clients/views")]
pub(crate) async fn list_views(caller: Caller, service: Data<Views>) -> Answer {
    answer::ok(&service.list(&caller).await?)
}

/// Keeps a filter of the list of clients under a name; one of the same name is replaced.
#[utoipa::path(
    put, path = "/api/v1/clients/views", tag = "advisory", operation_id = "advisory_save_client_view", security(("bearer" = [])),
    request_body = ViewRequest, responses((status = 200, description = "The view", body = ViewResponse))
)]
#[put("/api/v1/clients/views")]
pub(crate) async fn save_view(caller: Caller, body: Body<ViewRequest>, service: Data<Views>) -> Answer {
    answer::ok(&service.save(&caller, body.into_inner()).await?)
}

/// The clients that a saved view shows.
#[utoipa::path(
    get, path = "/api/v1/clients/views/{id}", tag = "advisory", operation_id = "advisory_list_view_clients",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The view"), PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ClientResponse>))
)]
#[get("/api/v1/clients/views/{id}")]
pub(crate) async fn list_view_clients(
    request: HttpRequest,
    caller: Caller,
    id: Path<Uuid>,
    list: List<NoFilter>,
    service: Data<Views>,
) -> Answer {
    answer::list(&request, service.clients(&caller, *id, list.page.clone()).await?)
}

/// Takes a saved view away.
#[utoipa::path(
    delete, path = "/api/v1/clients/views/{id}", tag = "advisory", operation_id = "advisory_delete_client_view",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The view")),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/clients/views/{id}")]
pub(crate) async fn delete_view(caller: Caller, id: Path<Uuid>, service: Data<Views>) -> Answer {
    service.delete(&caller, *id).await?;
    answer::no_content()
}
