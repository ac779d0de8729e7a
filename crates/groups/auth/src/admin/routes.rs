use super::{
    Administration,
    models::{ImpersonationGrant, ImpersonationRequest},
    service::UserSearch,
};
use crate::{step_up::Proof, users::UserView};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use auth_contract::UserStatus;
use kernel::{Email, ErrorBody, Role, UserId};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{Answer, Body, Caller, List, PageParams, Path, answer};

/// Orders of the list of users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
enum UserOrder {
    /// Oldest first.
    #[default]
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// What the list of users is narrowed to: by e-mail, or by role and status.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserFilter {
    /// Only who logs in with this e-mail.
    #[param(inline, required = false)]
    email: Option<Email>,
    /// Only users in this role.
    #[param(inline, required = false)]
    role: Option<Role>,
    /// Only users in this state.
    #[param(inline, required = false)]
    status: Option<UserStatus>,
    /// The order.
    #[param(inline, required = false)]
    sort: Option<UserOrder>,
}

/// The users of the firm
#[utoipa::path(
    get, path = "/users", tag = "auth", operation_id = "auth_admin_users",
    params(UserFilter, PageParams),
    responses(
        (status = 200, description = "A page of the users", body = Vec<UserView>),
        (status = 403, description = "Needs the permission users.read", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/users")]
async fn list_users(
    caller: Caller,
    administration: Data<Administration>,
    list: List<UserFilter>,
    request: HttpRequest,
) -> Answer {
    let search = UserSearch {
        email: list.filter.email.map(|email| email.folded()),
        role: list.filter.role,
        status: list.filter.status,
        newest_first: list.filter.sort == Some(UserOrder::NewestFirst),
    };
    let page = administration.users(&caller, &search, list.page).await?;
    answer::list(&request, page.map(|user| UserView::from(&user)))
}

/// Keeps a user out
///
/// Their sessions end, and whatever tokens they hold are refused by every process within a second. Nobody suspends
/// themselves.
#[utoipa::path(
    post, path = "/users/{user_id}/suspend", tag = "auth", operation_id = "auth_admin_suspend_user",
    params(("user_id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "The user, suspended", body = UserView),
        (status = 403, description = "Needs the permission users.suspend", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
        (status = 409, description = "It is your own account", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/users/{user_id}/suspend")]
async fn suspend(caller: Caller, administration: Data<Administration>, id: Path<UserId>) -> Answer {
    let user = administration.suspend(&caller, *id).await?;
    answer::with_etag(user.version, &UserView::from(&user))
}

/// Lets a suspended user in again
#[utoipa::path(
    post, path = "/users/{user_id}/restore", tag = "auth", operation_id = "auth_admin_restore_user",
    params(("user_id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "The user, who may log in again", body = UserView),
        (status = 403, description = "Needs the permission users.suspend", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
        (status = 409, description = "It is your own account", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/users/{user_id}/restore")]
async fn restore(caller: Caller, administration: Data<Administration>, id: Path<UserId>) -> Answer {
    let user = administration.restore(&caller, *id).await?;
    answer::with_etag(user.version, &UserView::from(&user))
}

/// What proves that it is really the administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AdminProof)]
struct ProofRequest {
    /// Your own password, and a code where you have a second factor.
    proof: Proof,
}

/// Takes the second factor of a user away
///
/// For a user who has lost the phone and the recovery codes: make sure that it is they who ask. Their sessions end, they
/// are told by mail, and log in with their password alone. Nobody does this to themselves.
#[utoipa::path(
    post, path = "/users/{user_id}/mfa/reset", tag = "auth", operation_id = "auth_admin_reset_mfa",
    params(("user_id" = UserId, Path, description = "The user")),
    request_body = ProofRequest,
    responses(
        (status = 204, description = "The user has no second factor any more"),
        (status = 403, description = "Needs the permission mfa.reset, or the proof is not right", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
        (status = 409, description = "It is your own account, or the user has no second factor", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/users/{user_id}/mfa/reset")]
async fn reset_mfa(
    caller: Caller,
    administration: Data<Administration>,
    id: Path<UserId>,
    body: Body<ProofRequest>,
) -> Answer {
    administration.reset_mfa(&caller, *id, &body.proof).await?;
    answer::no_content()
}

/// Logs a user out everywhere
///
/// They may log in again; their API keys go on.
#[utoipa::path(
    post, path = "/users/{user_id}/logout", tag = "auth", operation_id = "auth_admin_log_out_user",
    params(("user_id" = UserId, Path, description = "The user")),
    responses(
        (status = 204, description = "Every session of the user is over"),
        (status = 403, description = "Needs the permission sessions.revoke", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/users/{user_id}/logout")]
async fn log_out(caller: Caller, administration: Data<Administration>, id: Path<UserId>) -> Answer {
    administration.force_out(&caller, *id).await?;
    answer::no_content()
}

/// Acts as a user
///
/// For as long as one access token lives. Every answer then carries `X-Impersonated-By`, the token the claim `act`, and
/// every record both names. Not as another administrator.
#[utoipa::path(
    post, path = "/users/{user_id}/impersonate", tag = "auth", operation_id = "auth_admin_impersonate_user",
    params(("user_id" = UserId, Path, description = "The user")),
    request_body = ImpersonationRequest,
    responses(
        (status = 200, description = "A token of the user, marked", body = ImpersonationGrant),
        (status = 403, description = "Needs the permission users.impersonate", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
        (status = 409, description = "An administrator, or somebody who cannot log in", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/users/{user_id}/impersonate")]
async fn impersonate(
    caller: Caller,
    administration: Data<Administration>,
    id: Path<UserId>,
    body: Body<ImpersonationRequest>,
) -> Answer {
    answer::ok(&administration.impersonate(&caller, *id, &body.reason).await?)
}

/// The routes below `/api/v1/admin`.
#[derive(OpenApi)]
#[openapi(paths(list_users, suspend, restore, reset_mfa, log_out, impersonate))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_users)
        .service(suspend)
        .service(restore)
        .service(reset_mfa)
        .service(log_out)
        .service(impersonate);
}
