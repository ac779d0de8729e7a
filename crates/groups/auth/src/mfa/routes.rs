use super::{
    Mfa,
    models::{EnrolmentView, RecoveryCodesView, StatusView, TypedCode},
};
use crate::step_up::Proof;
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::ErrorBody;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, answer};

/// Something that needs more than being logged in.
#[derive(Debug, Deserialize, ToSchema)]
struct ProvenRequest {
    /// What proves that it is really you.
    proof: Proof,
}

/// The first code of a new secret.
#[derive(Debug, Deserialize, ToSchema)]
struct MfaConfirmation {
    /// The six digits that the app shows.
    code: TypedCode,
}

/// Whether my log-ins ask for a second factor
#[utoipa::path(
    get, path = "/mfa", tag = "auth", operation_id = "auth_mfa",
    responses((status = 200, description = "How it stands", body = StatusView)),
    security(("bearer" = [])),
)]
#[get("/mfa")]
async fn status(caller: Caller, mfa: Data<Mfa>) -> Answer {
    answer::ok(&mfa.status(&caller).await?)
}

/// Makes a secret for an authenticator app
///
/// It counts once `confirm` was sent a code of it. The secret is shown this once.
#[utoipa::path(
    post, path = "/mfa/enroll", tag = "auth", operation_id = "auth_mfa_enroll",
    request_body = ProvenRequest,
    responses(
        (status = 200, description = "The secret", body = EnrolmentView),
        (status = 403, description = "The proof is not right", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/mfa/enroll")]
async fn enrol(caller: Caller, mfa: Data<Mfa>, body: Body<ProvenRequest>) -> Answer {
    secret(&mfa.enrol(&caller, &body.proof).await?)
}

/// Turns the second factor on
///
/// Answers ten recovery codes, each good once in place of a code of the app. They are shown this once.
#[utoipa::path(
    post, path = "/mfa/confirm", tag = "auth", operation_id = "auth_mfa_confirm",
    request_body = MfaConfirmation,
    responses(
        (status = 200, description = "Recovery codes", body = RecoveryCodesView),
        (status = 403, description = "The code is not right", body = ErrorBody),
        (status = 409, description = "Nothing is enrolled", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/mfa/confirm")]
async fn confirm(caller: Caller, mfa: Data<Mfa>, body: Body<MfaConfirmation>) -> Answer {
    secret(&mfa.confirm(&caller, &body.code).await?)
}

/// Makes new recovery codes
///
/// The ones before are no good any more.
#[utoipa::path(
    post, path = "/mfa/recovery-codes", tag = "auth", operation_id = "auth_mfa_recovery_codes",
    request_body = ProvenRequest,
    responses(
        (status = 200, description = "Recovery codes", body = RecoveryCodesView),
        (status = 403, description = "The proof is not right", body = ErrorBody),
        (status = 409, description = "The second factor is off", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/mfa/recovery-codes")]
async fn renew(caller: Caller, mfa: Data<Mfa>, body: Body<ProvenRequest>) -> Answer {
    secret(&mfa.renew(&caller, &body.proof).await?)
}

/// Turns the second factor off
#[utoipa::path(
    post, path = "/mfa/disable", tag = "auth", operation_id = "auth_mfa_disable",
    request_body = ProvenRequest,
    responses(
        (status = 204, description = "It is off"),
        (status = 403, description = "The proof is not right", body = ErrorBody),
        (status = 409, description = "It is off already", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/mfa/disable")]
async fn turn_off(caller: Caller, mfa: Data<Mfa>, body: Body<ProvenRequest>) -> Answer {
    mfa.turn_off(&caller, &body.proof).await?;
    answer::no_content()
}

/// Answered so that no cache keeps it.
fn secret<T: serde::Serialize>(body: &T) -> Answer {
    let mut answer = answer::ok(body)?;
    crate::sessions::no_store(&mut answer);
    Ok(answer)
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(status, enrol, confirm, renew, turn_off))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(status)
        .service(enrol)
        .service(confirm)
        .service(renew)
        .service(turn_off);
}
