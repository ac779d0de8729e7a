use super::{models::RegisteredGroup, service::RegistryService};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, answer};

/// Mounts the routes of the registry.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_groups);
}

/// Every group with its modules, port and dependencies, in the order of ports.
#[utoipa::path(
    get, path = "/api/infrastructure/registry", tag = "infrastructure", operation_id = "infrastructure_list_groups", security(("bearer" = [])),
    responses((status = 200, description = "The groups", body = Vec<RegisteredGroup>))
)]
#[get("/api/infrastructure/registry")]
pub(crate) async fn list_groups(_caller: Caller, service: Data<RegistryService>) -> Answer {
    answer::ok(&service.groups())
}
