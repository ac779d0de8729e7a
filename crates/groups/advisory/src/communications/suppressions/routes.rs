use super::{
    requests::{SuppressRequest, SuppressionFilter, SuppressionResponse},
    service::SuppressionsService,
};
use actix_web::{
    HttpRequest, delete, get, post,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of the list.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_suppressions)
        .service(suppress_address)
        .service(release_address);
}

/// The addresses that the caller has put on the list, oldest first; for admins and compliance all of the firm.
#[utoipa::path(
    get, path = "/api/v1/communications/suppressions", tag = "advisory", operation_id = "advisory_list_suppressions",
    security(("bearer" = [])), params(SuppressionFilter, PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<SuppressionResponse>))
)]
#[get("/api/v1/communications/suppressions")]
pub(crate) async fn list_suppressions(
    request: HttpRequest,
    caller: Caller,
    list: List<SuppressionFilter>,
    service: Data<SuppressionsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Says that nobody of the firm writes to an address any more. What waits to be sent there is cancelled.
#[utoipa::path(
    post, path = "/api/v1/communications/suppressions", tag = "advisory", operation_id = "advisory_suppress_address",
    security(("bearer" = [])), params(KeyParam), request_body = SuppressRequest,
    responses((status = 201, description = "The entry", body = SuppressionResponse))
)]
#[post("/api/v1/communications/suppressions")]
pub(crate) async fn suppress_address(
    caller: Caller,
    key: Key,
    body: Body<SuppressRequest>,
    service: Data<SuppressionsService>,
) -> Answer {
    answer::created(&service.suppress(&caller, &key, body.into_inner()).await?)
}

/// Takes an entry back. The address is still not written to as long as somebody else has put it on the list.
#[utoipa::path(
    delete, path = "/api/v1/communications/suppressions/{id}", tag = "advisory",
    operation_id = "advisory_release_address", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/communications/suppressions/{id}")]
pub(crate) async fn release_address(
    caller: Caller,
    id: Path<Uuid>,
    service: Data<SuppressionsService>,
) -> Answer {
    service.release(&caller, *id).await?;
    answer::no_content()
}
