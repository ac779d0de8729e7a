use crate::{events, registry, system_status};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        registry::routes::list_groups,
        registry::routes::list_instances,
        registry::routes::register_instance,
        registry::routes::renew_instance,
        registry::routes::deregister_instance,
        system_status::routes::system_status,
        events::routes::list_events,
        events::routes::list_consumers,
        events::routes::list_dead_letters,
        events::routes::replay_events,
        events::routes::retry_dead_letter
    ),
    tags((name = "infrastructure", description = "What runs where, how it is, and every group's events"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
