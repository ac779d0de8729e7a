use crate::{models::Pong, service::ThegroupService};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, answer};

/// Mounts the group's routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(ping);
}

/// Says that the group answers, and the time that it has.
#[utoipa::path(
    get, path = "/api/v1/thegroup/ping", tag = "thegroup", operation_id = "thegroup_ping", security(("bearer" = [])),
    responses((status = 200, description = "The group answers", body = Pong))
)]
#[get("/api/v1/thegroup/ping")]
pub(crate) async fn ping(_caller: Caller, service: Data<ThegroupService>) -> Answer {
    answer::ok(&service.ping())
}
