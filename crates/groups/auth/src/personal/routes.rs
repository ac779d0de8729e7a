use super::service::{ErasureView, PersonalRecord, PersonalRecords};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::{ErrorBody, UserId};
use utoipa::OpenApi;
use web::{Answer, Caller, Path, answer};

/// Everything that is known about me
///
/// Of all groups, as they keep it; passwords, keys and codes are left out. Fails while a group is away.
#[utoipa::path(
    get, path = "/account/export", tag = "auth", operation_id = "auth_export_account",
    responses(
        (status = 200, description = "What each group knows", body = PersonalRecord),
        (status = 403, description = "Not for API keys, nor for who acts as somebody else", body = ErrorBody),
        (status = 503, description = "A group is away", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/account/export")]
async fn export(caller: Caller, records: Data<PersonalRecords>) -> Answer {
    answer::ok(&records.own(&caller).await?)
}

/// Erases a user
///
/// Suspends them, and takes names, addresses and texts out of every group; figures stay. Cannot be taken back. When a
/// group is away, the answer is 503, and it is done as soon as the group is back.
#[utoipa::path(
    post, path = "/users/{user_id}/erase", tag = "auth", operation_id = "auth_admin_erase_user",
    params(("user_id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "How much was erased", body = ErasureView),
        (status = 403, description = "Needs the permission users.erase", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
        (status = 409, description = "It is your own account", body = ErrorBody),
        (status = 503, description = "A group is away", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/users/{user_id}/erase")]
async fn erase(caller: Caller, records: Data<PersonalRecords>, id: Path<UserId>) -> Answer {
    answer::ok(&records.erase(&caller, *id).await?)
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(export))]
pub(crate) struct Api;

/// The routes below `/api/v1/admin`.
#[derive(OpenApi)]
#[openapi(paths(erase))]
pub(crate) struct AdminApi;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(export);
}

pub(crate) fn configure_admin(config: &mut ServiceConfig) {
    config.service(erase);
}
