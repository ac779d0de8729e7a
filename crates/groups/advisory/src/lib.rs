//! The advisory group: the advisor's book. Its slices are folders; each has the rooms of a small group.

mod clients;
mod error;
mod openapi;

use actix_web::web::Data;
use advisory_contract::{Book, INFO};
use auth_contract::UsersClient;
use clients::{ClientsService, ClientsStore};
use kernel::Currency;
use std::sync::Arc;
use store::{Collection, Store};

/// What the group needs.
pub struct AdvisoryNeeds {
    /// Its documents.
    pub store: Store,
    /// Who users are.
    pub users: UsersClient,
    /// The currency of figures that come without one.
    pub currency: Currency,
}

/// What the group gives.
pub struct Advisory {
    /// Its routes.
    pub mount: web::Mount,
    /// Who is in whose book.
    pub book: Arc<dyn Book>,
}

/// The collections that the group owns.
pub fn collections() -> Vec<&'static Collection> {
    vec![clients::collection()]
}

/// Builds the group.
pub fn build(needs: AdvisoryNeeds) -> Advisory {
    let clients = Arc::new(ClientsService::new(
        ClientsStore::new(needs.store),
        needs.users,
        needs.currency,
    ));
    let data = Data::from(clients.clone());
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        config
            .app_data(data.clone())
            .configure(clients::routes::configure);
    });
    Advisory { mount, book: clients }
}
