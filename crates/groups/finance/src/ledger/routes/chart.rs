use crate::ledger::{
    ChartService,
    chart_requests::{
        ChartFilter, LedgerAccountCreateRequest, LedgerAccountResponse, LedgerAccountUpdateRequest,
    },
};
use actix_web::{
    get, post, put,
    web::{Data, ServiceConfig},
};
use web::{Answer, Body, Caller, Key, KeyParam, Path, Query, answer};

/// Mounts the routes of the chart.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_ledger_accounts)
        .service(create_ledger_account)
        .service(update_ledger_account);
}

/// The chart of accounts of a book: money accounts, categories, equity, and whatever else was opened or used.
#[utoipa::path(
    get, path = "/api/v1/ledger/accounts", tag = "finance", operation_id = "finance_list_ledger_accounts",
    params(ChartFilter), security(("bearer" = [])),
    responses((status = 200, description = "All of them with their balances", body = Vec<LedgerAccountResponse>))
)]
#[get("/api/v1/ledger/accounts")]
pub(crate) async fn list_ledger_accounts(
    caller: Caller,
    filter: Query<ChartFilter>,
    service: Data<ChartService>,
) -> Answer {
    answer::ok(&service.list(&caller, &filter).await?)
}

/// Adds an account to the chart. Accounts that hold money are opened at `/api/v1/accounts`.
#[utoipa::path(
    post, path = "/api/v1/ledger/accounts", tag = "finance", operation_id = "finance_create_ledger_account",
    params(KeyParam), request_body = LedgerAccountCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The account", body = LedgerAccountResponse))
)]
#[post("/api/v1/ledger/accounts")]
pub(crate) async fn create_ledger_account(
    caller: Caller,
    key: Key,
    body: Body<LedgerAccountCreateRequest>,
    service: Data<ChartService>,
) -> Answer {
    answer::created(&service.create(&caller, &key, &body).await?)
}

/// Replaces an account's name, code and place in the chart; closes it, or opens it again.
#[utoipa::path(
    put, path = "/api/v1/ledger/accounts/{account}", tag = "finance", operation_id = "finance_update_ledger_account",
    params(("account" = String, Path, description = "Which, as in `expense:food`")),
    request_body = LedgerAccountUpdateRequest, security(("bearer" = [])),
    responses((status = 200, description = "The account", body = LedgerAccountResponse))
)]
#[put("/api/v1/ledger/accounts/{account}")]
pub(crate) async fn update_ledger_account(
    caller: Caller,
    account: Path<String>,
    body: Body<LedgerAccountUpdateRequest>,
    service: Data<ChartService>,
) -> Answer {
    answer::ok(&service.update(&caller, &account, &body).await?)
}
