use super::{
    Instances,
    models::{AnnounceRequest, RegisteredGroup, RegistrationRequest},
    service::RegistryService,
};
use actix_web::{
    delete, get, post, put,
    web::{Data, ServiceConfig},
};
use infrastructure_contract::{Instance, InstanceId};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, Path, answer};

/// Mounts the routes of the registry.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_groups)
        .service(list_instances)
        .service(register_instance)
        .service(renew_instance)
        .service(deregister_instance);
}

/// A registered process in the address.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct InstancePlace {
    /// The instance.
    pub(crate) id: Uuid,
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

/// The processes that announced themselves in the last ten seconds. For admins and compliance of the installation.
#[utoipa::path(
    get, path = "/api/infrastructure/registry/instances", tag = "infrastructure",
    operation_id = "infrastructure_list_instances", security(("bearer" = [])),
    responses((status = 200, description = "The processes", body = Vec<Instance>))
)]
#[get("/api/infrastructure/registry/instances")]
pub(crate) async fn list_instances(caller: Caller, instances: Data<Instances>) -> Answer {
    answer::ok(&instances.list(&caller).await?)
}

/// Registers a process that answers for groups, for ten seconds: renew it before. For admins of the installation;
/// processes of this platform announce themselves.
#[utoipa::path(
    post, path = "/api/infrastructure/registry/instances", tag = "infrastructure",
    operation_id = "infrastructure_register_instance", params(KeyParam), request_body = RegistrationRequest,
    security(("bearer" = [])),
    responses((status = 201, description = "It is registered", body = Instance))
)]
#[post("/api/infrastructure/registry/instances")]
pub(crate) async fn register_instance(
    caller: Caller,
    key: Key,
    body: Body<RegistrationRequest>,
    instances: Data<Instances>,
) -> Answer {
    answer::created(&instances.register(&caller, &key, &body).await?)
}

/// Lets a registered process live for ten more seconds, with what it now says of itself. For admins of the
/// installation.
#[utoipa::path(
    put, path = "/api/infrastructure/registry/instances/{id}", tag = "infrastructure",
    operation_id = "infrastructure_renew_instance", params(InstancePlace), request_body = AnnounceRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "It lives on", body = Instance))
)]
#[put("/api/infrastructure/registry/instances/{id}")]
pub(crate) async fn renew_instance(
    caller: Caller,
    place: Path<InstancePlace>,
    body: Body<AnnounceRequest>,
    instances: Data<Instances>,
) -> Answer {
    let id = InstanceId(place.id);
    answer::ok(&instances.heartbeat(&caller, id, &body).await?)
}

/// Takes a registered process out. For admins of the installation.
#[utoipa::path(
    delete, path = "/api/infrastructure/registry/instances/{id}", tag = "infrastructure",
    operation_id = "infrastructure_deregister_instance", params(InstancePlace), security(("bearer" = [])),
    responses((status = 204, description = "It gets no more requests"))
)]
#[delete("/api/infrastructure/registry/instances/{id}")]
pub(crate) async fn deregister_instance(
    caller: Caller,
    place: Path<InstancePlace>,
    instances: Data<Instances>,
) -> Answer {
    instances.deregister(&caller, InstanceId(place.id)).await?;
    answer::no_content()
}
