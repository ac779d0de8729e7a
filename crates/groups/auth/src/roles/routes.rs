use super::{
    Roles,
    models::{Assignment, NewAssignment, PermissionView, RoleView},
    permission::{Permission, ROLES},
};
use actix_web::{
    HttpRequest, get, put,
    web::{Data, ServiceConfig},
};
use kernel::{ErrorBody, Role, UserId};
use serde::Deserialize;
use store::Sort;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{Answer, Body, Caller, List, PageParams, Path, answer};

/// Orders of the list of assignments.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
enum AssignmentOrder {
    /// Oldest user first.
    #[default]
    #[serde(rename = "created_at")]
    OldestFirst,
    /// Newest user first.
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// What the list of assignments is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AssignmentFilter {
    /// Only users in this role.
    #[param(inline, required = false)]
    role: Option<Role>,
    /// The order.
    #[param(inline, required = false)]
    sort: Option<AssignmentOrder>,
}

/// Every role
#[utoipa::path(
    get, path = "/rbac/roles", tag = "auth", operation_id = "auth_roles",
    responses((status = 200, description = "The roles and what each allows", body = Vec<RoleView>)),
    security(("bearer" = [])),
)]
#[get("/rbac/roles")]
async fn list_roles(_caller: Caller) -> Answer {
    answer::ok(&ROLES.map(RoleView::from))
}

/// Every permission
#[utoipa::path(
    get, path = "/rbac/permissions", tag = "auth", operation_id = "auth_permissions",
    responses((status = 200, description = "What may be allowed", body = Vec<PermissionView>)),
    security(("bearer" = [])),
)]
#[get("/rbac/permissions")]
async fn list_permissions(_caller: Caller) -> Answer {
    answer::ok(&Permission::ALL.map(PermissionView::from))
}

/// Who has which role
#[utoipa::path(
    get, path = "/rbac/assignments", tag = "auth", operation_id = "auth_assignments",
    params(AssignmentFilter, PageParams),
    responses(
        (status = 200, description = "A page of the users of the firm with their roles", body = Vec<Assignment>),
        (status = 403, description = "Needs the permission roles.read", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/rbac/assignments")]
async fn list_assignments(
    caller: Caller,
    roles: Data<Roles>,
    list: List<AssignmentFilter>,
    request: HttpRequest,
) -> Answer {
    let sort = match list.filter.sort.unwrap_or_default() {
        AssignmentOrder::OldestFirst => Sort::ascending("created_at"),
        AssignmentOrder::NewestFirst => Sort::descending("created_at"),
    };
    let page = roles
        .assignments(&caller, list.filter.role, list.page, sort)
        .await?;
    answer::list(&request, page.map(|user| Assignment::from(&user)))
}

/// Gives a user another role
///
/// Access tokens of the old role are refused from then on; a refresh brings one of the new role. Nobody changes their
/// own role.
#[utoipa::path(
    put, path = "/rbac/assignments/{user_id}", tag = "auth", operation_id = "auth_assign_role",
    params(("user_id" = UserId, Path, description = "The user")),
    request_body = NewAssignment,
    responses(
        (status = 200, description = "The role that the user has now", body = Assignment),
        (status = 403, description = "Needs the permission roles.assign", body = ErrorBody),
        (status = 404, description = "No such user in your firm", body = ErrorBody),
        (status = 409, description = "It is your own role", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[put("/rbac/assignments/{user_id}")]
async fn assign_role(
    caller: Caller,
    roles: Data<Roles>,
    id: Path<UserId>,
    body: Body<NewAssignment>,
) -> Answer {
    let user = roles.assign(&caller, *id, body.role).await?;
    answer::ok(&Assignment::from(&user))
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(list_roles, list_permissions, list_assignments, assign_role))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_roles)
        .service(list_permissions)
        .service(list_assignments)
        .service(assign_role);
}
