use super::{
    Setup,
    models::{SetupRequest, SetupState},
};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use auth_contract::UserSummary;
use kernel::{ErrorBody, Text};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use web::{Answer, Body, Query, Unproven, answer};

/// What a set-up link carries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LinkQuery {
    /// The token, which is sent back with `POST`.
    #[param(inline, required = false)]
    #[serde(rename = "token")]
    _token: Option<Text<1, 200>>,
}

/// Whether this installation waits for its first administrator
///
/// Where the printed set-up link leads: says what to do. `POST` to the same path does it.
#[utoipa::path(
    get, path = "/setup", tag = "auth", operation_id = "auth_describe_setup",
    params(LinkQuery),
    responses((status = 200, description = "What to do", body = SetupState)),
)]
#[get("/setup")]
async fn describe(_cx: Unproven, setup: Data<Setup>, _link: Query<LinkQuery>) -> Answer {
    answer::ok(&setup.state().await?)
}

/// Makes the first administrator
///
/// With the token of a set-up link, which is good once and for a day.
#[utoipa::path(
    post, path = "/setup", tag = "auth", operation_id = "auth_setup",
    request_body = SetupRequest,
    responses(
        (status = 201, description = "The administrator, who can log in now", body = UserSummary),
        (status = 401, description = "The token is unknown, used up or expired", body = ErrorBody),
        (status = 409, description = "The e-mail is taken", body = ErrorBody),
    ),
)]
#[post("/setup")]
async fn take(_cx: Unproven, setup: Data<Setup>, body: Body<SetupRequest>) -> Answer {
    answer::created(&setup.take(body.into_inner()).await?)
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(describe, take))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(describe).service(take);
}
