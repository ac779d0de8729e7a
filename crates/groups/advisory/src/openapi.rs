use crate::clients::routes;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        routes::list_clients,
        routes::create_client,
        routes::get_client,
        routes::update_client,
        routes::delete_client
    ),
    components(schemas(kernel::ClientId)),
    tags((name = "advisory", description = "The advisor's book"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
