use super::{
    Funding,
    requests::{
        CashFlowForecastResponse, ForecastParameters, FundingCreateRequest, FundingEndRequest, FundingFilter,
        FundingResponse, FundingSettleRequest, FundingSummaryResponse, SummaryParameters,
    },
};
use actix_web::{
    HttpRequest, get,
    http::{StatusCode, header},
    post,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use wealth_contract::FundingState;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, Query, answer};

/// Mounts the routes of funding.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(get_funding_forecast)
        .service(get_funding_summary)
        .service(list_funding)
        .service(create_funding)
        .service(get_funding)
        .service(approve_funding)
        .service(settle_funding)
        .service(fail_funding)
        .service(cancel_funding);
}

/// The deposits, withdrawals and payouts that the caller may see, oldest first.
#[utoipa::path(
    get, path = "/api/v1/funding", tag = "wealth", operation_id = "wealth_list_funding",
    params(FundingFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<FundingResponse>))
)]
#[get("/api/v1/funding")]
pub(crate) async fn list_funding(
    request: HttpRequest,
    caller: Caller,
    list: List<FundingFilter>,
    service: Data<Funding>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Asks for money to come in or go out. What is to go out is set aside at once; it needs approval when its owner asks for it or
/// when it is above the firm's limit (100,000 of the firm's currency).
#[utoipa::path(
    post, path = "/api/v1/funding", tag = "wealth", operation_id = "wealth_create_funding",
    params(KeyParam), request_body = FundingCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The funding; `Location` is its address", body = FundingResponse))
)]
#[post("/api/v1/funding")]
pub(crate) async fn create_funding(
    caller: Caller,
    key: Key,
    body: Body<FundingCreateRequest>,
    service: Data<Funding>,
) -> Answer {
    let made = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, made.version, &made)?;
    if let Ok(place) = format!("/api/v1/funding/{}", made.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// The cash that is expected, month by month: from what is asked for, and from what was usual in the last twelve full months.
#[utoipa::path(
    get, path = "/api/v1/funding/analytics/cash-flow-forecast", tag = "wealth",
    operation_id = "wealth_get_funding_forecast",
    params(ForecastParameters), security(("bearer" = [])),
    responses((status = 200, description = "The forecast", body = CashFlowForecastResponse))
)]
#[get("/api/v1/funding/analytics/cash-flow-forecast")]
pub(crate) async fn get_funding_forecast(
    caller: Caller,
    query: Query<ForecastParameters>,
    service: Data<Funding>,
) -> Answer {
    answer::ok(&service.forecast(&caller, &query).await?)
}

/// What was asked for in some time, by kind, state and month.
#[utoipa::path(
    get, path = "/api/v1/funding/analytics/summary", tag = "wealth", operation_id = "wealth_get_funding_summary",
    params(SummaryParameters), security(("bearer" = [])),
    responses((status = 200, description = "The summary", body = FundingSummaryResponse))
)]
#[get("/api/v1/funding/analytics/summary")]
pub(crate) async fn get_funding_summary(
    caller: Caller,
    query: Query<SummaryParameters>,
    service: Data<Funding>,
) -> Answer {
    answer::ok(&service.summary(&caller, &query).await?)
}

/// One funding with its history.
#[utoipa::path(
    get, path = "/api/v1/funding/{id}", tag = "wealth", operation_id = "wealth_get_funding",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The funding; `ETag` is its version", body = FundingResponse))
)]
#[get("/api/v1/funding/{id}")]
pub(crate) async fn get_funding(caller: Caller, path: Path<Uuid>, service: Data<Funding>) -> Answer {
    let funding = service.get(&caller, *path).await?;
    answer::with_etag(funding.version, &funding)
}

/// Agrees that money goes out. Advisors and admins may, unless it is their own request or money.
#[utoipa::path(
    post, path = "/api/v1/funding/{id}/approve", tag = "wealth", operation_id = "wealth_approve_funding",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The funding", body = FundingResponse))
)]
#[post("/api/v1/funding/{id}/approve")]
pub(crate) async fn approve_funding(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    service: Data<Funding>,
) -> Answer {
    answer::ok(&service.approve(&caller, &key, *path).await?)
}

/// Takes in that the money moved: it is in the portfolio then, or out of it, and the ledger hears of it. Advisors and admins
/// may.
#[utoipa::path(
    post, path = "/api/v1/funding/{id}/settle", tag = "wealth", operation_id = "wealth_settle_funding",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = FundingSettleRequest,
    security(("bearer" = [])), responses((status = 200, description = "The funding", body = FundingResponse))
)]
#[post("/api/v1/funding/{id}/settle")]
pub(crate) async fn settle_funding(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<FundingSettleRequest>,
    service: Data<Funding>,
) -> Answer {
    answer::ok(&service.settle(&caller, &key, *path, body.into_inner()).await?)
}

/// Says that the money could not be moved; what was set aside is free again. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/funding/{id}/fail", tag = "wealth", operation_id = "wealth_fail_funding",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = FundingEndRequest,
    security(("bearer" = [])), responses((status = 200, description = "The funding", body = FundingResponse))
)]
#[post("/api/v1/funding/{id}/fail")]
pub(crate) async fn fail_funding(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<FundingEndRequest>,
    service: Data<Funding>,
) -> Answer {
    let state = FundingState::Failed;
    answer::ok(
        &service
            .end(&caller, &key, *path, state, body.into_inner())
            .await?,
    )
}

/// Takes a request back before the money moved; what was set aside is free again.
#[utoipa::path(
    post, path = "/api/v1/funding/{id}/cancel", tag = "wealth", operation_id = "wealth_cancel_funding",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = FundingEndRequest,
    security(("bearer" = [])), responses((status = 200, description = "The funding", body = FundingResponse))
)]
#[post("/api/v1/funding/{id}/cancel")]
pub(crate) async fn cancel_funding(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<FundingEndRequest>,
    service: Data<Funding>,
) -> Answer {
    let state = FundingState::Cancelled;
    answer::ok(
        &service
            .end(&caller, &key, *path, state, body.into_inner())
            .await?,
    )
}
