use crate::{
    catalogue::Platform,
    credentials::{ApiKey, ShopDomain},
    models::{Description, Entry, Status},
    service::Integrations,
};
use actix_web::{
    get, post,
    web::{Data, ServiceConfig},
};
use kernel::ErrorBody;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Body, Caller, Context, Key, KeyParam, answer};

/// The credentials of Triple Whale.
#[derive(Debug, Deserialize, ToSchema)]
struct TripleWhaleCredentials {
    /// An API key, made in Triple Whale under Settings, API Keys.
    api_key: ApiKey,
    /// The shop whose data is meant. It is kept as it is given: Triple Whale checks the key alone.
    shop_domain: ShopDomain,
}

/// The catalogue of outside platforms
///
/// Each with what is needed to connect it, whether it can be connected in this version, and where the caller stands.
#[utoipa::path(
    get, path = "/api/integrations", tag = "integrations", operation_id = "integrations_catalogue",
    responses((status = 200, description = "Every platform", body = Vec<Entry>)),
    security(("bearer" = [])),
)]
#[get("/api/integrations")]
async fn list_platforms(caller: Caller, integrations: Data<Integrations>) -> Answer {
    let statuses = integrations.statuses(&caller).await?;
    let entries: Vec<_> = statuses.iter().map(Entry::of).collect();
    answer::ok(&entries)
}

/// How to connect Triple Whale
///
/// Describes the method and its fields; `POST` to the same path connects. Without an access token the state is
/// `unknown`.
#[utoipa::path(
    get, path = "/api/integrations/triplewhale/connect", tag = "integrations",
    operation_id = "integrations_describe_triplewhale",
    responses((status = 200, description = "How to connect", body = Description)),
    security((), ("bearer" = [])),
)]
#[get("/api/integrations/triplewhale/connect")]
async fn describe_triplewhale(cx: Context, integrations: Data<Integrations>) -> Answer {
    let status = integrations.status(&cx, Platform::TripleWhale).await?;
    answer::ok(&Description::of(&status))
}

/// Connects Triple Whale
///
/// The key is checked with Triple Whale first and kept encrypted; connecting again replaces it. Nothing is changed
/// unless Triple Whale accepts it.
#[utoipa::path(
    post, path = "/api/integrations/triplewhale/connect", tag = "integrations",
    operation_id = "integrations_connect_triplewhale",
    params(KeyParam), request_body = TripleWhaleCredentials,
    responses(
        (status = 200, description = "Connected", body = Status),
        (status = 403, description = "The role or the state of the account does not allow it", body = ErrorBody),
        (status = 422, description = "A field is wrong, or Triple Whale does not accept the key", body = ErrorBody),
        (status = 424, description = "Triple Whale cannot be asked, or not in time; nothing was changed", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/api/integrations/triplewhale/connect")]
async fn connect_triplewhale(
    caller: Caller,
    key: Key,
    integrations: Data<Integrations>,
    body: Body<TripleWhaleCredentials>,
) -> Answer {
    let status = integrations
        .connect_triplewhale(&caller, &key, &body.api_key, &body.shop_domain)
        .await?;
    answer::ok(&status)
}

/// How the caller stands with Triple Whale
#[utoipa::path(
    get, path = "/api/integrations/triplewhale/status", tag = "integrations",
    operation_id = "integrations_triplewhale_status",
    responses((status = 200, description = "The state of one's own connection", body = Status)),
    security(("bearer" = [])),
)]
#[get("/api/integrations/triplewhale/status")]
async fn triplewhale_status(caller: Caller, integrations: Data<Integrations>) -> Answer {
    answer::ok(&integrations.status(&caller, Platform::TripleWhale).await?)
}

/// Disconnects Triple Whale
///
/// The key is forgotten. Without a connection nothing happens.
#[utoipa::path(
    post, path = "/api/integrations/triplewhale/disconnect", tag = "integrations",
    operation_id = "integrations_disconnect_triplewhale",
    params(KeyParam),
    responses((status = 204, description = "Not connected any more")),
    security(("bearer" = [])),
)]
#[post("/api/integrations/triplewhale/disconnect")]
async fn disconnect_triplewhale(caller: Caller, key: Key, integrations: Data<Integrations>) -> Answer {
    integrations
        .disconnect(&caller, &key, Platform::TripleWhale)
        .await?;
    answer::no_content()
}

#[derive(OpenApi)]
#[openapi(paths(
    list_platforms,
    describe_triplewhale,
    connect_triplewhale,
    triplewhale_status,
    disconnect_triplewhale
))]
struct Api;

/// The description of these routes.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_platforms)
        .service(describe_triplewhale)
        .service(connect_triplewhale)
        .service(triplewhale_status)
        .service(disconnect_triplewhale);
}
