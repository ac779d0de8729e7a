//! The advisory group: the advisor's book. Its slices are folders; each has the rooms of a small group.

mod access;
mod clients;
mod communications;
mod compliance;
mod error;
mod goals;
mod leads;
mod meetings;
mod openapi;
mod prose;
mod stamps;
mod versions;

use actix_web::web::Data;
use advisory_contract::{Book, Compliance, INFO};
use auth_contract::UsersClient;
use chrono_tz::Tz;
use clients::{
    ClientRecord, ClientsService, ClientsStore, PortfolioHeard, WorthProjection, WorthRecord,
    assignments::{AssignmentRecord, Assignments},
    book::Advisors,
    files::ClientFiles,
    households::{HouseholdRecord, Households},
    links::{LinkRecord, Links},
    notes::{NoteRecord, Notes},
    ranking::Ranking,
    views::{ViewRecord, Views},
};
use communications::Communications;
pub use compliance::sanctions::Sanctions;
use compliance::{
    checks::{CheckRecord, ChecksService},
    kyc::{
        DeadlinesProjection, KycAlert, KycAlertJob, KycDeadline, KycDocument, KycDocuments, KycReview,
        KycService,
    },
};
use events::{Projection, jobs::JobHandler};
use goals::{GoalRecord, GoalsJob, GoalsService};
use kernel::Currency;
use leads::{LeadRecord, LeadsService};
use meetings::Meetings;
use runtime::mail::Mailer;
use stamps::StampsProjection;
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
    /// Names that nobody trades for without a compliance officer.
    pub sanctions: Sanctions,
}

/// The kind of the job that tells of identity checks that end: to be asked for once a day or more often.
pub const KYC_ALERTS: &str = KycAlertJob::KIND;

/// The kind of the job that looks at goals again as time passes: to be asked for once an hour or so.
pub const GOALS: &str = GoalsJob::KIND;

/// What the group gives.
pub struct Advisory {
    /// Its routes.
    pub mount: web::Mount,
    /// Who is in whose book.
    pub book: Arc<dyn Book>,
    /// What may be done for a client.
    pub compliance: Arc<dyn Compliance>,
    /// Lets the documents of a client follow the client; hears the group itself.
    pub stamps: Arc<dyn Projection>,
    /// Lets what clients own follow what other groups tell; hears them and the group itself.
    pub worth: Arc<dyn Projection>,
    /// Keeps when identity checks end; hears the group itself.
    pub deadlines: Arc<dyn Projection>,
    /// What does this group's jobs: sends messages to clients, and tells of identity checks that end.
    pub jobs: Vec<Arc<dyn JobHandler>>,
}

/// The collections that the group owns.
pub fn collections() -> Vec<&'static Collection> {
    let mut collections = vec![
        ClientRecord::collection(),
        AssignmentRecord::collection(),
        HouseholdRecord::collection(),
        LinkRecord::collection(),
        NoteRecord::collection(),
        ViewRecord::collection(),
        WorthRecord::collection(),
        PortfolioHeard::collection(),
        CheckRecord::collection(),
        KycReview::collection(),
        KycAlert::collection(),
        KycDeadline::collection(),
        KycDocument::collection(),
        GoalRecord::collection(),
        LeadRecord::collection(),
    ];
    collections.extend(communications::collections());
    collections.extend(meetings::collections());
    collections
}

/// Builds the group.
pub fn build(needs: AdvisoryNeeds) -> Advisory {
    let AdvisoryNeeds {
        store,
        users,
        mailer,
        currency,
        timezone,
        sanctions,
    } = needs;
    let advisors = Advisors::new(users.clone());
    let clients = Arc::new(ClientsService::new(
        ClientsStore::new(store.clone()),
        users.clone(),
        currency,
    ));
    let checks = Arc::new(ChecksService::new(store.clone(), sanctions.clone(), timezone));
    let communications = Communications::new(&store, users.clone(), timezone);
    let meetings = Meetings::new(&store, timezone);
    let mut jobs = communications::jobs(&store, mailer);
    jobs.push(Arc::new(KycAlertJob::new(store.clone(), timezone)));
    jobs.push(Arc::new(GoalsJob::new(store.clone(), timezone)));
    let (client_data, check_data) = (Data::from(clients.clone()), Data::from(checks.clone()));
    let assignments = Data::new(Assignments::new(store.clone(), advisors.clone()));
    let files = Data::new(ClientFiles::new(clients.clone(), advisors.clone()));
    let households = Data::new(Households::new(store.clone(), advisors.clone()));
    let links = Data::new(Links::new(store.clone(), users));
    let notes = Data::new(Notes::new(store.clone()));
    let ranking = Data::new(Ranking::new(store.clone(), timezone));
    let views = Data::new(Views::new(store.clone(), clients.clone()));
    let leads = Data::new(LeadsService::new(
        store.clone(),
        clients.clone(),
        advisors,
        currency,
    ));
    let kyc = Data::new(KycService::new(store.clone(), sanctions, timezone));
    let papers = Data::new(KycDocuments::new(store.clone()));
    let goals = Data::new(GoalsService::new(store.clone(), timezone));
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        // What has a name of its own stands before what takes an id; a single client, whom everybody asks for, before all.
        config
            .app_data(client_data.clone())
            .app_data(assignments.clone())
            .app_data(files.clone())
            .app_data(households.clone())
            .app_data(links.clone())
            .app_data(notes.clone())
            .app_data(ranking.clone())
            .app_data(views.clone())
            .app_data(check_data.clone())
            .app_data(leads.clone())
            .app_data(kyc.clone())
            .app_data(papers.clone())
            .app_data(goals.clone())
            .configure(clients::routes::configure)
            .configure(clients::ranking::routes::configure)
            .configure(clients::files::routes::configure)
            .configure(clients::households::routes::configure)
            .configure(clients::views::routes::configure)
            .configure(clients::links::routes::configure)
            .configure(clients::notes::routes::configure)
            .configure(clients::assignments::routes::configure)
            .configure(compliance::checks::routes::configure)
            .configure(compliance::kyc::documents::routes::configure)
            .configure(compliance::kyc::routes::configure)
            .configure(goals::routes::configure)
            .configure(leads::routes::configure)
            .configure(|config| communications.configure(config))
            .configure(|config| meetings.configure(config));
    });
    Advisory {
        mount,
        book: clients,
        compliance: checks,
        stamps: Arc::new(StampsProjection::new(store.clone())),
        worth: Arc::new(WorthProjection::new(store.clone())),
        deadlines: Arc::new(DeadlinesProjection::new(store, timezone)),
        jobs,
    }
}
