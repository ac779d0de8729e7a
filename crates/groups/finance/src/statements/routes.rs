use super::{
    Format, StatementsService, Table,
    requests::{BalanceSheet, CashFlow, MomentFilter, ProfitAndLoss, SpanFilter, TrialBalance},
};
use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, ServiceConfig},
};
use serde::Serialize;
use web::{Answer, Caller, Query, answer};

/// Mounts the routes of statements.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(trial_balance)
        .service(profit_and_loss)
        .service(balance_sheet)
        .service(cash_flow);
}

/// Every account that was used with its balance at the end of a day; debits and credits are equal in each currency.
#[utoipa::path(
    get, path = "/api/v1/ledger/statements/trial-balance", tag = "finance",
    operation_id = "finance_get_trial_balance", params(MomentFilter), security(("bearer" = [])),
    responses((status = 200, description = "The statement", content((TrialBalance = "application/json"), (String = "text/csv"))))
)]
#[get("/api/v1/ledger/statements/trial-balance")]
pub(crate) async fn trial_balance(
    caller: Caller,
    filter: Query<MomentFilter>,
    service: Data<StatementsService>,
) -> Answer {
    let made = service.trial_balance(&caller, &filter).await?;
    written(filter.format, &made, TrialBalance::table, "trial-balance.csv")
}

/// What came in and went out in a period, by account.
#[utoipa::path(
    get, path = "/api/v1/ledger/statements/profit-and-loss", tag = "finance",
    operation_id = "finance_get_profit_and_loss", params(SpanFilter), security(("bearer" = [])),
    responses((status = 200, description = "The statement", content((ProfitAndLoss = "application/json"), (String = "text/csv"))))
)]
#[get("/api/v1/ledger/statements/profit-and-loss")]
pub(crate) async fn profit_and_loss(
    caller: Caller,
    filter: Query<SpanFilter>,
    service: Data<StatementsService>,
) -> Answer {
    let made = service.profit_and_loss(&caller, &filter).await?;
    written(filter.format, &made, ProfitAndLoss::table, "profit-and-loss.csv")
}

/// What one has, owes and owns at the end of a day; with a report currency, realised and unrealised gains as well.
#[utoipa::path(
    get, path = "/api/v1/ledger/statements/balance-sheet", tag = "finance",
    operation_id = "finance_get_balance_sheet", params(MomentFilter), security(("bearer" = [])),
    responses((status = 200, description = "The statement", content((BalanceSheet = "application/json"), (String = "text/csv"))))
)]
#[get("/api/v1/ledger/statements/balance-sheet")]
pub(crate) async fn balance_sheet(
    caller: Caller,
    filter: Query<MomentFilter>,
    service: Data<StatementsService>,
) -> Answer {
    let made = service.balance_sheet(&caller, &filter).await?;
    written(filter.format, &made, BalanceSheet::table, "balance-sheet.csv")
}

/// What moved the cash of a period, by the direct method.
#[utoipa::path(
    get, path = "/api/v1/ledger/statements/cash-flow", tag = "finance",
    operation_id = "finance_get_cash_flow", params(SpanFilter), security(("bearer" = [])),
    responses((status = 200, description = "The statement", content((CashFlow = "application/json"), (String = "text/csv"))))
)]
#[get("/api/v1/ledger/statements/cash-flow")]
pub(crate) async fn cash_flow(
    caller: Caller,
    filter: Query<SpanFilter>,
    service: Data<StatementsService>,
) -> Answer {
    let made = service.cash_flow(&caller, &filter).await?;
    written(filter.format, &made, CashFlow::table, "cash-flow.csv")
}

/// An answer in the format that was asked for.
pub(crate) fn written<T: Serialize>(
    format: Option<Format>,
    made: &T,
    table: impl FnOnce(&T) -> Table,
    file: &str,
) -> Answer {
    match format.unwrap_or_default() {
        Format::Json => answer::ok(made),
        Format::Csv => Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{file}\""),
            ))
            .body(table(made).csv()?)),
    }
}
