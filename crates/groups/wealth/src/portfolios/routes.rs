use super::{
    PortfoliosService,
    requests::{
        AllocationResponse, PortfolioAccountRequest, PortfolioCreateRequest, PortfolioFilter,
        PortfolioResponse, PortfolioUpdateRequest, PositionResponse,
    },
};
use crate::entries::AccountState;
use actix_web::{
    HttpRequest, delete, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of portfolios.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_portfolios)
        .service(create_portfolio)
        .service(get_portfolio)
        .service(update_portfolio)
        .service(delete_portfolio)
        .service(create_portfolio_account)
        .service(list_positions)
        .service(get_allocation);
}

/// The portfolios that the caller may see, each with its worth: the own, those of the book, all of the firm.
#[utoipa::path(
    get, path = "/api/v1/portfolios", tag = "wealth", operation_id = "wealth_list_portfolios",
    params(PortfolioFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<PortfolioResponse>))
)]
#[get("/api/v1/portfolios")]
pub(crate) async fn list_portfolios(
    request: HttpRequest,
    caller: Caller,
    list: List<PortfolioFilter>,
    service: Data<PortfoliosService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Opens a portfolio with its accounts.
#[utoipa::path(
    post, path = "/api/v1/portfolios", tag = "wealth", operation_id = "wealth_create_portfolio",
    params(KeyParam), request_body = PortfolioCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The portfolio; `Location` is its address", body = PortfolioResponse))
)]
#[post("/api/v1/portfolios")]
pub(crate) async fn create_portfolio(
    caller: Caller,
    key: Key,
    body: Body<PortfolioCreateRequest>,
    service: Data<PortfoliosService>,
) -> Answer {
    let made = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, made.version, &made)?;
    if let Ok(place) = format!("/api/v1/portfolios/{}", made.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One portfolio with its accounts and its worth.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}", tag = "wealth", operation_id = "wealth_get_portfolio",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The portfolio; `ETag` is its version", body = PortfolioResponse))
)]
#[get("/api/v1/portfolios/{id}")]
pub(crate) async fn get_portfolio(
    caller: Caller,
    path: Path<Uuid>,
    service: Data<PortfoliosService>,
) -> Answer {
    let portfolio = service.get(&caller, *path).await?;
    answer::with_etag(portfolio.version, &portfolio)
}

/// Replaces a portfolio's name. Its currency is for ever.
#[utoipa::path(
    put, path = "/api/v1/portfolios/{id}", tag = "wealth", operation_id = "wealth_update_portfolio",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = PortfolioUpdateRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The portfolio", body = PortfolioResponse))
)]
#[put("/api/v1/portfolios/{id}")]
pub(crate) async fn update_portfolio(
    caller: Caller,
    path: Path<Uuid>,
    expected: IfMatch,
    body: Body<PortfolioUpdateRequest>,
    service: Data<PortfoliosService>,
) -> Answer {
    let changed = service
        .update(&caller, *path, expected.0, body.into_inner())
        .await?;
    answer::with_etag(changed.version, &changed)
}

/// Closes a portfolio that holds nothing; 409 when it does.
#[utoipa::path(
    delete, path = "/api/v1/portfolios/{id}", tag = "wealth", operation_id = "wealth_delete_portfolio",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/portfolios/{id}")]
pub(crate) async fn delete_portfolio(
    caller: Caller,
    path: Path<Uuid>,
    expected: IfMatch,
    service: Data<PortfoliosService>,
) -> Answer {
    service.delete(&caller, *path, expected.0).await?;
    answer::no_content()
}

/// Opens another account in a portfolio.
#[utoipa::path(
    post, path = "/api/v1/portfolios/{id}/accounts", tag = "wealth",
    operation_id = "wealth_create_portfolio_account",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = PortfolioAccountRequest,
    security(("bearer" = [])), responses((status = 201, description = "The account", body = AccountState))
)]
#[post("/api/v1/portfolios/{id}/accounts")]
pub(crate) async fn create_portfolio_account(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<PortfolioAccountRequest>,
    service: Data<PortfoliosService>,
) -> Answer {
    answer::created(
        &service
            .add_account(&caller, &key, *path, body.into_inner())
            .await?,
    )
}

/// What a portfolio holds, by symbol, with cost and worth. A stale quote is said to be stale.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/positions", tag = "wealth", operation_id = "wealth_list_positions",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "All positions", body = Vec<PositionResponse>))
)]
#[get("/api/v1/portfolios/{id}/positions")]
pub(crate) async fn list_positions(
    caller: Caller,
    path: Path<Uuid>,
    service: Data<PortfoliosService>,
) -> Answer {
    answer::ok(&service.positions(&caller, *path).await?)
}

/// What a portfolio is made of: by class, by sector and by currency.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/allocation", tag = "wealth", operation_id = "wealth_get_allocation",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The parts", body = AllocationResponse))
)]
#[get("/api/v1/portfolios/{id}/allocation")]
pub(crate) async fn get_allocation(
    caller: Caller,
    path: Path<Uuid>,
    service: Data<PortfoliosService>,
) -> Answer {
    answer::ok(&service.allocation(&caller, *path).await?)
}
