use super::{
    FxRates,
    import::{FxImportParameters, FxImportResponse},
    rates::{FxRateFilter, FxRateRequest, FxRateResponse},
};
use actix_web::{
    HttpRequest, get, post, put,
    web::{Data, ServiceConfig},
};
use web::{Answer, Body, Caller, CsvBody, List, PageParams, Query, answer};

/// Mounts the routes of rates.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_fx_rates)
        .service(put_fx_rate)
        .service(import_fx_rates);
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

/// Keeps the rates of a file: CSV in UTF-8 with the columns date, base, quote and rate. Each row replaces the rate of its
/// day; one wrong row refuses the file. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/fx-rates/import", tag = "finance", operation_id = "finance_import_fx_rates",
    params(FxImportParameters), security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv", example = "date,base,quote,rate\n2026-01-05,USD,INR,83.25\n"),
    responses((status = 200, description = "What came of it", body = FxImportResponse))
)]
#[post("/api/v1/fx-rates/import")]
pub(crate) async fn import_fx_rates(
    caller: Caller,
    parameters: Query<FxImportParameters>,
    body: CsvBody,
    service: Data<FxRates>,
) -> Answer {
    let file = body.0.into_bytes().await?;
    answer::ok(&service.import(&caller, &parameters, &file).await?)
}
