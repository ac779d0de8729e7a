use super::{
    Accounts,
    models::{MeView, NewPassword, NewUser, PersonName, UserView},
};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::{Email, ErrorBody, Role, UserId};
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, Path, Unproven, answer};

/// The roles that somebody may ask for. An administrator gives the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RegistrationRole {
    /// Has a book of clients.
    Advisor,
    /// Sees their own data.
    Client,
}

/// Somebody who wants to be let in.
#[derive(Debug, Deserialize, ToSchema)]
struct Registration {
    /// The log-in e-mail; unique in the installation, upper and lower case being the same.
    email: Email,
    /// The password: 8 to 128 characters.
    password: NewPassword,
    /// The name as they write it.
    name: PersonName,
    /// In which role.
    role: RegistrationRole,
}

impl From<Registration> for NewUser {
    fn from(registration: Registration) -> Self {
        Self {
            email: registration.email,
            password: registration.password,
            name: registration.name,
            role: match registration.role {
                RegistrationRole::Advisor => Role::Advisor,
                RegistrationRole::Client => Role::Client,
            },
        }
    }
}

/// Registers a user
///
/// Open to anybody, in the roles that the installation opens: advisor and client in development. Where the e-mail is
/// taken the answer is the same, nobody is made, and the one who has the address is told by mail. An `Idempotency-Key`
/// is not read here, so that nothing derived from a password is kept.
#[utoipa::path(
    post, path = "/register", tag = "auth", operation_id = "auth_register",
    request_body = Registration,
    responses(
        (status = 201, description = "The user, who can log in now, and is mailed a code that confirms the address; or what looks like one, where the e-mail is taken", body = UserView),
        (status = 403, description = "Registration in this role is closed", body = ErrorBody),
        (status = 503, description = "Too many passwords at once, or the store is away", body = ErrorBody),
    ),
)]
#[post("/register")]
async fn register(cx: Unproven, accounts: Data<Accounts>, body: Body<Registration>) -> Answer {
    let user = accounts.register(&cx, body.into_inner().into()).await?;
    answer::created(&UserView::from(&user))
}

/// Who is logged in
///
/// Says too when it is an administrator who acts as the user, and what the log-in is kept from.
#[utoipa::path(
    get, path = "/me", tag = "auth", operation_id = "auth_me",
    responses((status = 200, description = "The user who asks", body = MeView)),
    security(("bearer" = [])),
)]
#[get("/me")]
async fn get_me(caller: Caller, accounts: Data<Accounts>) -> Answer {
    let user = accounts.me(&caller).await?;
    answer::with_etag(user.version, &MeView::of(&user, &caller))
}

/// A user
///
/// Everybody sees themselves; admin and compliance see every user of their firm; to others the user does not exist.
#[utoipa::path(
    get, path = "/{user_id}", tag = "auth", operation_id = "auth_user",
    params(("user_id" = UserId, Path, description = "The user")),
    responses(
        (status = 200, description = "The user", body = UserView),
        (status = 404, description = "No such user, or none that you may see", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/{user_id}")]
async fn get_user(caller: Caller, accounts: Data<Accounts>, id: Path<UserId>) -> Answer {
    let user = accounts.profile(&caller, *id).await?;
    answer::with_etag(user.version, &UserView::from(&user))
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(register, get_me))]
pub(crate) struct AuthApi;

/// The routes below `/api/v1/users`.
#[derive(OpenApi)]
#[openapi(paths(get_user))]
pub(crate) struct UsersApi;

pub(crate) fn configure_auth(config: &mut ServiceConfig) {
    config.service(register).service(get_me);
}

pub(crate) fn configure_users(config: &mut ServiceConfig) {
    config.service(get_user);
}
