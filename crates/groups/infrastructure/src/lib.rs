//! The infrastructure group: what runs where, how it is, and every group's events. It owns no copy of anybody's data.

mod error;
mod events;
mod openapi;
mod registry;
mod system_status;

use ::events::EventFeedClient;
use actix_web::web::Data;
use infrastructure_contract::{INFO, Registry};
use kernel::{GroupInfo, Sources};
use std::sync::Arc;
use store::{Collection, Document, Store};

pub use system_status::{GroupState, StatusSource};

/// What the group needs.
pub struct InfrastructureNeeds {
    /// Its own documents.
    pub store: Store,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// What groups there are.
    pub groups: Vec<&'static GroupInfo>,
    /// Every group's feed.
    pub feeds: Vec<(&'static str, EventFeedClient)>,
    /// How the groups are.
    pub status: Arc<dyn StatusSource>,
}

/// What the group gives.
pub struct Infrastructure {
    /// Its routes.
    pub mount: web::Mount,
    /// Who is there to be reached.
    pub registry: Arc<dyn Registry>,
}

/// The collections that the group owns.
pub fn collections() -> Vec<&'static Collection> {
    vec![registry::AnnouncedInstance::collection()]
}

/// Builds the group.
pub fn build(needs: InfrastructureNeeds) -> Infrastructure {
    let instances = Arc::new(registry::Instances::new(needs.store, needs.groups.clone()));
    let registry = Data::new(registry::RegistryService::new(needs.groups));
    let announced = Data::from(instances.clone());
    let status = Data::new(system_status::SystemStatusService::new(
        needs.status,
        needs.sources.clone(),
    ));
    let events = Data::new(events::EventsService::new(needs.feeds));
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        config
            .app_data(registry.clone())
            .app_data(announced.clone())
            .app_data(status.clone())
            .app_data(events.clone())
            .configure(registry::routes::configure)
            .configure(system_status::routes::configure)
            .configure(events::routes::configure);
    });
    Infrastructure {
        mount,
        registry: instances,
    }
}
