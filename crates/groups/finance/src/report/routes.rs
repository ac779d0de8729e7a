use super::{
    requests::{ReportFilter, ReportResponse},
    service::ReportService,
};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, Query, answer};

/// Mounts the route of the report.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(financial_report);
}

/// Income, expenses and balances of a period, exact to the smallest unit.
#[utoipa::path(
    get, path = "/api/v1/financial-report", tag = "finance", operation_id = "finance_get_financial_report",
    params(ReportFilter), security(("bearer" = [])),
    responses((status = 200, description = "The report", body = ReportResponse))
)]
#[get("/api/v1/financial-report")]
pub(crate) async fn financial_report(
    caller: Caller,
    filter: Query<ReportFilter>,
    service: Data<ReportService>,
) -> Answer {
    answer::ok(&service.report(&caller, &filter).await?)
}
