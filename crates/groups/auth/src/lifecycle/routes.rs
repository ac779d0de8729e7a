use super::Lifecycle;
use crate::{
    one_time::GivenCode,
    step_up::Proof,
    users::{PersonName, UserView},
};
use actix_web::{
    patch, post,
    web::{Data, ServiceConfig},
};
use kernel::ErrorBody;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Unproven, answer};

/// A changed profile.
#[derive(Debug, Deserialize, ToSchema)]
struct ProfileChange {
    /// The name as you write it.
    name: PersonName,
}

/// The end of an account.
#[derive(Debug, Deserialize, ToSchema)]
struct AccountDeletion {
    /// What proves that it is really you.
    proof: Proof,
}

/// The deletion taken back.
#[derive(Debug, Deserialize, ToSchema)]
struct AccountRestoration {
    /// As it stands in the mail.
    token: GivenCode,
}

/// Changes my profile
#[utoipa::path(
    patch, path = "/me", tag = "auth", operation_id = "auth_change_me",
    params(IfMatchParam),
    request_body = ProfileChange,
    responses((status = 200, description = "The changed profile", body = UserView)),
    security(("bearer" = [])),
)]
#[patch("/me")]
async fn change(
    caller: Caller,
    expected: IfMatch,
    lifecycle: Data<Lifecycle>,
    body: Body<ProfileChange>,
) -> Answer {
    let user = lifecycle.rename(&caller, expected.0, &body.name).await?;
    answer::with_etag(user.version, &UserView::from(&user))
}

/// Deletes my account
///
/// Every session ends. A code that takes it back within thirty days is mailed; after that the account is erased. The last
/// administrator of a firm cannot go.
#[utoipa::path(
    post, path = "/account/delete", tag = "auth", operation_id = "auth_delete_account",
    request_body = AccountDeletion,
    responses(
        (status = 204, description = "The account is deleted"),
        (status = 403, description = "The proof is not right", body = ErrorBody),
        (status = 409, description = "You are the last administrator", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/account/delete")]
async fn delete(caller: Caller, lifecycle: Data<Lifecycle>, body: Body<AccountDeletion>) -> Answer {
    lifecycle.delete(&caller, &body.proof).await?;
    answer::no_content()
}

/// Erases my account
///
/// As deletion, and takes your name, address and texts out of every group; figures stay. Cannot be taken
/// back. Begins within minutes, when no token of yours is good any more.
#[utoipa::path(
    post, path = "/account/erase", tag = "auth", operation_id = "auth_erase_account",
    request_body = AccountDeletion,
    responses(
        (status = 204, description = "The account is gone, and is being erased"),
        (status = 403, description = "The proof is not right", body = ErrorBody),
        (status = 409, description = "You are the last administrator", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/account/erase")]
async fn erase(caller: Caller, lifecycle: Data<Lifecycle>, body: Body<AccountDeletion>) -> Answer {
    lifecycle.erase(&caller, &body.proof).await?;
    answer::no_content()
}

/// Takes the deletion of an account back
#[utoipa::path(
    post, path = "/account/restore", tag = "auth", operation_id = "auth_restore_account",
    request_body = AccountRestoration,
    responses(
        (status = 204, description = "The account is back: log in as before"),
        (status = 409, description = "Somebody else has the e-mail by now", body = ErrorBody),
    ),
)]
#[post("/account/restore")]
async fn restore(cx: Unproven, lifecycle: Data<Lifecycle>, body: Body<AccountRestoration>) -> Answer {
    lifecycle.restore(&cx, &body.token).await?;
    answer::no_content()
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(change, delete, erase, restore))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(change)
        .service(delete)
        .service(erase)
        .service(restore);
}
