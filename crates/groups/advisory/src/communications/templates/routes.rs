use super::{
    requests::{TemplateFilter, TemplateRequest, TemplateResponse},
    service::TemplatesService,
};
use actix_web::{
    HttpRequest, delete, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of templates.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_templates)
        .service(create_template)
        .service(get_template)
        .service(update_template)
        .service(delete_template);
}

/// The caller's own templates, by name; for admins and compliance all of the firm.
#[utoipa::path(
    get, path = "/api/v1/communications/templates", tag = "advisory", operation_id = "advisory_list_templates",
    security(("bearer" = [])), params(TemplateFilter, PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<TemplateResponse>))
)]
#[get("/api/v1/communications/templates")]
pub(crate) async fn list_templates(
    request: HttpRequest,
    caller: Caller,
    list: List<TemplateFilter>,
    service: Data<TemplatesService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Keeps a template.
#[utoipa::path(
    post, path = "/api/v1/communications/templates", tag = "advisory", operation_id = "advisory_create_template",
    security(("bearer" = [])), params(KeyParam), request_body = TemplateRequest,
    responses((status = 201, description = "The template", body = TemplateResponse))
)]
#[post("/api/v1/communications/templates")]
pub(crate) async fn create_template(
    caller: Caller,
    key: Key,
    body: Body<TemplateRequest>,
    service: Data<TemplatesService>,
) -> Answer {
    let template = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, template.version, &template)
}

/// One template.
#[utoipa::path(
    get, path = "/api/v1/communications/templates/{id}", tag = "advisory", operation_id = "advisory_get_template",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The template")),
    responses((status = 200, description = "The template; `ETag` is its version", body = TemplateResponse))
)]
#[get("/api/v1/communications/templates/{id}")]
pub(crate) async fn get_template(caller: Caller, id: Path<Uuid>, service: Data<TemplatesService>) -> Answer {
    let template = service.get(&caller, *id).await?;
    answer::with_etag(template.version, &template)
}

/// Replaces a template; what was drafted from it stays as it is.
#[utoipa::path(
    put, path = "/api/v1/communications/templates/{id}", tag = "advisory", operation_id = "advisory_update_template",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The template"), IfMatchParam),
    request_body = TemplateRequest,
    responses((status = 200, description = "The template", body = TemplateResponse))
)]
#[put("/api/v1/communications/templates/{id}")]
pub(crate) async fn update_template(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<TemplateRequest>,
    service: Data<TemplatesService>,
) -> Answer {
    let template = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(template.version, &template)
}

/// Takes a template away.
#[utoipa::path(
    delete, path = "/api/v1/communications/templates/{id}", tag = "advisory", operation_id = "advisory_delete_template",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The template"), IfMatchParam),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/communications/templates/{id}")]
pub(crate) async fn delete_template(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<TemplatesService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}
