use super::{
    requests::{CashFlowResponse, NetWorthResponse, SeriesFilter},
    service::SeriesService,
};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, Query, answer};

/// Mounts the routes of series.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(net_worth).service(cash_flow);
}

/// What a user is worth at the end of each month or day: assets less liabilities, one series for each
/// currency, or all in one.
#[utoipa::path(
    get, path = "/api/v1/financial-report/series/net-worth", tag = "finance", operation_id = "finance_get_net_worth_series",
    params(SeriesFilter), security(("bearer" = [])),
    responses((status = 200, description = "The series", body = NetWorthResponse))
)]
#[get("/api/v1/financial-report/series/net-worth")]
pub(crate) async fn net_worth(
    caller: Caller,
    filter: Query<SeriesFilter>,
    service: Data<SeriesService>,
) -> Answer {
    answer::ok(&service.net_worth(&caller, &filter).await?)
}

/// What came in and went out in each month or on each day, one series for each currency,
/// or all in one.
#[utoipa::path(
    get, path = "/api/v1/financial-report/series/cash-flow", tag = "finance", operation_id = "finance_get_cash_flow_series",
    params(SeriesFilter), security(("bearer" = [])),
    responses((status = 200, description = "The series", body = CashFlowResponse))
)]
#[get("/api/v1/financial-report/series/cash-flow")]
pub(crate) async fn cash_flow(
    caller: Caller,
    filter: Query<SeriesFilter>,
    service: Data<SeriesService>,
) -> Answer {
    answer::ok(&service.cash_flow(&caller, &filter).await?)
}
