use super::{
    requests::{ClientAtRisk, PrioritizedClient, RankParameters},
    service::Ranking,
};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, Query, answer};

/// Mounts the routes of rankings.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(prioritize_clients).service(list_clients_at_risk);
}

/// Whom to look after first: each client's score is the sum of the points of the reasons, and the heaviest of them says what to
/// do next.
#[utoipa::path(
    get, path = "/api/v1/clients/prioritize", tag = "advisory", operation_id = "advisory_prioritize_clients", params(RankParameters),
    security(("bearer" = [])),
    responses((status = 200, description = "The most pressing first", body = Vec<PrioritizedClient>))
)]
#[get("/api/v1/clients/prioritize")]
pub(crate) async fn prioritize_clients(
    caller: Caller,
    parameters: Query<RankParameters>,
    service: Data<Ranking>,
) -> Answer {
    answer::ok(&service.prioritize(&caller, &parameters).await?)
}

/// Which clients may leave, and what drives them away.
#[utoipa::path(
    get, path = "/api/v1/clients/churn", tag = "advisory", operation_id = "advisory_list_clients_at_risk", params(RankParameters),
    security(("bearer" = [])),
    responses((status = 200, description = "Those most at risk first; nobody without a driver", body = Vec<ClientAtRisk>))
)]
#[get("/api/v1/clients/churn")]
pub(crate) async fn list_clients_at_risk(
    caller: Caller,
    parameters: Query<RankParameters>,
    service: Data<Ranking>,
) -> Answer {
    answer::ok(&service.at_risk(&caller, &parameters).await?)
}
