use super::{
    requests::{
        HistoryEntry, TransactionCreateRequest, TransactionCreateResponse, TransactionFilter,
        TransactionResponse,
    },
    service::TransactionsService,
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts what is asked most. actix-web tries patterns in the order in which they were mounted, so that these come before
/// all others: 25 µs of a posting went into regular expressions of other routes.
pub(crate) fn configure_first(config: &mut ServiceConfig) {
    config.service(create_transaction).service(list_transactions);
}

/// Mounts the other routes of transactions: after those of fixed paths below theirs.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_transaction).service(get_transaction_history);
}

/// Transactions: the caller's own, the whole book's for an advisor, the firm's for admins and compliance.
#[utoipa::path(
    get, path = "/api/v1/transactions", tag = "finance", operation_id = "finance_list_transactions",
    params(TransactionFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<TransactionResponse>))
)]
#[get("/api/v1/transactions")]
pub(crate) async fn list_transactions(
    request: HttpRequest,
    caller: Caller,
    list: List<TransactionFilter>,
    service: Data<TransactionsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Posts an income, an expense or a transfer between two accounts of one user: a journal entry.
#[utoipa::path(
    post, path = "/api/v1/transactions", tag = "finance", operation_id = "finance_create_transaction",
    params(KeyParam), request_body = TransactionCreateRequest, security(("bearer" = [])),
    responses((status = 200, description = "Posted", body = TransactionCreateResponse))
)]
#[post("/api/v1/transactions")]
pub(crate) async fn create_transaction(
    caller: Caller,
    key: Key,
    body: Body<TransactionCreateRequest>,
    service: Data<TransactionsService>,
) -> Answer {
    let data = service.create(&caller, &key, body.into_inner().into()).await?;
    answer::ok(&TransactionCreateResponse::of(data))
}

/// One transaction.
#[utoipa::path(
    get, path = "/api/v1/transactions/{id}", tag = "finance", operation_id = "finance_get_transaction",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The transaction", body = TransactionResponse))
)]
#[get("/api/v1/transactions/{id}")]
pub(crate) async fn get_transaction(
    caller: Caller,
    id: Path<Uuid>,
    service: Data<TransactionsService>,
) -> Answer {
    answer::ok(&service.get(&caller, *id).await?)
}

/// What happened to a transaction, oldest first.
#[utoipa::path(
    get, path = "/api/v1/transactions/{id}/history", tag = "finance",
    operation_id = "finance_get_transaction_history",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "Its events", body = Vec<HistoryEntry>))
)]
#[get("/api/v1/transactions/{id}/history")]
pub(crate) async fn get_transaction_history(
    caller: Caller,
    id: Path<Uuid>,
    service: Data<TransactionsService>,
) -> Answer {
    answer::ok(&service.history(&caller, *id).await?)
}
