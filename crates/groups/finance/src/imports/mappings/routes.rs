use super::{
    requests::{MappingFilter, MappingRequest, MappingResponse},
    service::Mappings,
};
use actix_web::{
    HttpRequest, delete, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of saved mappings.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_import_mappings)
        .service(create_import_mapping)
        .service(get_import_mapping)
        .service(update_import_mapping)
        .service(delete_import_mapping);
}

/// The caller's saved column mappings, by name.
#[utoipa::path(
    get, path = "/api/v1/transactions/import-mappings", tag = "finance", operation_id = "finance_list_import_mappings",
    params(PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<MappingResponse>))
)]
#[get("/api/v1/transactions/import-mappings")]
pub(crate) async fn list_import_mappings(
    request: HttpRequest,
    caller: Caller,
    list: List<MappingFilter>,
    service: Data<Mappings>,
) -> Answer {
    answer::list(&request, service.list(&caller, list.page.clone()).await?)
}

/// Saves how the CSV of a bank is to be read.
#[utoipa::path(
    post, path = "/api/v1/transactions/import-mappings", tag = "finance", operation_id = "finance_create_import_mapping",
    params(KeyParam), request_body = MappingRequest, security(("bearer" = [])),
    responses((status = 201, description = "The mapping; `Location` is its address", body = MappingResponse))
)]
#[post("/api/v1/transactions/import-mappings")]
pub(crate) async fn create_import_mapping(
    caller: Caller,
    key: Key,
    body: Body<MappingRequest>,
    service: Data<Mappings>,
) -> Answer {
    let mapping = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, mapping.version, &mapping)?;
    if let Ok(place) = format!("/api/v1/transactions/import-mappings/{}", mapping.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One saved mapping.
#[utoipa::path(
    get, path = "/api/v1/transactions/import-mappings/{id}", tag = "finance", operation_id = "finance_get_import_mapping",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The mapping; `ETag` is its version", body = MappingResponse))
)]
#[get("/api/v1/transactions/import-mappings/{id}")]
pub(crate) async fn get_import_mapping(caller: Caller, id: Path<Uuid>, service: Data<Mappings>) -> Answer {
    let mapping = service.get(&caller, *id).await?;
    answer::with_etag(mapping.version, &mapping)
}

/// Replaces a saved mapping.
#[utoipa::path(
    put, path = "/api/v1/transactions/import-mappings/{id}", tag = "finance", operation_id = "finance_update_import_mapping",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = MappingRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The mapping", body = MappingResponse))
)]
#[put("/api/v1/transactions/import-mappings/{id}")]
pub(crate) async fn update_import_mapping(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<MappingRequest>,
    service: Data<Mappings>,
) -> Answer {
    let mapping = service
        .replace(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(mapping.version, &mapping)
}

/// Removes a saved mapping.
#[utoipa::path(
    delete, path = "/api/v1/transactions/import-mappings/{id}", tag = "finance", operation_id = "finance_delete_import_mapping",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/transactions/import-mappings/{id}")]
pub(crate) async fn delete_import_mapping(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<Mappings>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}
