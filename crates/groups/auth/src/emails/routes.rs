use super::Emails;
use crate::{one_time::GivenCode, step_up::Proof};
use actix_web::{
    HttpResponse, post,
    web::{Data, ServiceConfig},
};
use kernel::{Email, ErrorBody};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, Unproven, answer};

/// A code out of a mail.
#[derive(Debug, Deserialize, ToSchema)]
struct EmailCode {
    /// As it stands in the mail.
    token: GivenCode,
}

/// Another log-in e-mail.
#[derive(Debug, Deserialize, ToSchema)]
struct EmailChange {
    /// The address.
    email: Email,
    /// What proves that it is really you.
    proof: Proof,
}

/// Mails a code that confirms my e-mail
///
/// The codes before are no good any more. Once a minute at most, and five times an hour.
#[utoipa::path(
    post, path = "/email/send", tag = "auth", operation_id = "auth_email_send",
    responses(
        (status = 202, description = "The mail is on its way"),
        (status = 409, description = "The address is confirmed already", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/email/send")]
async fn send(caller: Caller, emails: Data<Emails>) -> Answer {
    emails.send(&caller).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Confirms an e-mail with a mailed code
///
/// Also the new address after `email/change`. The code is the proof: no log-in is needed. Rights that wait for it come
/// with the next refresh.
#[utoipa::path(
    post, path = "/email/verify", tag = "auth", operation_id = "auth_email_verify",
    request_body = EmailCode,
    responses(
        (status = 204, description = "The address is confirmed"),
        (status = 409, description = "Somebody else has the address by now", body = ErrorBody),
    ),
)]
#[post("/email/verify")]
async fn verify(cx: Unproven, emails: Data<Emails>, body: Body<EmailCode>) -> Answer {
    emails.verify(&cx, &body.token).await?;
    answer::no_content()
}

/// Asks for another log-in e-mail
///
/// A code is mailed to the new address, unless somebody has it, which is not said; the change happens when the code
/// comes back to `email/verify`. The old address is told then.
#[utoipa::path(
    post, path = "/email/change", tag = "auth", operation_id = "auth_email_change",
    request_body = EmailChange,
    responses(
        (status = 202, description = "The mail is on its way"),
        (status = 403, description = "The proof is not right", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/email/change")]
async fn change(caller: Caller, emails: Data<Emails>, body: Body<EmailChange>) -> Answer {
    emails.change(&caller, &body.email, &body.proof).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(send, verify, change))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(send).service(verify).service(change);
}
