use super::{
    ApiKeys,
    models::{ApiKeyExchange, ApiKeyGrant, ApiKeyView, MadeApiKey, NewApiKey, NewServiceAccount},
};
use crate::users::UserView;
use actix_web::{
    HttpRequest, delete, get, post,
    web::{Data, ServiceConfig},
};
use kernel::{ErrorBody, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use uuid::Uuid;
use web::{Answer, Body, Caller, List, PageParams, Path, Unproven, answer};

/// Nothing narrows these lists.
#[derive(Debug, Deserialize, IntoParams)]
struct NoFilter {}

/// Exchanges an API key for an access token
///
/// The token lives a few minutes and reaches what the key was made for. Exchange the key again when it expires.
#[utoipa::path(
    post, path = "/token", tag = "auth", operation_id = "auth_exchange_api_key",
    request_body = ApiKeyExchange,
    responses(
        (status = 200, description = "A token of the key's user", body = ApiKeyGrant),
        (status = 401, description = "The key is unknown, expired or revoked", body = ErrorBody),
    ),
)]
#[post("/token")]
async fn exchange(cx: Unproven, keys: Data<ApiKeys>, body: Body<ApiKeyExchange>) -> Answer {
    answer::ok(&keys.exchange(&cx, &body.api_key).await?)
}

/// My API keys
#[utoipa::path(
    get, path = "/api-keys", tag = "auth", operation_id = "auth_api_keys",
    params(PageParams),
    responses((status = 200, description = "A page of one's own keys, newest first", body = Vec<ApiKeyView>)),
    security(("bearer" = [])),
)]
#[get("/api-keys")]
async fn list_own(caller: Caller, keys: Data<ApiKeys>, list: List<NoFilter>, request: HttpRequest) -> Answer {
    let page = keys.own(&caller, list.page).await?;
    answer::list(&request, page.map(|key| ApiKeyView::from(&key)))
}

/// Makes an API key of one's own
///
/// It is shown once. An `Idempotency-Key` is not read here, so that the key is kept nowhere.
#[utoipa::path(
    post, path = "/api-keys", tag = "auth", operation_id = "auth_make_api_key",
    request_body = NewApiKey,
    responses(
        (status = 201, description = "The key", body = MadeApiKey),
        (status = 403, description = "Keys make no keys, and neither does who acts as somebody else", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/api-keys")]
async fn make_own(caller: Caller, keys: Data<ApiKeys>, body: Body<NewApiKey>) -> Answer {
    answer::created(&keys.make_own(&caller, body.into_inner()).await?)
}

/// Revokes an API key of one's own
///
/// Tokens that it was exchanged for are refused by every process within a second.
#[utoipa::path(
    delete, path = "/api-keys/{key_id}", tag = "auth", operation_id = "auth_revoke_api_key",
    params(("key_id" = Uuid, Path, description = "The key")),
    responses(
        (status = 204, description = "The key is no longer good"),
        (status = 404, description = "No such key of yours", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[delete("/api-keys/{key_id}")]
async fn revoke_own(caller: Caller, keys: Data<ApiKeys>, id: Path<Uuid>) -> Answer {
    keys.revoke_own(&caller, *id).await?;
    answer::no_content()
}

/// The API keys of the firm
#[utoipa::path(
    get, path = "/api-keys", tag = "auth", operation_id = "auth_admin_api_keys",
    params(PageParams),
    responses(
        (status = 200, description = "A page of everybody's keys, newest first", body = Vec<ApiKeyView>),
        (status = 403, description = "Needs the permission api_keys.manage", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/api-keys")]
async fn list_firm(
    caller: Caller,
    keys: Data<ApiKeys>,
    list: List<NoFilter>,
    request: HttpRequest,
) -> Answer {
    let page = keys.of_firm(&caller, list.page).await?;
    answer::list(&request, page.map(|key| ApiKeyView::from(&key)))
}

/// Revokes an API key of anybody in the firm
#[utoipa::path(
    delete, path = "/api-keys/{key_id}", tag = "auth", operation_id = "auth_admin_revoke_api_key",
    params(("key_id" = Uuid, Path, description = "The key")),
    responses(
        (status = 204, description = "The key is no longer good"),
        (status = 403, description = "Needs the permission api_keys.manage", body = ErrorBody),
        (status = 404, description = "No such key in your firm", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[delete("/api-keys/{key_id}")]
async fn revoke_firm(caller: Caller, keys: Data<ApiKeys>, id: Path<Uuid>) -> Answer {
    keys.revoke_of_firm(&caller, *id).await?;
    answer::no_content()
}

/// Makes a service account
///
/// A user who is a program: it cannot log in, and is proven by API keys alone.
#[utoipa::path(
    post, path = "/service-accounts", tag = "auth", operation_id = "auth_admin_make_service_account",
    request_body = NewServiceAccount,
    responses(
        (status = 201, description = "The account", body = UserView),
        (status = 403, description = "Needs the permission api_keys.manage", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/service-accounts")]
async fn make_account(caller: Caller, keys: Data<ApiKeys>, body: Body<NewServiceAccount>) -> Answer {
    let account = keys.make_service_account(&caller, &body).await?;
    answer::created(&UserView::from(&account))
}

/// Makes an API key of a service account
#[utoipa::path(
    post, path = "/service-accounts/{user_id}/api-keys", tag = "auth",
    operation_id = "auth_admin_make_service_api_key",
    params(("user_id" = UserId, Path, description = "The service account")),
    request_body = NewApiKey,
    responses(
        (status = 201, description = "The key", body = MadeApiKey),
        (status = 403, description = "Needs the permission api_keys.manage", body = ErrorBody),
        (status = 404, description = "No such service account in your firm", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/service-accounts/{user_id}/api-keys")]
async fn make_for(caller: Caller, keys: Data<ApiKeys>, id: Path<UserId>, body: Body<NewApiKey>) -> Answer {
    answer::created(&keys.make_for(&caller, *id, body.into_inner()).await?)
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(exchange, list_own, make_own, revoke_own))]
pub(crate) struct Api;

/// The routes below `/api/v1/admin`.
#[derive(OpenApi)]
#[openapi(paths(list_firm, revoke_firm, make_account, make_for))]
pub(crate) struct AdminApi;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(exchange)
        .service(list_own)
        .service(make_own)
        .service(revoke_own);
}

pub(crate) fn configure_admin(config: &mut ServiceConfig) {
    config
        .service(list_firm)
        .service(revoke_firm)
        .service(make_account)
        .service(make_for);
}
