mod cookie;

use super::{
    Sessions,
    description::{self, Description},
    models::{Challenge, GivenPassword, GivenRefreshToken, LoggedIn, Place, SessionView, TokenGrant},
};
use crate::{
    AuthFailure,
    mfa::{SecondFactor, TypedCode},
    one_time::GivenCode,
};
use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::header::{CACHE_CONTROL, HeaderValue, USER_AGENT},
    post,
    web::{Data, ServiceConfig},
};
use cookie::Cookie;
use kernel::{Email, ErrorBody, SessionId, Text};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::{Answer, Body, Caller, JsonOrForm, List, PageParams, Path, Unproven, answer};

/// The most characters of a device's name that are kept.
const DEVICE_LENGTH: usize = 200;

/// A log-in as JSON.
#[derive(Debug, Deserialize, ToSchema)]
struct LogIn {
    /// The log-in e-mail.
    email: Email,
    /// The password.
    password: GivenPassword,
    /// Whether the refresh token goes into a cookie that scripts cannot read: for pages in a browser.
    #[serde(default)]
    cookie: bool,
}

/// A log-in as an OAuth2 password form (RFC 6749, section 4.3.2).
#[derive(Debug, Deserialize, ToSchema)]
struct PasswordForm {
    /// The log-in e-mail.
    username: Email,
    /// The password.
    password: GivenPassword,
    /// Always `password`.
    #[serde(default, rename = "grant_type")]
    _grant_type: Option<GrantType>,
    /// Not used.
    #[serde(default, rename = "scope")]
    _scope: Option<Text<0, 500>>,
    /// Not used.
    #[serde(default, rename = "client_id")]
    _client_id: Option<Text<0, 500>>,
    /// Not used.
    #[serde(default, rename = "client_secret")]
    _client_secret: Option<Text<0, 500>>,
}

/// The only grant that this form can ask for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GrantType {
    /// By e-mail and password.
    Password,
}

/// A refresh token to be exchanged.
#[derive(Debug, Deserialize, ToSchema)]
struct RefreshRequest {
    /// As it was handed out; left out where it is in a cookie.
    #[serde(default)]
    refresh_token: Option<GivenRefreshToken>,
}

/// The second step of a log-in: one of the two codes.
#[derive(Debug, Deserialize, ToSchema)]
struct ChallengeAnswer {
    /// What the first step answered.
    mfa_token: GivenCode,
    /// A code of the authenticator app.
    #[serde(default)]
    code: Option<TypedCode>,
    /// A recovery code in its place.
    #[serde(default)]
    recovery_code: Option<TypedCode>,
    /// Whether the refresh token goes into a cookie that scripts cannot read: for pages in a browser.
    #[serde(default)]
    cookie: bool,
}

/// Orders of the list of sessions.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
enum SessionOrder {
    /// Longest unused first.
    #[serde(rename = "expires_at")]
    LongestUnused,
    /// Last used first.
    #[default]
    #[serde(rename = "-expires_at")]
    LastUsed,
}

/// How the list of sessions is sorted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SessionListing {
    /// The order.
    #[param(inline, required = false)]
    sort: Option<SessionOrder>,
}

/// How to log in
///
/// Describes the method and its fields; `POST` to the same path logs in.
#[utoipa::path(
    get, path = "/login", tag = "auth", operation_id = "auth_describe_login",
    responses((status = 200, description = "How to log in", body = Description)),
)]
#[get("/login")]
async fn describe_login() -> Answer {
    answer::ok(&description::of_log_in())
}

/// Logs in
///
/// A wrong e-mail and a wrong password get the same answer.
#[utoipa::path(
    post, path = "/login", tag = "auth", operation_id = "auth_login",
    request_body(content(
        (LogIn = "application/json"),
        (PasswordForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Tokens for the user", body = TokenGrant),
        (status = 202, description = "The user has a second factor: send it to mfa/challenge", body = Challenge),
        (status = 401, description = "Wrong e-mail or password", body = ErrorBody),
        (status = 403, description = "The account is suspended", body = ErrorBody),
        (status = 503, description = "Too many log-ins at once, or the store is away", body = ErrorBody),
    ),
)]
#[post("/login")]
async fn login(
    cx: Unproven,
    sessions: Data<Sessions>,
    request: HttpRequest,
    body: JsonOrForm<LogIn, PasswordForm>,
) -> Answer {
    let (email, password, cookie) = match body {
        JsonOrForm::Json(json) => (json.email, json.password, json.cookie),
        JsonOrForm::Form(form) => (form.username, form.password, false),
    };
    match sessions.log_in(&cx, &email, &password, place(&request)).await? {
        LoggedIn::Granted(grant) => tokens(&request, &sessions, grant, cookie),
        LoggedIn::Challenged(challenge) => {
            let mut answer = answer::accepted(&challenge)?;
            no_store(&mut answer);
            Ok(answer)
        }
    }
}

/// Finishes a log-in with the second factor
///
/// Either a code of the app or a recovery code. Five wrong ones, and the log-in has to begin anew.
#[utoipa::path(
    post, path = "/mfa/challenge", tag = "auth", operation_id = "auth_mfa_challenge",
    request_body = ChallengeAnswer,
    responses(
        (status = 200, description = "Tokens for the user", body = TokenGrant),
        (status = 401, description = "The log-in was not begun, or too long ago", body = ErrorBody),
        (status = 403, description = "The code is not right, or the account is suspended", body = ErrorBody),
    ),
)]
#[post("/mfa/challenge")]
async fn finish_login(
    cx: Unproven,
    sessions: Data<Sessions>,
    request: HttpRequest,
    body: Body<ChallengeAnswer>,
) -> Answer {
    let given = SecondFactor::of(body.code.as_ref(), body.recovery_code.as_ref());
    let grant = sessions.finish(&cx, &body.mfa_token, given).await?;
    tokens(&request, &sessions, grant, body.cookie)
}

/// Exchanges a refresh token for new tokens
///
/// A refresh token is good once. Of several that try at the same time one wins and the others get 409; a token that
/// comes back later than ten seconds after its exchange ends the session and every token of it. Where the token is in a
/// cookie it is left out here, and the header `X-CSRF` is sent with any value.
#[utoipa::path(
    post, path = "/refresh", tag = "auth", operation_id = "auth_refresh",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "The next tokens", body = TokenGrant),
        (status = 401, description = "The refresh token is no longer good", body = ErrorBody),
        (status = 403, description = "The cookie came without the header X-CSRF", body = ErrorBody),
        (status = 409, description = "The token was exchanged a moment ago", body = ErrorBody),
    ),
)]
#[post("/refresh")]
async fn refresh(
    cx: Unproven,
    sessions: Data<Sessions>,
    request: HttpRequest,
    body: Body<RefreshRequest>,
) -> Answer {
    if let Some(given) = &body.refresh_token {
        let grant = sessions.refresh(&cx, given).await?;
        return tokens(&request, &sessions, grant, false);
    }
    let cookie = cookie_for(&request, &sessions);
    let given = match cookie.token_of(&request) {
        Some(given) => given,
        None if cookie.is_sent(&request) => return Err(AuthFailure::CsrfHeaderMissing.into()),
        None => return Err(AuthFailure::NoRefreshToken.into()),
    };
    let grant = sessions.refresh(&cx, &given).await?;
    tokens(&request, &sessions, grant, true)
}

/// Logs out
///
/// Ends the session that asks: its access tokens and refresh tokens are refused from then on.
#[utoipa::path(
    post, path = "/logout", tag = "auth", operation_id = "auth_logout",
    responses((status = 204, description = "The session is over")),
    security(("bearer" = [])),
)]
#[post("/logout")]
async fn logout(caller: Caller, sessions: Data<Sessions>, request: HttpRequest) -> Answer {
    sessions.log_out(&caller).await?;
    let mut answer = answer::no_content()?;
    let cookie = cookie_for(&request, &sessions);
    if cookie.is_sent(&request) {
        cookie.clear(&mut answer);
    }
    Ok(answer)
}

/// My sessions
#[utoipa::path(
    get, path = "/sessions", tag = "auth", operation_id = "auth_sessions",
    params(SessionListing, PageParams),
    responses((status = 200, description = "A page of one's own sessions", body = Vec<SessionView>)),
    security(("bearer" = [])),
)]
#[get("/sessions")]
async fn list(
    caller: Caller,
    sessions: Data<Sessions>,
    list: List<SessionListing>,
    request: HttpRequest,
) -> Answer {
    let descending = matches!(list.filter.sort.unwrap_or_default(), SessionOrder::LastUsed);
    let page = sessions.list(&caller, list.page, descending).await?;
    answer::list(
        &request,
        page.map(|session| SessionView::of(&session, caller.user.session)),
    )
}

/// Ends one of my sessions
#[utoipa::path(
    delete, path = "/sessions/{session_id}", tag = "auth", operation_id = "auth_revoke_session",
    params(("session_id" = SessionId, Path, description = "The session")),
    responses(
        (status = 204, description = "The session is over"),
        (status = 404, description = "No such session of yours", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[delete("/sessions/{session_id}")]
async fn revoke(caller: Caller, sessions: Data<Sessions>, id: Path<SessionId>) -> Answer {
    sessions.revoke(&caller, *id).await?;
    answer::no_content()
}

/// Ends all of my sessions
///
/// The one that asks as well.
#[utoipa::path(
    delete, path = "/sessions", tag = "auth", operation_id = "auth_revoke_sessions",
    responses((status = 204, description = "All sessions are over")),
    security(("bearer" = [])),
)]
#[delete("/sessions")]
async fn revoke_all(caller: Caller, sessions: Data<Sessions>) -> Answer {
    sessions.revoke_all(&caller).await?;
    answer::no_content()
}

/// The routes below `/api/auth`.
#[derive(OpenApi)]
#[openapi(paths(
    describe_login,
    login,
    finish_login,
    refresh,
    logout,
    list,
    revoke,
    revoke_all
))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(describe_login)
        .service(login)
        .service(finish_login)
        .service(refresh)
        .service(logout)
        .service(list)
        .service(revoke)
        .service(revoke_all);
}

/// Tokens are answered so that no cache keeps them (RFC 6749, section 5.1).
fn tokens(request: &HttpRequest, sessions: &Sessions, mut grant: TokenGrant, in_cookie: bool) -> Answer {
    let hidden = if in_cookie {
        grant.refresh_token.take()
    } else {
        None
    };
    let mut answer = answer::ok(&grant)?;
    no_store(&mut answer);
    if let Some(token) = hidden {
        let (life, _) = sessions.cookie_policy();
        cookie_for(request, sessions).set(&mut answer, &token, life);
    }
    Ok(answer)
}

/// The cookie as it fits this request.
fn cookie_for(request: &HttpRequest, sessions: &Sessions) -> Cookie {
    let (_, secure) = sessions.cookie_policy();
    Cookie::of(request, secure)
}

/// What holds a secret is kept by no cache.
pub(crate) fn no_store(answer: &mut HttpResponse) {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Where a log-in comes from.
fn place(request: &HttpRequest) -> Place {
    Place {
        device: device(request),
        address: web::hop_of(request).map(|hop| hop.client.to_string()),
    }
}

/// What the browser or program calls itself.
fn device(request: &HttpRequest) -> Option<String> {
    let name = request.headers().get(USER_AGENT)?.to_str().ok()?;
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(DEVICE_LENGTH)
        .collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
