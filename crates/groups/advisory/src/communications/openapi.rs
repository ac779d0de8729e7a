use super::{messages, suppressions, templates};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(paths(
    templates::routes::list_templates,
    templates::routes::create_template,
    templates::routes::get_template,
    templates::routes::update_template,
    templates::routes::delete_template,
    suppressions::routes::list_suppressions,
    suppressions::routes::suppress_address,
    suppressions::routes::release_address,
    messages::routes::list_messages,
    messages::routes::draft_message,
    messages::routes::get_message,
    messages::routes::update_message,
    messages::routes::approve_message,
    messages::routes::send_message,
    messages::routes::cancel_message
))]
struct Document;

/// This part's share of the group's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
