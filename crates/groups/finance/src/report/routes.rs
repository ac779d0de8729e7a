use super::{
    requests::{ReportFilter, ReportResponse},
    service::ReportService,
};
use crate::statements::routes::written;
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, Query};

/// Mounts the route of the report.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(financial_report);
}

/// Income, expenses and balances of a period, exact to the smallest unit.
#[utoipa::path(
    get, path = "/api/v1/financial-report", tag = "finance", operation_id = "finance_get_financial_report",
    params(ReportFilter), security(("bearer" = [])),
    responses((status = 200, description = "The report", content((ReportResponse = "application/json"), (String = "text/csv"))))
)]
#[get("/api/v1/financial-report")]
pub(crate) async fn financial_report(
    caller: Caller,
    filter: Query<ReportFilter>,
    service: Data<ReportService>,
) -> Answer {
    let report = service.report(&caller, &filter).await?;
    written(
        filter.format,
        &report,
        ReportResponse::table,
        "financial-report.csv",
    )
}
