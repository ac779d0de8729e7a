use super::{
    requests::{ImportParameters, ImportReport},
    service::ClientFiles,
};
use crate::clients::requests::ClientFilter;
use actix_web::{
    HttpResponse, get,
    http::header,
    post,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, CsvBody, Key, KeyParam, Query, answer};

/// Mounts the routes of files.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(import_clients).service(export_clients);
}

/// Takes clients from a file: CSV in UTF-8 with the column client_name, and any of email, phone, tax_id, risk_profile,
/// kyc_expiry_date, total_assets, currency, address, date_of_birth, occupation, annual_income, jurisdiction and tags (with `;`
/// between them). Who is in the book already is left as they are. One wrong row refuses the file.
#[utoipa::path(
    post, path = "/api/v1/clients/import", tag = "advisory", operation_id = "advisory_import_clients", params(ImportParameters, KeyParam),
    security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv", example = "client_name,email,risk_profile\nPriya Sharma,priya@example.com,moderate\n"),
    responses((status = 200, description = "What came of it", body = ImportReport))
)]
#[post("/api/v1/clients/import")]
pub(crate) async fn import_clients(
    caller: Caller,
    key: Key,
    parameters: Query<ImportParameters>,
    body: CsvBody,
    files: Data<ClientFiles>,
) -> Answer {
    let file = body.0.into_bytes().await?;
    answer::ok(&files.import(&caller, &key, &parameters, &file).await?)
}

/// The clients of the caller's book as CSV, in the form that the import reads.
#[utoipa::path(
    get, path = "/api/v1/clients/export", tag = "advisory", operation_id = "advisory_export_clients", params(ClientFilter),
    security(("bearer" = [])),
    responses((status = 200, description = "The clients", body = String, content_type = "text/csv"))
)]
#[get("/api/v1/clients/export")]
pub(crate) async fn export_clients(
    caller: Caller,
    filter: Query<ClientFilter>,
    files: Data<ClientFiles>,
) -> Answer {
    let file = files.export(&caller, &filter).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"clients.csv\"",
        ))
        .body(file))
}
