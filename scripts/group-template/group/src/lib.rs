//! The thegroup group: routes, service, models and store.

mod models;
mod openapi;
mod routes;
mod service;

use actix_web::web::Data;
use kernel::Sources;
use service::ThegroupService;
use store::Collection;
use thegroup_contract::INFO;

/// What the group needs.
pub struct ThegroupNeeds {
    /// Time, ids and randomness.
    pub sources: Sources,
}

/// What the group gives.
pub struct Thegroup {
    /// Its routes.
    pub mount: web::Mount,
}

/// The collections that the group owns: none yet.
pub fn collections() -> Vec<&'static Collection> {
    Vec::new()
}

/// Builds the group.
pub fn build(needs: ThegroupNeeds) -> Thegroup {
    let service = Data::new(ThegroupService::new(needs.sources));
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        config.app_data(service.clone()).configure(routes::configure);
    });
    Thegroup { mount }
}
