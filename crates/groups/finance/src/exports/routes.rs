use super::{requests::ExportParameters, service::Exports};
use crate::formats::Format;
use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, Query};

/// Mounts the route of exports. Before the routes of single transactions: `export` is no id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(export_transactions);
}

/// Exports an account's transactions as CSV, OFX or QIF, oldest first. The file is sent as it is read; an import of it into an
/// empty account gives the same figures.
#[utoipa::path(
    get, path = "/api/v1/transactions/export", tag = "finance", operation_id = "finance_export_transactions",
    params(ExportParameters), security(("bearer" = [])),
    responses((status = 200, description = "The file", content(
        (String = "text/csv"), (String = "application/x-ofx"), (String = "application/x-qif")
    )))
)]
#[get("/api/v1/transactions/export")]
pub(crate) async fn export_transactions(
    caller: Caller,
    parameters: Query<ExportParameters>,
    service: Data<Exports>,
) -> Answer {
    let export = service.export(&caller, &parameters).await?;
    let (media_type, ending) = match export.format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Ofx => ("application/x-ofx", "ofx"),
        Format::Qif => ("application/x-qif; charset=utf-8", "qif"),
    };
    let name = format!("attachment; filename=\"account-{}.{ending}\"", export.account);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(export.pieces))
}
