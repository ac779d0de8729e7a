//! The integrations group: the catalogue of outside platforms, and users' connections to them.
//!
//! Only the addresses that the operator set are ever contacted; what a user sends is never made into one. Credentials
//! are checked with the platform before they are kept, and kept encrypted.

mod catalogue;
mod credentials;
mod error;
mod events;
mod models;
mod routes;
mod service;
mod store;
mod triplewhale;

pub use error::IntegrationsFailure;
pub use triplewhale::TRIPLEWHALE_URL;

use ::store::{Collection, Document, Store};
use actix_web::web::Data;
use auth_contract::UsersClient;
use integrations_contract::INFO;
use models::Connection;
use service::Integrations as Service;
use std::time::Duration;
use triplewhale::TripleWhale;
use url::Url;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

/// What this group stores.
pub fn collections() -> Vec<&'static Collection> {
    vec![Connection::collection()]
}

fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title(INFO.name)
        .version("1")
        .description(Some(INFO.summary))
        .build();
    let mut api = OpenApiBuilder::new().info(info).build();
    api.merge(routes::description());
    api
}

/// What this group needs.
pub struct IntegrationsNeeds {
    /// Its own documents.
    pub store: Store,
    /// Who users are.
    pub users: UsersClient,
    /// The address of the API of Triple Whale: [`TRIPLEWHALE_URL`] unless the operator set another.
    pub triplewhale_url: Url,
    /// The longest that a platform may take to answer.
    pub platform_timeout: Duration,
}

/// What this group gives.
pub struct Integrations {
    /// Its routes.
    pub mount: web::Mount,
}

/// Builds the group. Refuses an address that is not http or https.
pub fn build(needs: IntegrationsNeeds) -> Result<Integrations, IntegrationsFailure> {
    let IntegrationsNeeds {
        store,
        users,
        triplewhale_url,
        platform_timeout,
    } = needs;
    let triplewhale = TripleWhale::new(&triplewhale_url, platform_timeout)?;
    let service = Data::new(Service::new(store, users, triplewhale));
    let mount = web::Mount::new(&INFO, openapi, move |config| {
        config.app_data(service.clone());
        routes::configure(config);
    });
    Ok(Integrations { mount })
}
