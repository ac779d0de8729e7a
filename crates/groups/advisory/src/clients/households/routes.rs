use super::{
    requests::{HouseholdRequest, HouseholdResponse},
    service::Households,
};
use actix_web::{
    HttpRequest, delete, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use serde::Deserialize;
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of households.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_households)
        .service(create_household)
        .service(get_household)
        .service(update_household)
        .service(delete_household);
}

#[derive(Debug, Deserialize)]
pub(crate) struct NoFilter {}

/// The households of the caller's book, by name.
#[utoipa::path(
    get, path = "/api/v1/clients/households", tag = "advisory", operation_id = "advisory_list_households", params(PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<HouseholdResponse>))
)]
#[get("/api/v1/clients/households")]
pub(crate) async fn list_households(
    request: HttpRequest,
    caller: Caller,
    list: List<NoFilter>,
    service: Data<Households>,
) -> Answer {
    answer::list(&request, service.list(&caller, list.page.clone()).await?)
}

/// Makes a household.
#[utoipa::path(
    post, path = "/api/v1/clients/households", tag = "advisory", operation_id = "advisory_create_household", params(KeyParam),
    security(("bearer" = [])), request_body = HouseholdRequest,
    responses((status = 201, description = "The household", body = HouseholdResponse))
)]
#[post("/api/v1/clients/households")]
pub(crate) async fn create_household(
    caller: Caller,
    key: Key,
    body: Body<HouseholdRequest>,
    service: Data<Households>,
) -> Answer {
    let made = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, made.version, &made)
}

/// One household, with what its members own together.
#[utoipa::path(
    get, path = "/api/v1/clients/households/{id}", tag = "advisory", operation_id = "advisory_get_household",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The household")),
    responses((status = 200, description = "The household", body = HouseholdResponse))
)]
#[get("/api/v1/clients/households/{id}")]
pub(crate) async fn get_household(caller: Caller, id: Path<Uuid>, service: Data<Households>) -> Answer {
    let found = service.get(&caller, *id).await?;
    answer::with_etag(found.version, &found)
}

/// Gives a household another name.
#[utoipa::path(
    put, path = "/api/v1/clients/households/{id}", tag = "advisory", operation_id = "advisory_update_household",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The household"), IfMatchParam),
    request_body = HouseholdRequest,
    responses((status = 200, description = "The household", body = HouseholdResponse))
)]
#[put("/api/v1/clients/households/{id}")]
pub(crate) async fn update_household(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<HouseholdRequest>,
    service: Data<Households>,
) -> Answer {
    let changed = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(changed.version, &changed)
}

/// Takes a household away. Its members stay in the book.
#[utoipa::path(
    delete, path = "/api/v1/clients/households/{id}", tag = "advisory", operation_id = "advisory_delete_household",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The household"), IfMatchParam),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/clients/households/{id}")]
pub(crate) async fn delete_household(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<Households>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}
