use crate::{
    admin, api_keys, audit, credentials, emails, firms, invitations, keys, legal, lifecycle, mfa, personal,
    roles, sessions, setup, users,
};
use auth_contract::INFO;
use utoipa::{
    OpenApi,
    openapi::{self, InfoBuilder, OpenApiBuilder, path::PathItem},
};

/// Where the routes of log-in stand: one of the sources names the first, another the second.
pub(crate) const AUTH: &str = "/api/auth";
pub(crate) const AUTH_V1: &str = "/api/v1/auth";
pub(crate) const USERS: &str = "/api/v1/users";
pub(crate) const ADMIN: &str = "/api/v1/admin";
pub(crate) const LEGAL: &str = "/api/legal";

/// The description of every route of this group.
pub(crate) fn description() -> openapi::OpenApi {
    let info = InfoBuilder::new()
        .title(INFO.name)
        .version("1")
        .description(Some(INFO.summary))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .build()
        .nest(AUTH, auth())
        .nest(AUTH_V1, under_v1(auth()))
        .nest(USERS, users::routes::UsersApi::openapi())
        .nest(ADMIN, administration())
        .nest(LEGAL, legal::routes::Api::openapi())
}

fn auth() -> openapi::OpenApi {
    let mut api = users::routes::AuthApi::openapi();
    api.merge(sessions::routes::Api::openapi());
    api.merge(emails::routes::Api::openapi());
    api.merge(credentials::routes::Api::openapi());
    api.merge(lifecycle::routes::Api::openapi());
    api.merge(invitations::routes::Api::openapi());
    api.merge(mfa::routes::Api::openapi());
    api.merge(keys::routes::Api::openapi());
    api.merge(roles::routes::Api::openapi());
    api.merge(setup::routes::Api::openapi());
    api.merge(api_keys::routes::Api::openapi());
    api.merge(personal::routes::Api::openapi());
    api
}

fn administration() -> openapi::OpenApi {
    let mut api = audit::routes::Api::openapi();
    api.merge(admin::routes::Api::openapi());
    api.merge(api_keys::routes::AdminApi::openapi());
    api.merge(firms::routes::Api::openapi());
    api.merge(personal::routes::AdminApi::openapi());
    api
}

/// The same routes under the other prefix; an operation id stands only once.
fn under_v1(mut api: openapi::OpenApi) -> openapi::OpenApi {
    for item in api.paths.paths.values_mut() {
        let PathItem {
            get,
            put,
            post,
            delete,
            patch,
            ..
        } = item;
        for operation in [get, put, post, delete, patch].into_iter().flatten() {
            if let Some(id) = &mut operation.operation_id {
                id.push_str("_v1");
            }
        }
    }
    api
}
