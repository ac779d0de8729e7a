use crate::{clients, communications, compliance::checks, meetings};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        clients::routes::list_clients,
        clients::routes::create_client,
        clients::routes::get_client,
        clients::routes::update_client,
        clients::routes::delete_client,
        checks::routes::list_checks,
        checks::routes::check_order,
        checks::routes::get_check,
        checks::routes::override_check
    ),
    components(schemas(kernel::ClientId)),
    tags((name = "advisory", description = "The advisor's book"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(communications::document());
    document.merge(meetings::document());
    document
}
