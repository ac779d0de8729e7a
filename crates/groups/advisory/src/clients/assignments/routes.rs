use super::{
    requests::{AssignmentResponse, ReassignRequest},
    service::Assignments,
};
use crate::clients::ClientResponse;
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::ClientId;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Path, answer};

/// Mounts the routes of assignments.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_assignments)
        .service(reassign_client)
        .service(restore_client);
}

/// Which advisors the client has had, oldest first.
#[utoipa::path(
    get, path = "/api/v1/clients/{id}/assignments", tag = "advisory", operation_id = "advisory_list_client_assignments",
    security(("bearer" = [])), params(("id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "All of them", body = Vec<AssignmentResponse>))
)]
#[get("/api/v1/clients/{id}/assignments")]
pub(crate) async fn list_assignments(
    caller: Caller,
    id: Path<ClientId>,
    service: Data<Assignments>,
) -> Answer {
    answer::ok(&service.history(&caller, *id).await?)
}

/// Moves a client, with everything that is the client's, to another advisor's book: for admins.
#[utoipa::path(
    post, path = "/api/v1/clients/{id}/reassign", tag = "advisory", operation_id = "advisory_reassign_client",
    security(("bearer" = [])), params(("id" = ClientId, Path, description = "The client"), IfMatchParam),
    request_body = ReassignRequest, responses((status = 200, description = "The client", body = ClientResponse))
)]
#[post("/api/v1/clients/{id}/reassign")]
pub(crate) async fn reassign_client(
    caller: Caller,
    id: Path<ClientId>,
    expected: IfMatch,
    body: Body<ReassignRequest>,
    service: Data<Assignments>,
) -> Answer {
    let client = service
        .reassign(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(client.version, &client)
}

/// Takes a client back into the book who was deleted.
#[utoipa::path(
    post, path = "/api/v1/clients/{id}/restore", tag = "advisory", operation_id = "advisory_restore_client",
    security(("bearer" = [])), params(("id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "The client", body = ClientResponse))
)]
#[post("/api/v1/clients/{id}/restore")]
pub(crate) async fn restore_client(caller: Caller, id: Path<ClientId>, service: Data<Assignments>) -> Answer {
    let client = service.restore(&caller, *id).await?;
    answer::with_etag(client.version, &client)
}
