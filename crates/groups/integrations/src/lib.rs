//! The integrations group: the catalogue of outside platforms, and users' connections to them.
//!
//! Only the addresses that the operator set are ever contacted; what a user sends is never made into one. Credentials
//! are checked with the platform before they are kept, and kept encrypted.

mod catalogue;
mod credentials;
mod database_sync;
mod error;
mod events;
mod models;
mod routes;
mod service;
mod store;
mod triplewhale;

pub use database_sync::DatabaseHosts;
pub use error::IntegrationsFailure;
pub use triplewhale::TRIPLEWHALE_URL;

use ::events::jobs::JobHandler;
use ::store::{Collection, Document, Store};
use actix_web::web::Data;
use auth_contract::UsersClient;
use chrono_tz::Tz;
use database_sync::{DatabaseSyncs, ForgetJob, MovementLink, RowLink, RunRecord, SyncRecord};
use finance_contract::ExchangeClient;
use integrations_contract::INFO;
use kernel::{Currency, Tasks};
use models::Connection;
use service::Integrations as Service;
use std::{sync::Arc, time::Duration};
use triplewhale::TripleWhale;
use url::Url;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

/// What this group stores.
pub fn collections() -> Vec<&'static Collection> {
    vec![
        Connection::collection(),
        SyncRecord::collection(),
        RunRecord::collection(),
        RowLink::collection(),
        MovementLink::collection(),
    ]
}

fn openapi() -> OpenApi {
    let info = InfoBuilder::new()
        .title(INFO.name)
        .version("1")
        .description(Some(INFO.summary))
        .build();
    let mut api = OpenApiBuilder::new().info(info).build();
    api.merge(routes::description());
    api.merge(database_sync::routes::description());
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
    /// The ledger that is kept equal with databases; asked only for that.
    pub exchange: ExchangeClient,
    /// The databases that may be reached.
    pub database_hosts: DatabaseHosts,
    /// Where connections to databases live.
    pub tasks: Tasks,
    /// The currency of rows that say none.
    pub currency: Currency,
    /// Where a day begins and ends.
    pub timezone: Tz,
}

/// What this group gives.
pub struct Integrations {
    /// Its routes.
    pub mount: web::Mount,
    /// What does this group's jobs: runs database syncs.
    pub jobs: Vec<Arc<dyn JobHandler>>,
}

/// Builds the group. Refuses an address that is not http or https.
pub fn build(needs: IntegrationsNeeds) -> Result<Integrations, IntegrationsFailure> {
    let IntegrationsNeeds {
        store,
        users,
        triplewhale_url,
        platform_timeout,
        exchange,
        database_hosts,
        tasks,
        currency,
        timezone,
    } = needs;
    let sync_job = database_sync::job(
        store.clone(),
        users.clone(),
        exchange.clone(),
        database_hosts.clone(),
        (tasks, platform_timeout, timezone),
    );
    let forget_job = ForgetJob::new(store.clone());
    let syncs = Data::new(DatabaseSyncs::new(
        store.clone(),
        users.clone(),
        exchange,
        database_hosts,
        currency,
    ));
    let triplewhale = TripleWhale::new(&triplewhale_url, platform_timeout)?;
    let service = Data::new(Service::new(store, users, triplewhale));
    let mount = web::Mount::new(&INFO, openapi, move |config| {
        config.app_data(service.clone());
        routes::configure(config);
        config.app_data(syncs.clone());
        database_sync::routes::configure(config);
    });
    Ok(Integrations {
        mount,
        jobs: vec![Arc::new(sync_job), Arc::new(forget_job)],
    })
}
