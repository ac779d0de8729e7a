use super::{
    FxRates,
    rates::{FxRateFilter, FxRateRequest, FxRateResponse},
};
use actix_web::{
    HttpRequest, get, put,
    web::{Data, ServiceConfig},
};
use web::{Answer, Body, Caller, List, PageParams, answer};

/// Mounts the routes of rates.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_fx_rates).service(put_fx_rate);
}

/// The firm's rates of exchange, newest first.
#[utoipa::path(
    get, path = "/api/v1/fx-rates", tag = "finance", operation_id = "finance_list_fx_rates",
    params(FxRateFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<FxRateResponse>))
)]
#[get("/api/v1/fx-rates")]
pub(crate) async fn list_fx_rates(
    request: HttpRequest,
    caller: Caller,
    list: List<FxRateFilter>,
    service: Data<FxRates>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Keeps the rate of a day, or replaces it. Advisors and admins may.
#[utoipa::path(
    put, path = "/api/v1/fx-rates", tag = "finance", operation_id = "finance_put_fx_rate",
    request_body = FxRateRequest, security(("bearer" = [])),
    responses((status = 200, description = "The rate", body = FxRateResponse))
)]
#[put("/api/v1/fx-rates")]
pub(crate) async fn put_fx_rate(caller: Caller, body: Body<FxRateRequest>, service: Data<FxRates>) -> Answer {
    answer::ok(&service.put(&caller, &body).await?)
}
