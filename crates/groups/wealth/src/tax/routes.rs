use super::{
    Taxes,
    requests::{
        BookGainsFilter, BookHarvestFilter, GainsParameters, GainsResponse, HarvestParameters,
        HarvestResponse, TaxFormat,
    },
    table,
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Caller, List, PageParams, Path, Query, answer};

/// Mounts the routes of taxes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(get_gains)
        .service(get_harvesting)
        .service(list_gains)
        .service(list_harvesting);
}

/// What a portfolio realised in a tax year, split into short and long term, each line with the rules that decided it. With
/// `format=csv` a table. No tax advice.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/tax/gains", tag = "wealth", operation_id = "wealth_get_tax_gains",
    params(("id" = Uuid, Path, description = "Which portfolio"), GainsParameters), security(("bearer" = [])),
    responses((status = 200, description = "The gains",
        content((GainsResponse = "application/json"), (String = "text/csv"))))
)]
#[get("/api/v1/portfolios/{id}/tax/gains")]
pub(crate) async fn get_gains(
    caller: Caller,
    path: Path<Uuid>,
    parameters: Query<GainsParameters>,
    service: Data<Taxes>,
) -> Answer {
    let gains = service.gains(&caller, *path, &parameters).await?;
    match parameters.format.unwrap_or_default() {
        TaxFormat::Json => answer::ok(&gains),
        TaxFormat::Csv => Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"gains-{}.csv\"", gains.from.format("%Y")),
            ))
            .body(table::csv(&gains)?)),
    }
}

/// The losses of a portfolio that could be realised, lot by lot, with what each would save and what a wash-sale rule says. No tax
/// advice.
#[utoipa::path(
    get, path = "/api/v1/portfolios/{id}/tax/harvesting", tag = "wealth", operation_id = "wealth_get_tax_harvesting",
    params(("id" = Uuid, Path, description = "Which portfolio"), HarvestParameters), security(("bearer" = [])),
    responses((status = 200, description = "The lots", body = HarvestResponse))
)]
#[get("/api/v1/portfolios/{id}/tax/harvesting")]
pub(crate) async fn get_harvesting(
    caller: Caller,
    path: Path<Uuid>,
    parameters: Query<HarvestParameters>,
    service: Data<Taxes>,
) -> Answer {
    answer::ok(&service.harvesting(&caller, *path, &parameters).await?)
}

/// What the portfolios that the caller may see realised in a tax year.
#[utoipa::path(
    get, path = "/api/v1/tax/gains", tag = "wealth", operation_id = "wealth_list_tax_gains",
    params(BookGainsFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<GainsResponse>))
)]
#[get("/api/v1/tax/gains")]
pub(crate) async fn list_gains(
    request: HttpRequest,
    caller: Caller,
    list: List<BookGainsFilter>,
    service: Data<Taxes>,
) -> Answer {
    let page = service
        .gains_of_book(&caller, &list.filter, list.page.clone())
        .await?;
    answer::list(&request, page)
}

/// The losses that could be realised in the portfolios that the caller may see; those without one are left out.
#[utoipa::path(
    get, path = "/api/v1/tax/harvesting", tag = "wealth", operation_id = "wealth_list_tax_harvesting",
    params(BookHarvestFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<HarvestResponse>))
)]
#[get("/api/v1/tax/harvesting")]
pub(crate) async fn list_harvesting(
    request: HttpRequest,
    caller: Caller,
    list: List<BookHarvestFilter>,
    service: Data<Taxes>,
) -> Answer {
    let page = service
        .harvesting_of_book(&caller, &list.filter, list.page.clone())
        .await?;
    answer::list(&request, page)
}
