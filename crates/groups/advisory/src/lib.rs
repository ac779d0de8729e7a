//! The advisory group: the advisor's book. Its slices are folders; each has the rooms of a small group.

mod access;
mod clients;
mod communications;
mod compliance;
mod error;
mod meetings;
mod openapi;
mod prose;
mod versions;

use actix_web::web::Data;
use advisory_contract::{Book, Compliance, INFO};
use auth_contract::UsersClient;
use chrono_tz::Tz;
use clients::{ClientsService, ClientsStore};
use communications::Communications;
use compliance::checks::{CheckRecord, ChecksService};
use events::jobs::JobHandler;
use kernel::Currency;
use meetings::Meetings;
use runtime::mail::Mailer;
use std::sync::Arc;
use store::{Collection, Document, Store};

/// What the group needs.
pub struct AdvisoryNeeds {
    /// Its documents.
    pub store: Store,
    /// Who users are.
    pub users: UsersClient,
    /// Sends this group's mail.
    pub mailer: Mailer,
    /// The currency of figures that come without one.
    pub currency: Currency,
    /// Where a day begins and ends.
    pub timezone: Tz,
}

/// What the group gives.
pub struct Advisory {
    /// Its routes.
    pub mount: web::Mount,
    /// Who is in whose book.
    pub book: Arc<dyn Book>,
    /// What may be done for a client.
    pub compliance: Arc<dyn Compliance>,
    /// What does this group's jobs: sends messages to clients.
    pub jobs: Vec<Arc<dyn JobHandler>>,
}

/// The collections that the group owns.
pub fn collections() -> Vec<&'static Collection> {
    let mut collections = vec![clients::collection(), CheckRecord::collection()];
    collections.extend(communications::collections());
    collections.extend(meetings::collections());
    collections
}

/// Builds the group.
pub fn build(needs: AdvisoryNeeds) -> Advisory {
    let store = needs.store;
    let clients = Arc::new(ClientsService::new(
        ClientsStore::new(store.clone()),
        needs.users.clone(),
        needs.currency,
    ));
    let communications = Communications::new(&store, needs.users, needs.timezone);
    let meetings = Meetings::new(&store, needs.timezone);
    let jobs = communications::jobs(&store, needs.mailer);
    let checks = Arc::new(ChecksService::new(store, needs.timezone));
    let (client_data, check_data) = (Data::from(clients.clone()), Data::from(checks.clone()));
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        config
            .app_data(client_data.clone())
            .app_data(check_data.clone())
            .configure(clients::routes::configure)
            .configure(compliance::checks::routes::configure)
            .configure(|config| communications.configure(config))
            .configure(|config| meetings.configure(config));
    });
    Advisory {
        mount,
        book: clients,
        compliance: checks,
        jobs,
    }
}
