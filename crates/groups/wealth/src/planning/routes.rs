use super::{
    Planning,
    requests::{DriftResponse, RebalanceRequest, RebalanceResponse, TargetsRequest},
};
use crate::entries::NoFilter;
use actix_web::{
    HttpRequest, get, post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, List, PageParams, Path, answer};

/// Mounts the routes of targets and plans; `drift` of the whole book stands before any portfolio's id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_drift)
        .service(put_targets)
        .service(get_drift)
        .service(plan_rebalance);
}

/// How far the portfolios that the caller may see are from their targets, oldest first.
#[utoipa::path(
    get, path = "/api/v1/portfolios/drift", tag = "wealth", operation_id = "wealth_list_drift",
    params(PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<DriftResponse>))
)]
#[get("/api/v1/portfolios/drift")]
pub(crate) async fn list_drift(
    request: HttpRequest,
    caller: Caller,
    list: List<NoFilter>,
    service: Data<Planning>,
) -> Answer {
    let page = service.drift_of_book(&caller, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Replaces the targets of a portfolio; answers how far it is from them.
#[utoipa::path(
    put, path = "/api/v1/portfolios/{id}/targets", tag = "wealth", operation_id = "wealth_put_targets",
    params(("id" = Uuid, Path, description = "Which portfolio"), IfMatchParam), request_body = TargetsRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The drift; `ETag` is the portfolio's version", body = DriftResponse))
)]
#[put("/api/v1/portfolios/{id}/targets")]
pub(crate) async fn put_targets(
    caller: Caller,
    path: Path<Uuid>,
    expected: IfMatch,
    body: Body<TargetsRequest>,
    service: Data<Planning>,
) -> Answer {
    let (version, drift) = service
        .put_targets(&caller, *path, expected.0, body.into_inner())
        .await?;
    answer::with_etag(version, &drift)
}

/// How far a portfolio is from its targets.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/drift", tag = "wealth", operation_id = "wealth_get_drift",
    params(("id" = Uuid, Path, description = "Which portfolio")), security(("bearer" = [])),
    responses((status = 200, description = "The drift", body = DriftResponse))
)]
#[get("/api/v1/portfolios/{id}/drift")]
pub(crate) async fn get_drift(caller: Caller, path: Path<Uuid>, service: Data<Planning>) -> Answer {
    answer::ok(&service.drift(&caller, *path).await?)
}

/// Plans what leads an account to the targets: whole shares, and a reason for everything that is left alone. Nothing is
/// ordered.
#[utoipa::path(
    post, path = "/api/v1/portfolios/{id}/rebalance", tag = "wealth", operation_id = "wealth_plan_rebalance",
    params(("id" = Uuid, Path, description = "Which portfolio")), request_body = RebalanceRequest,
    security(("bearer" = [])), responses((status = 200, description = "The plan", body = RebalanceResponse))
)]
#[post("/api/v1/portfolios/{id}/rebalance")]
pub(crate) async fn plan_rebalance(
    caller: Caller,
    path: Path<Uuid>,
    body: Body<RebalanceRequest>,
    service: Data<Planning>,
) -> Answer {
    answer::ok(&service.plan(&caller, *path, &body).await?)
}
