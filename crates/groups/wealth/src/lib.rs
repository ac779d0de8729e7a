//! The wealth group: what clients hold, and all that is done with it. Its slices are folders; each has the rooms of a small
//! group.
//!
//! What happens in a portfolio is an entry (`entries`), inserted and never changed, which says which lots went and which came.
//! Positions and cash are sums of entries; performance and taxes are read from them.

mod access;
mod actions;
mod analysis;
mod csv_file;
mod due;
mod entries;
mod error;
mod events;
mod funding;
mod jurisdiction;
mod market;
mod openapi;
mod orders;
mod performance;
mod planning;
mod portfolios;
mod quoted;
mod replay;
mod schedules;
mod stamps;
mod symbol;
mod tax;
mod timers;
mod versions;

pub use replay::{WealthDifference, WealthReplay};

use ::events::{Projection, jobs::JobHandler};
use access::Access;
use actions::{ActionJob, CorporateAction, CorporateActions, Participation};
use actix_web::web::Data;
use advisory_contract::{BookClient, ComplianceClient};
use analysis::Analysis;
use auth_contract::UsersClient;
use chrono_tz::Tz;
use due::DueJob;
use entries::{EntriesService, EntriesStore, Entry, Holding};
use funding::{Funding, FundingRecord};
use kernel::Currency;
use market::{Instrument, Market, Quote};
use orders::{OrderRecord, Orders};
use performance::Performance;
use planning::Planning;
use portfolios::{PortfolioRecord, PortfoliosService, PortfoliosStore, Revaluation};
use quoted::{OffersProjection, ValuesProjection};
use schedules::{InstalmentRecord, Runner, ScheduleRecord, Schedules};
use std::sync::Arc;
use store::{Collection, Document, Store};
use tax::Taxes;
use timers::Timer;
use wealth_contract::INFO;

/// What the group needs.
pub struct WealthNeeds {
    /// Its documents.
    pub store: Store,
    /// Who users are.
    pub users: UsersClient,
    /// Who is in whose book.
    pub book: BookClient,
    /// What may be done for whom.
    pub compliance: ComplianceClient,
    /// The currency of what comes without one.
    pub currency: Currency,
    /// Where a day begins and ends.
    pub timezone: Tz,
}

/// What the group gives.
pub struct Wealth {
    /// Its routes.
    pub mount: web::Mount,
    /// Keeps the stamps of advisors on portfolios; hears advisory.
    pub book_projection: Arc<dyn Projection>,
    /// Offers orders that wait to the broker when quotes come; hears the group itself.
    pub offers: Arc<dyn Projection>,
    /// Values portfolios anew when quotes come; hears the group itself.
    pub values: Arc<dyn Projection>,
    /// What it does by the clock, and what goes on with corporate actions.
    pub jobs: Vec<Arc<dyn JobHandler>>,
    /// Makes holdings anew from the feed.
    pub replay: WealthReplay,
}

/// The job that makes instalments and ends orders: to be asked for every few minutes.
pub const DUE: &str = DueJob::KIND;

/// The collections that the group owns.
pub fn collections() -> Vec<&'static Collection> {
    vec![
        Instrument::collection(),
        Quote::collection(),
        PortfolioRecord::collection(),
        Holding::collection(),
        Entry::collection(),
        OrderRecord::collection(),
        ScheduleRecord::collection(),
        InstalmentRecord::collection(),
        Timer::collection(),
        FundingRecord::collection(),
        CorporateAction::collection(),
        Participation::collection(),
    ]
}

/// Builds the group.
pub fn build(needs: WealthNeeds) -> Wealth {
    let WealthNeeds {
        store,
        users,
        book,
        compliance,
        currency,
        timezone,
    } = needs;
    let access = Access::new(store.clone(), users, book);
    let market = Market::new(store.clone(), currency, timezone);
    let portfolio_store = PortfoliosStore::new(store.clone(), access.clone());
    let entries = EntriesService::new(store.clone(), portfolio_store.clone(), market.clone());
    let portfolios =
        PortfoliosService::new(portfolio_store.clone(), market.clone(), access.clone(), currency);
    let entry_store = EntriesStore::new(store.clone());
    let performance = Performance::new(portfolio_store.clone(), entry_store.clone(), market.clone());
    let performance = Data::new(performance);
    let planning = Planning::new(portfolios.clone(), entry_store, market.clone());
    let analysis = Data::new(Analysis::new(market.clone(), portfolios.clone()));
    let planning = Data::new(planning);
    let action_job = ActionJob::new(store.clone(), market.clone());
    let taxes = Data::new(Taxes::new(
        store.clone(),
        market.clone(),
        portfolio_store.clone(),
        access.clone(),
    ));
    let actions = Data::new(CorporateActions::new(
        store.clone(),
        market.clone(),
        portfolio_store.clone(),
        access.clone(),
    ));
    let schedules = Data::new(Schedules::new(
        store.clone(),
        access.clone(),
        entries.clone(),
        portfolio_store.clone(),
        market.clone(),
    ));
    let orders = Orders::new(
        store.clone(),
        access.clone(),
        entries.clone(),
        portfolio_store.clone(),
        market.clone(),
        compliance,
    );
    let runner = Runner::new(store.clone(), market.clone(), orders.clone());
    let due = DueJob::new(store.clone(), runner, orders.clone());
    let offers = OffersProjection::new(store.clone(), orders.clone());
    let revaluation = Revaluation::new(store.clone(), market.clone());
    let values = ValuesProjection::new(store.clone(), revaluation);
    let orders = Data::new(orders);

    let funding = Data::new(Funding::new(
        store.clone(),
        access.clone(),
        entries.clone(),
        portfolio_store.clone(),
        market.clone(),
        currency,
    ));
    let replay = WealthReplay::new(store.clone(), market.clone());
    let (market, portfolios, entries) = (Data::new(market), Data::new(portfolios), Data::new(entries));
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        config
            .app_data(market.clone())
            .app_data(portfolios.clone())
            .app_data(entries.clone())
            .app_data(planning.clone())
            .app_data(analysis.clone())
            .app_data(performance.clone())
            .configure(analysis::routes::configure)
            .configure(performance::routes::configure)
            .configure(planning::routes::configure)
            .app_data(funding.clone())
            .configure(funding::routes::configure)
            .app_data(orders.clone())
            .configure(orders::routes::configure)
            .app_data(schedules.clone())
            .configure(schedules::routes::configure)
            .app_data(actions.clone())
            .configure(actions::routes::configure)
            .app_data(taxes.clone())
            .configure(tax::routes::configure)
            .configure(market::routes::configure)
            .configure(entries::routes::configure)
            .configure(portfolios::routes::configure);
    });
    Wealth {
        mount,
        book_projection: Arc::new(events::BookProjection::new(store)),
        offers: Arc::new(offers),
        values: Arc::new(values),
        jobs: vec![Arc::new(due), Arc::new(action_job)],
        replay,
    }
}
