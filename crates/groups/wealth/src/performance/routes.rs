use super::{
    Performance,
    requests::{DayValue, PerformanceParameters, PerformanceResponse},
};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Caller, Path, Query, answer};

/// Mounts the routes of performance.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_performance).service(list_valuations);
}

/// How a portfolio, an account or a holding performed between two days: each figure with its formula, and what it was
/// calculated from. What has no answer says why.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/performance", tag = "wealth", operation_id = "wealth_get_performance",
    params(("id" = Uuid, Path, description = "Which portfolio"), PerformanceParameters), security(("bearer" = [])),
    responses((status = 200, description = "The figures", body = PerformanceResponse))
)]
#[get("/api/v1/portfolios/{id}/performance")]
pub(crate) async fn get_performance(
    caller: Caller,
    path: Path<Uuid>,
    parameters: Query<PerformanceParameters>,
    service: Data<Performance>,
) -> Answer {
    answer::ok(&service.of(&caller, *path, &parameters).await?)
}

/// What a portfolio, an account or a holding was worth at the end of each day, and what was paid in and out.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/valuations", tag = "wealth", operation_id = "wealth_list_valuations",
    params(("id" = Uuid, Path, description = "Which portfolio"), PerformanceParameters), security(("bearer" = [])),
    responses((status = 200, description = "Every day", body = Vec<DayValue>))
)]
#[get("/api/v1/portfolios/{id}/valuations")]
pub(crate) async fn list_valuations(
    caller: Caller,
    path: Path<Uuid>,
    parameters: Query<PerformanceParameters>,
    service: Data<Performance>,
) -> Answer {
    answer::ok(&service.by_day(&caller, *path, &parameters).await?)
}
