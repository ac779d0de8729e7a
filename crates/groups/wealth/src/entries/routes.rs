use super::{
    EntriesService,
    requests::{LotResponse, PortfolioEntryCreateRequest, PortfolioEntryResponse, VerificationResponse},
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of entries and lots.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_entries)
        .service(create_entry)
        .service(list_lots)
        .service(verify_portfolio);
}

/// Nothing but the page.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoFilter {}

/// What happened in a portfolio, newest first: trades, payments, corporate actions, each with the lots that went and came.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/entries", tag = "wealth", operation_id = "wealth_list_entries",
    params(("id" = Uuid, Path, description = "Which portfolio"), PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<PortfolioEntryResponse>))
)]
#[get("/api/v1/portfolios/{id}/entries")]
pub(crate) async fn list_entries(
    request: HttpRequest,
    caller: Caller,
    path: Path<Uuid>,
    list: List<NoFilter>,
    service: Data<EntriesService>,
) -> Answer {
    let page = service.list(&caller, *path, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Enters a trade or a payment that was made outside. What is sold must be held; what is bought must be paid for.
#[utoipa::path(
    post, path = "/api/v1/portfolios/{id}/entries", tag = "wealth", operation_id = "wealth_create_entry",
    params(("id" = Uuid, Path, description = "Which portfolio"), KeyParam), request_body = PortfolioEntryCreateRequest,
    security(("bearer" = [])), responses((status = 201, description = "The entry", body = PortfolioEntryResponse))
)]
#[post("/api/v1/portfolios/{id}/entries")]
pub(crate) async fn create_entry(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<PortfolioEntryCreateRequest>,
    service: Data<EntriesService>,
) -> Answer {
    answer::created(&service.create(&caller, &key, *path, body.into_inner()).await?)
}

/// The lots of a portfolio, by symbol and age. They add up to its positions.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/lots", tag = "wealth", operation_id = "wealth_list_lots",
    params(("id" = Uuid, Path, description = "Which portfolio")), security(("bearer" = [])),
    responses((status = 200, description = "All lots", body = Vec<LotResponse>))
)]
#[get("/api/v1/portfolios/{id}/lots")]
pub(crate) async fn list_lots(caller: Caller, path: Path<Uuid>, service: Data<EntriesService>) -> Answer {
    answer::ok(&service.lots(&caller, *path).await?)
}

/// Applies all entries of a portfolio again and compares: cash, lots and positions are what follows from them.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/verification", tag = "wealth", operation_id = "wealth_verify_portfolio",
    params(("id" = Uuid, Path, description = "Which portfolio")), security(("bearer" = [])),
    responses((status = 200, description = "What came of it", body = VerificationResponse))
)]
#[get("/api/v1/portfolios/{id}/verification")]
pub(crate) async fn verify_portfolio(
    caller: Caller,
    path: Path<Uuid>,
    service: Data<EntriesService>,
) -> Answer {
    answer::ok(&service.verify(&caller, *path).await?)
}
