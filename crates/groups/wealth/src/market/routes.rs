use super::{
    CsvFeed, Market,
    requests::{
        InstrumentFilter, InstrumentRequest, InstrumentResponse, MarketImportParameters,
        MarketImportResponse, QuoteFilter, QuoteResponse, QuoteRow,
    },
};
use crate::symbol::Symbol;
use actix_web::{
    HttpRequest, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use web::{
    Answer, Body, Caller, CsvBody, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, Query,
    answer,
};

/// Mounts the routes of instruments and quotes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_instruments)
        .service(create_instrument)
        .service(import_instruments)
        .service(get_instrument)
        .service(update_instrument)
        .service(list_quotes)
        .service(put_quote)
        .service(import_quotes);
}

/// The firm's instruments by symbol, each with its newest quote and how old that is.
#[utoipa::path(
    get, path = "/api/v1/instruments", tag = "wealth", operation_id = "wealth_list_instruments",
    params(InstrumentFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<InstrumentResponse>))
)]
#[get("/api/v1/instruments")]
pub(crate) async fn list_instruments(
    request: HttpRequest,
    caller: Caller,
    list: List<InstrumentFilter>,
    service: Data<Market>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Makes an instrument. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/instruments", tag = "wealth", operation_id = "wealth_create_instrument",
    params(KeyParam), request_body = InstrumentRequest, security(("bearer" = [])),
    responses((status = 201, description = "The instrument", body = InstrumentResponse))
)]
#[post("/api/v1/instruments")]
pub(crate) async fn create_instrument(
    caller: Caller,
    key: Key,
    body: Body<InstrumentRequest>,
    service: Data<Market>,
) -> Answer {
    let made = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, made.version, &made)
}

/// Makes the instruments of a file with the columns `symbol`, `name`, `class` and, if they are there, `sector`, `currency`,
/// `product_risk` and `fair_value_2018`. Those that are known stay as they are.
#[utoipa::path(
    post, path = "/api/v1/instruments/import", tag = "wealth", operation_id = "wealth_import_instruments",
    params(MarketImportParameters), request_body(content = String, content_type = "text/csv"),
    security(("bearer" = [])),
    responses((status = 200, description = "What came of it", body = MarketImportResponse))
)]
#[post("/api/v1/instruments/import")]
pub(crate) async fn import_instruments(
    caller: Caller,
    parameters: Query<MarketImportParameters>,
    body: CsvBody,
    service: Data<Market>,
) -> Answer {
    let bytes = body.0.into_bytes().await?;
    let dry_run = parameters.dry_run.unwrap_or(false);
    answer::ok(&service.import_instruments(&caller, dry_run, &bytes).await?)
}

/// One instrument with its newest quote.
#[utoipa::path(
    get, path = "/api/v1/instruments/{symbol}", tag = "wealth", operation_id = "wealth_get_instrument",
    params(("symbol" = Symbol, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The instrument; `ETag` is its version", body = InstrumentResponse))
)]
#[get("/api/v1/instruments/{symbol}")]
pub(crate) async fn get_instrument(caller: Caller, path: Path<Symbol>, service: Data<Market>) -> Answer {
    let instrument = service.get(&caller, path.as_str()).await?;
    answer::with_etag(instrument.version, &instrument)
}

/// Replaces what is known of an instrument. Its symbol and currency are for ever.
#[utoipa::path(
    put, path = "/api/v1/instruments/{symbol}", tag = "wealth", operation_id = "wealth_update_instrument",
    params(("symbol" = Symbol, Path, description = "Which"), IfMatchParam), request_body = InstrumentRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The instrument", body = InstrumentResponse))
)]
#[put("/api/v1/instruments/{symbol}")]
pub(crate) async fn update_instrument(
    caller: Caller,
    path: Path<Symbol>,
    expected: IfMatch,
    body: Body<InstrumentRequest>,
    service: Data<Market>,
) -> Answer {
    let changed = service
        .update(&caller, path.as_str(), expected.0, body.into_inner())
        .await?;
    answer::with_etag(changed.version, &changed)
}

/// The quotes of an instrument, newest first, each with its age.
#[utoipa::path(
    get, path = "/api/v1/quotes", tag = "wealth", operation_id = "wealth_list_quotes",
    params(QuoteFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<QuoteResponse>))
)]
#[get("/api/v1/quotes")]
pub(crate) async fn list_quotes(
    request: HttpRequest,
    caller: Caller,
    list: List<QuoteFilter>,
    service: Data<Market>,
) -> Answer {
    let page = service.quotes(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Keeps the quote of a day, or replaces it. Advisors and admins may.
#[utoipa::path(
    put, path = "/api/v1/quotes", tag = "wealth", operation_id = "wealth_put_quote",
    request_body = QuoteRow, security(("bearer" = [])),
    responses((status = 200, description = "The quote", body = QuoteResponse))
)]
#[put("/api/v1/quotes")]
pub(crate) async fn put_quote(caller: Caller, body: Body<QuoteRow>, service: Data<Market>) -> Answer {
    answer::ok(&service.quote(&caller, body.into_inner()).await?)
}

/// Keeps the quotes of a file with the columns `symbol`, `date`, `price` and, if it is there, `adjusted`. All rows are
/// checked before the first is written.
#[utoipa::path(
    post, path = "/api/v1/quotes/import", tag = "wealth", operation_id = "wealth_import_quotes",
    params(MarketImportParameters), request_body(content = String, content_type = "text/csv"),
    security(("bearer" = [])),
    responses((status = 200, description = "What came of it", body = MarketImportResponse))
)]
#[post("/api/v1/quotes/import")]
pub(crate) async fn import_quotes(
    caller: Caller,
    parameters: Query<MarketImportParameters>,
    body: CsvBody,
    service: Data<Market>,
) -> Answer {
    let bytes = body.0.into_bytes().await?;
    let dry_run = parameters.dry_run.unwrap_or(false);
    answer::ok(&service.import_quotes(&caller, dry_run, &CsvFeed(&bytes)).await?)
}
