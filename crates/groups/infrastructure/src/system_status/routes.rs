use super::{models::SystemStatus, service::SystemStatusService};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, answer};

/// Mounts the routes of the system's status.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(system_status);
}

/// How the system is: `operational` or `degraded`, and the same for each group.
#[utoipa::path(
    get, path = "/api/v1/system/status", tag = "infrastructure", operation_id = "infrastructure_system_status", security(("bearer" = [])),
    responses((status = 200, description = "The state", body = SystemStatus))
)]
#[get("/api/v1/system/status")]
pub(crate) async fn system_status(_caller: Caller, service: Data<SystemStatusService>) -> Answer {
    answer::ok(&service.status().await)
}
