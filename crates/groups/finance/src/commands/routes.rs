use super::{
    below_params, outcome,
    requests::{CommandRequest, CommandResponse},
    service::CommandsService,
};

use crate::{
    report::{ReportFilter, ReportResponse, ReportService},
    transactions::{TransactionCreateRequest, TransactionCreateResponse, TransactionsService},
};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::CallError;
use web::{Answer, Body, Caller, Key, KeyParam, Query, answer};

/// Mounts the route of commands, and the paths that the services of source 004 have at their root.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(run_command)
        .service(create_transaction_at_root)
        .service(financial_report_at_root);
}

/// Carries out a command by its name. The `id` names the intention as `Idempotency-Key` does; one of the two is enough.
#[utoipa::path(
    post, path = "/api/finance/commands", tag = "finance", operation_id = "finance_run_command",
    params(KeyParam), request_body = CommandRequest, security(("bearer" = [])),
    responses((status = 200, description = "Done", body = CommandResponse))
)]
#[post("/api/finance/commands")]
pub(crate) async fn run_command(
    caller: Caller,
    key: Key,
    body: Body<CommandRequest>,
    service: Data<CommandsService>,
    report: Data<ReportService>,
) -> Answer {
    let command = body.into_inner().command()?;
    let key = match &command.id {
        Some(id) if key.was_given() && id.as_str() != key.as_str() => {
            let reason = "must be the same as the header Idempotency-Key, or one of them left out";
            return Err(CallError::invalid("id", reason).into());
        }
        Some(id) => id.clone(),
        None => key.into_inner(),
    };
    let outcome = match command.command.as_str() {
        "financial_report" => {
            let filter = crate::params::read(&command.params)?;
            outcome(&report.report(&caller, &filter).await.map_err(below_params)?)?
        }
        _ => service.run(&caller, &key, &command).await?,
    };
    answer::ok(&CommandResponse {
        status: "success".to_owned(),
        data: outcome.data,
    })
}

/// Posts an income or an expense: the root path of the accounting service, behind the gateway
/// `/api/accounting/create_transaction`.
#[utoipa::path(
    post, path = "/create_transaction", tag = "finance", operation_id = "finance_create_transaction_at_root",
    params(KeyParam), request_body = TransactionCreateRequest, security(("bearer" = [])),
    responses((status = 200, description = "Posted", body = TransactionCreateResponse))
)]
#[post("/create_transaction")]
pub(crate) async fn create_transaction_at_root(
    caller: Caller,
    key: Key,
    body: Body<TransactionCreateRequest>,
    service: Data<TransactionsService>,
) -> Answer {
    let data = service.create(&caller, &key, body.into_inner().into()).await?;
    answer::ok(&TransactionCreateResponse::of(data))
}

/// The financial report: the root path of the finance service, behind the gateway `/api/finance/financial_report`.
#[utoipa::path(
    get, path = "/financial_report", tag = "finance", operation_id = "finance_get_financial_report_at_root",
    params(ReportFilter), security(("bearer" = [])),
    responses((status = 200, description = "The report", body = ReportResponse))
)]
#[get("/financial_report")]
pub(crate) async fn financial_report_at_root(
    caller: Caller,
    filter: Query<ReportFilter>,
    service: Data<ReportService>,
) -> Answer {
    answer::ok(&service.report(&caller, &filter).await?)
}
