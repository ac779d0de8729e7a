use super::{
    requests::{CheckFilter, CheckRequest, CheckResponse, OverrideRequest},
    service::ChecksService,
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of checks.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_checks)
        .service(check_order)
        .service(get_check)
        .service(override_check);
}

/// The checks of orders, oldest first.
#[utoipa::path(
    get, path = "/api/v1/compliance/checks", tag = "advisory", operation_id = "advisory_list_checks", params(CheckFilter, PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<CheckResponse>))
)]
#[get("/api/v1/compliance/checks")]
pub(crate) async fn list_checks(
    request: HttpRequest,
    caller: Caller,
    list: List<CheckFilter>,
    service: Data<ChecksService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Checks an order against its client's risk profile, identity check and the list of sanctions. The answer is kept.
#[utoipa::path(
    post, path = "/api/v1/compliance/checks", tag = "advisory", operation_id = "advisory_check_order", params(KeyParam),
    security(("bearer" = [])), request_body = CheckRequest,
    responses((status = 201, description = "Whether it may be placed, and why not", body = CheckResponse))
)]
#[post("/api/v1/compliance/checks")]
pub(crate) async fn check_order(
    caller: Caller,
    key: Key,
    body: Body<CheckRequest>,
    service: Data<ChecksService>,
) -> Answer {
    answer::created(&service.check(&caller, &key, body.into_inner()).await?)
}

/// One check.
#[utoipa::path(
    get, path = "/api/v1/compliance/checks/{id}", tag = "advisory", operation_id = "advisory_get_check", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The check")),
    responses((status = 200, description = "The check", body = CheckResponse))
)]
#[get("/api/v1/compliance/checks/{id}")]
pub(crate) async fn get_check(caller: Caller, id: Path<Uuid>, service: Data<ChecksService>) -> Answer {
    answer::ok(&service.get(&caller, *id).await?)
}

/// Lets a held order through in spite of its reasons, on record: for compliance officers and admins.
#[utoipa::path(
    post, path = "/api/v1/compliance/checks/{id}/override", tag = "advisory", operation_id = "advisory_override_check",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The check")), request_body = OverrideRequest,
    responses((status = 200, description = "The check, which passes now", body = CheckResponse))
)]
#[post("/api/v1/compliance/checks/{id}/override")]
pub(crate) async fn override_check(
    caller: Caller,
    id: Path<Uuid>,
    body: Body<OverrideRequest>,
    service: Data<ChecksService>,
) -> Answer {
    answer::ok(&service.release(&caller, *id, body.into_inner()).await?)
}
