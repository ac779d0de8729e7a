use super::{
    requests::{AccountCreateRequest, AccountFilter, AccountResponse, AccountUpdateRequest},
    service::AccountsService,
};
use actix_web::{
    HttpRequest, delete, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig},
};
use kernel::UserId;
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of accounts.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_accounts)
        .service(create_account)
        .service(get_account)
        .service(update_account)
        .service(delete_account);
}

/// A user's accounts with their balances: the caller's own, a client's of the caller's book, anybody's of the firm for
/// admins and compliance.
#[utoipa::path(
    get, path = "/api/v1/accounts/{user_id}", tag = "finance", operation_id = "finance_list_accounts",
    params(("user_id" = UserId, Path, description = "Whose"), AccountFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<AccountResponse>))
)]
#[get("/api/v1/accounts/{user_id}")]
pub(crate) async fn list_accounts(
    request: HttpRequest,
    caller: Caller,
    user: Path<UserId>,
    list: List<AccountFilter>,
    service: Data<AccountsService>,
) -> Answer {
    let page = service
        .list(&caller, *user, &list.filter, list.page.clone())
        .await?;
    answer::list(&request, page)
}

/// Opens an account.
#[utoipa::path(
    post, path = "/api/v1/accounts", tag = "finance", operation_id = "finance_create_account",
    params(KeyParam), request_body = AccountCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The account; `Location` is its address", body = AccountResponse))
)]
#[post("/api/v1/accounts")]
pub(crate) async fn create_account(
    caller: Caller,
    key: Key,
    body: Body<AccountCreateRequest>,
    service: Data<AccountsService>,
) -> Answer {
    let account = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, account.version, &account)?;
    if let Ok(place) = format!("/api/v1/accounts/{}/{}", account.user_id, account.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One account with its balance.
#[utoipa::path(
    get, path = "/api/v1/accounts/{user_id}/{account_id}", tag = "finance", operation_id = "finance_get_account",
    params(("user_id" = UserId, Path, description = "Whose"), ("account_id" = Uuid, Path, description = "Which")),
    security(("bearer" = [])),
    responses((status = 200, description = "The account; `ETag` is its version", body = AccountResponse))
)]
#[get("/api/v1/accounts/{user_id}/{account_id}")]
pub(crate) async fn get_account(
    caller: Caller,
    path: Path<(UserId, Uuid)>,
    service: Data<AccountsService>,
) -> Answer {
    let (user, id) = path.into_inner();
    let account = service.get(&caller, user, id).await?;
    answer::with_etag(account.version, &account)
}

/// Replaces an account's name and kind. Its currency is for ever.
#[utoipa::path(
    put, path = "/api/v1/accounts/{user_id}/{account_id}", tag = "finance", operation_id = "finance_update_account",
    params(
        ("user_id" = UserId, Path, description = "Whose"), ("account_id" = Uuid, Path, description = "Which"),
        IfMatchParam
    ),
    request_body = AccountUpdateRequest, security(("bearer" = [])),
    responses((status = 200, description = "The account", body = AccountResponse))
)]
#[put("/api/v1/accounts/{user_id}/{account_id}")]
pub(crate) async fn update_account(
    caller: Caller,
    path: Path<(UserId, Uuid)>,
    expected: IfMatch,
    body: Body<AccountUpdateRequest>,
    service: Data<AccountsService>,
) -> Answer {
    let (user, id) = path.into_inner();
    let account = service
        .update(&caller, user, id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(account.version, &account)
}

/// Closes an account that was never used; 409 when it has transactions.
#[utoipa::path(
    delete, path = "/api/v1/accounts/{user_id}/{account_id}", tag = "finance", operation_id = "finance_delete_account",
    params(
        ("user_id" = UserId, Path, description = "Whose"), ("account_id" = Uuid, Path, description = "Which"),
        IfMatchParam
    ),
    security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/accounts/{user_id}/{account_id}")]
pub(crate) async fn delete_account(
    caller: Caller,
    path: Path<(UserId, Uuid)>,
    expected: IfMatch,
    service: Data<AccountsService>,
) -> Answer {
    let (user, id) = path.into_inner();
    service.delete(&caller, user, id, expected.0).await?;
    answer::no_content()
}
