use crate::routes;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(paths(routes::ping), tags((name = "thegroup", description = "thegroup")))]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
