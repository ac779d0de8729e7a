use super::{
    requests::{
        AffordabilityRequest, AffordabilityResponse, MortgageComparisonRequest, MortgageComparisonResponse,
        MortgageRequest, MortgageResponse,
    },
    service::MortgageService,
};
use actix_web::{
    post,
    web::{Data, ServiceConfig},
};
use web::{Answer, Body, Caller, answer};

/// Mounts the routes of mortgages.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(calculate_mortgage)
        .service(compare_mortgages)
        .service(calculate_affordability);
}

/// What a loan costs: instalment, interest, annual percentage rate and every instalment. Nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/mortgage/calculate", tag = "finance", operation_id = "finance_calculate_mortgage",
    request_body = MortgageRequest, security(("bearer" = [])),
    responses((status = 200, description = "The figures", body = MortgageResponse))
)]
#[post("/api/v1/mortgage/calculate")]
pub(crate) async fn calculate_mortgage(
    _caller: Caller,
    body: Body<MortgageRequest>,
    service: Data<MortgageService>,
) -> Answer {
    answer::ok(&service.calculate(&body)?)
}

/// What several loans cost, beside each other. Nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/mortgage/compare", tag = "finance", operation_id = "finance_compare_mortgages",
    request_body = MortgageComparisonRequest, security(("bearer" = [])),
    responses((status = 200, description = "The figures", body = MortgageComparisonResponse))
)]
#[post("/api/v1/mortgage/compare")]
pub(crate) async fn compare_mortgages(
    _caller: Caller,
    body: Body<MortgageComparisonRequest>,
    service: Data<MortgageService>,
) -> Answer {
    answer::ok(&service.compare(&body)?)
}

/// The largest loan that an income carries. Nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/mortgage/affordability", tag = "finance",
    operation_id = "finance_calculate_affordability",
    request_body = AffordabilityRequest, security(("bearer" = [])),
    responses((status = 200, description = "The figures", body = AffordabilityResponse))
)]
#[post("/api/v1/mortgage/affordability")]
pub(crate) async fn calculate_affordability(
    _caller: Caller,
    body: Body<AffordabilityRequest>,
    service: Data<MortgageService>,
) -> Answer {
    answer::ok(&service.affordability(&body)?)
}
