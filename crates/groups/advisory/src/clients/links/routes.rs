use super::{
    requests::{LinkRequest, LinkResponse},
    service::Links,
};
use crate::clients::ClientResponse;
use actix_web::{
    delete, get, put,
    web::{Data, ServiceConfig},
};
use kernel::{ClientId, UserId};
use web::{Answer, Body, Caller, Path, answer};

/// Mounts the routes of links.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_linked)
        .service(list_client_users)
        .service(link_client_user)
        .service(unlink_client_user);
}

/// The clients that the caller may look at without being one of them or their advisor.
#[utoipa::path(
    get, path = "/api/v1/clients/linked", tag = "advisory", operation_id = "advisory_list_linked_clients", security(("bearer" = [])),
    responses((status = 200, description = "All of them, 200 at most, without phone, address and tax number", body = Vec<ClientResponse>))
)]
#[get("/api/v1/clients/linked")]
pub(crate) async fn list_linked(caller: Caller, service: Data<Links>) -> Answer {
    answer::ok(&service.linked(&caller).await?)
}

/// The users who may look at a client.
#[utoipa::path(
    get, path = "/api/v1/clients/{id}/users", tag = "advisory", operation_id = "advisory_list_client_users", security(("bearer" = [])),
    params(("id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "All of them, 20 at most", body = Vec<LinkResponse>))
)]
#[get("/api/v1/clients/{id}/users")]
pub(crate) async fn list_client_users(caller: Caller, id: Path<ClientId>, service: Data<Links>) -> Answer {
    answer::ok(&service.list(&caller, *id).await?)
}

/// Lets a user look at a client. Doing it again changes what they are to each other.
#[utoipa::path(
    put, path = "/api/v1/clients/{id}/users", tag = "advisory", operation_id = "advisory_link_client_user", security(("bearer" = [])),
    params(("id" = ClientId, Path, description = "The client")), request_body = LinkRequest,
    responses((status = 200, description = "The link", body = LinkResponse))
)]
#[put("/api/v1/clients/{id}/users")]
pub(crate) async fn link_client_user(
    caller: Caller,
    id: Path<ClientId>,
    body: Body<LinkRequest>,
    service: Data<Links>,
) -> Answer {
    answer::ok(&service.link(&caller, *id, body.into_inner()).await?)
}

/// Lets a user no longer look at a client.
#[utoipa::path(
    delete, path = "/api/v1/clients/{id}/users/{user_id}", tag = "advisory", operation_id = "advisory_unlink_client_user",
    security(("bearer" = [])),
    params(("id" = ClientId, Path, description = "The client"), ("user_id" = UserId, Path, description = "The user")),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/clients/{id}/users/{user_id}")]
pub(crate) async fn unlink_client_user(
    caller: Caller,
    path: Path<(ClientId, UserId)>,
    service: Data<Links>,
) -> Answer {
    let (id, user) = path.into_inner();
    service.unlink(&caller, id, user).await?;
    answer::no_content()
}
