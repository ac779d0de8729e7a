use crate::{accounts, imports, report, transactions};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    paths(
        accounts::routes::list_accounts,
        accounts::routes::create_account,
        accounts::routes::get_account,
        accounts::routes::update_account,
        accounts::routes::delete_account,
        imports::routes::import_transactions,
        transactions::routes::list_transactions,
        transactions::routes::create_transaction,
        transactions::routes::get_transaction,
        transactions::routes::get_transaction_history,
        report::routes::financial_report
    ),
    tags((name = "finance", description = "Accounts, transactions, statements and the financial report"))
)]
struct Document;

/// The group's part of the platform's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
