use super::{
    requests::{ImportParameters, ImportResponse},
    service::ImportService,
};
use actix_web::{
    post,
    web::{Data, ServiceConfig},
};
use web::{Answer, Caller, CsvBody, Query, answer};

/// Mounts the route of imports. Before the routes of single transactions: `import` is no id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(import_transactions);
}

/// Imports a bank's statement: CSV in UTF-8 with the columns Date, Description and Amount. Each row is posted once,
/// however often the file, or one that overlaps it, is sent. One wrong row refuses the file.
#[utoipa::path(
    post, path = "/api/v1/transactions/import", tag = "finance", operation_id = "finance_import_transactions",
    params(ImportParameters), security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv", example = "Date,Description,Amount\n2026-01-05,Salary,1350.60\n2026-01-06,Rent,-2400.00\n"),
    responses((status = 200, description = "What came of it", body = ImportResponse))
)]
#[post("/api/v1/transactions/import")]
pub(crate) async fn import_transactions(
    caller: Caller,
    parameters: Query<ImportParameters>,
    body: CsvBody,
    service: Data<ImportService>,
) -> Answer {
    let account = service.account(&caller, parameters.account_id).await?;
    let file = body.0.into_bytes().await?;
    let dry_run = parameters.dry_run.unwrap_or(false);
    answer::ok(&service.import(&caller, account, dry_run, &file).await?)
}
