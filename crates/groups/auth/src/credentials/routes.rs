use super::Credentials;
use crate::{one_time::GivenCode, step_up::Proof, users::NewPassword};
use actix_web::{
    HttpResponse, post,
    web::{Data, ServiceConfig},
};
use kernel::{Email, ErrorBody};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, Unproven, answer};

/// Somebody who has forgotten their password.
#[derive(Debug, Deserialize, ToSchema)]
struct PasswordForgotten {
    /// The log-in e-mail.
    email: Email,
}

/// A new password, proven by a mailed code.
#[derive(Debug, Deserialize, ToSchema)]
struct PasswordReset {
    /// As it stands in the mail.
    token: GivenCode,
    /// The new password: 8 to 128 characters.
    new_password: NewPassword,
}

/// A new password, proven by the old one.
#[derive(Debug, Deserialize, ToSchema)]
struct PasswordChange {
    /// The new password: 8 to 128 characters.
    new_password: NewPassword,
    /// What proves that it is really you.
    proof: Proof,
}

/// Mails a code for a new password
///
/// The answer is the same whether or not there is an account with this e-mail.
#[utoipa::path(
    post, path = "/password/forgot", tag = "auth", operation_id = "auth_password_forgot",
    request_body = PasswordForgotten,
    responses((status = 202, description = "If there is an account, a mail is on its way")),
)]
#[post("/password/forgot")]
async fn forgot(cx: Unproven, credentials: Data<Credentials>, body: Body<PasswordForgotten>) -> Answer {
    credentials.forgot(&cx, &body.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Sets a new password with a mailed code
///
/// Ends every session of the account. The code is good once and for half an hour.
#[utoipa::path(
    post, path = "/password/reset", tag = "auth", operation_id = "auth_password_reset",
    request_body = PasswordReset,
    responses(
        (status = 204, description = "The password is set: log in with it"),
        (status = 503, description = "Too many passwords at once, or the store is away", body = ErrorBody),
    ),
)]
#[post("/password/reset")]
async fn reset(cx: Unproven, credentials: Data<Credentials>, body: Body<PasswordReset>) -> Answer {
    credentials.reset(&cx, &body.token, &body.new_password).await?;
    answer::no_content()
}

/// Changes my password
///
/// The session that asks goes on; all others end.
#[utoipa::path(
    post, path = "/password/change", tag = "auth", operation_id = "auth_password_change",
    request_body = PasswordChange,
    responses(
        (status = 204, description = "The password is changed"),
        (status = 403, description = "The proof is not right", body = ErrorBody),
        (status = 503, description = "Too many passwords at once, or the store is away", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/password/change")]
async fn change(caller: Caller, credentials: Data<Credentials>, body: Body<PasswordChange>) -> Answer {
    credentials
        .change(&caller, &body.proof, &body.new_password)
        .await?;
    answer::no_content()
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(forgot, reset, change))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(forgot).service(reset).service(change);
}
