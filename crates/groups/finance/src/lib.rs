//! The finance group: the ledger and all that stands on it. Its slices are folders; each has the rooms of a small group.
//!
//! Every movement of money is a journal entry of double entry (`journal`), inserted and never changed. Balances are
//! projections of the entries (`balances`), which can be made anew from the feed (`replay`).

mod access;
mod accounts;
mod attachments;
mod balances;
mod book_links;
mod budgets;
mod category_rules;
mod chain;
mod commands;
mod error;
mod events;
mod exchange;
mod exports;
mod formats;
mod funding;
mod fx;
mod imports;
mod inventory;
mod journal;
mod ledger;
mod metrics;
mod mortgage;
mod openapi;
mod params;
mod realtime;
mod replay;
mod report;
mod series;
mod stamps;
mod statements;
mod tags;
mod transactions;
mod versions;

pub use chain::{BrokenEntry, EntryChainVerdict, EntryChains};
pub use inventory::InventoryMetrics;
pub use metrics::LedgerMetrics;
pub use replay::{LedgerDifference, LedgerReplay, LedgerUpgrade};

use ::events::{Projection, jobs::JobHandler};
use access::Access;
use accounts::{AccountRecord, AccountsService, AccountsStore};
use actix_web::web::Data;
use advisory_contract::BookClient;
use attachments::{AttachmentRecord, Attachments};
use auth_contract::UsersClient;
use balances::{Balances, BookBalances, BookChange, DayTotal, Folding, MonthTotal};
use book_links::BookLink;
use budgets::{BudgetAlert, BudgetAlerts, BudgetRecord, BudgetsService, BudgetsStore, History, Recommender};
use category_rules::{CategoryRules, CategoryRulesRecord};
use chain::{ChainBlock, ChainHead, ChainProjection};
use chrono_tz::Tz;
use commands::{CommandsService, ServiceAccount};
use exchange::LedgerExchange;
use exports::Exports;
use finance_contract::{Commands, Exchange, INFO, Ledger};
use funding::FundingProjection;
use fx::{FxRate, FxRates};
use imports::{
    Applier, ImportJob, ImportRecord, ImportService,
    mappings::{MappingRecord, Mappings},
};
use inventory::{
    InventoryStore, ItemFiles, ItemRecord, ItemsService, LocationRecord, MovementRecord, MovementsService,
    ReorderRecord, ReordersService,
};
use journal::{Journal, PeriodGate};
use kernel::{Currency, Sources, Tasks};
use ledger::{ChartAccount, ChartService, EntriesService, PeriodAct, PeriodsService};
use mortgage::MortgageService;
use realtime::{TicketRecord, Tickets, routes::Realtime};
use report::ReportService;
use series::SeriesService;
use statements::StatementsService;
use std::{sync::Arc, time::Duration};
use store::{Collection, Document, Store};
use tags::{Tags, TagsRecord};
use transactions::{Poster, TransactionRecord, TransactionsService, TransactionsStore};

/// What the group needs.
pub struct FinanceNeeds {
    /// Its documents.
    pub store: Store,
    /// Time, ids and randomness.
    pub sources: Sources,
    /// Where folding runs.
    pub tasks: Tasks,
    /// Who users are.
    pub users: UsersClient,
    /// Who is in whose book.
    pub book: BookClient,
    /// The currency of what comes without one.
    pub currency: Currency,
    /// Where a day begins and ends.
    pub timezone: Tz,
    /// How often a stream says again what has not changed.
    pub events_interval: Duration,
    /// What is counted.
    pub metrics: LedgerMetrics,
    /// What is counted of inventory.
    pub inventory_metrics: InventoryMetrics,
}

/// What the group gives.
pub struct Finance {
    /// Its routes.
    pub mount: web::Mount,
    /// The ledger.
    pub ledger: Arc<dyn Ledger>,
    /// Commands by name.
    pub commands: Arc<dyn Commands>,
    /// The ledger, for whoever keeps it equal with another one.
    pub exchange: Arc<dyn Exchange>,
    /// Keeps the stamps of advisors on accounts and transactions; hears advisory.
    pub book_projection: Arc<dyn Projection>,
    /// Posts what is paid into portfolios and out of them; hears wealth.
    pub funding_projection: Arc<dyn Projection>,
    /// What does this group's jobs: posts the rows of large statements.
    pub jobs: Vec<Arc<dyn JobHandler>>,
    /// Says which budgets were exceeded; hears the group itself.
    pub budget_alerts: Arc<dyn Projection>,
    /// Appends entries to the hash chain; hears the group itself.
    pub chain_projection: Arc<dyn Projection>,
    /// Walks the hash chain.
    pub chains: EntryChains,
    /// Makes balances anew from the feed.
    pub replay: LedgerReplay,
    /// Brings the store of an older version up to date; to be awaited before anything is served.
    pub upgrade: LedgerUpgrade,
}

/// The collections that the group owns.
pub fn collections() -> Vec<&'static Collection> {
    vec![
        AccountRecord::collection(),
        TransactionRecord::collection(),
        BookChange::collection(),
        MonthTotal::collection(),
        DayTotal::collection(),
        BookBalances::collection(),
        PeriodGate::collection(),
        PeriodAct::collection(),
        ChartAccount::collection(),
        FxRate::collection(),
        ChainBlock::collection(),
        ChainHead::collection(),
        BookLink::collection(),
        TicketRecord::collection(),
        ImportRecord::collection(),
        MappingRecord::collection(),
        AttachmentRecord::collection(),
        TagsRecord::collection(),
        CategoryRulesRecord::collection(),
        BudgetRecord::collection(),
        BudgetAlert::collection(),
        ItemRecord::collection(),
        LocationRecord::collection(),
        MovementRecord::collection(),
        ReorderRecord::collection(),
        replay::upgrades(),
    ]
}

/// Builds the group.
pub fn build(needs: FinanceNeeds) -> Finance {
    let FinanceNeeds {
        store,
        sources,
        tasks,
        users,
        book,
        currency,
        timezone,
        events_interval,
        metrics,
        inventory_metrics,
    } = needs;
    let mortgage = Data::new(MortgageService::new(sources.clone(), timezone, currency));
    let service_account = ServiceAccount::new(users.clone(), sources.clone());
    let access = Access::new(store.clone(), users, book);
    let folding = Folding::new(store.clone(), sources.clone(), tasks.clone());
    let balances = Balances::new(folding.clone());
    let account_store = AccountsStore::new(store.clone());
    let transaction_store = TransactionsStore::new(store.clone());
    let accounts = AccountsService::new(account_store.clone(), balances.clone(), access.clone(), currency);
    let journal = Journal::new(store.clone());
    let rates = FxRates::new(store.clone());
    let poster = Poster::new(
        journal.clone(),
        accounts.clone(),
        rates.clone(),
        folding.clone(),
        metrics.clone(),
        sources.clone(),
        timezone,
    );
    let exchange = LedgerExchange::new(transaction_store.clone(), poster.clone(), access.clone());
    let transactions = Arc::new(TransactionsService::new(
        transaction_store.clone(),
        poster,
        access.clone(),
    ));
    let inventory_store = InventoryStore::new(store.clone());
    inventory_metrics.run(inventory_store.clone(), &tasks);
    let items = ItemsService::new(
        inventory_store.clone(),
        access.clone(),
        currency,
        inventory_metrics.clone(),
    );
    let item_files = Data::new(ItemFiles::new(
        inventory_store.clone(),
        items.clone(),
        access.clone(),
        inventory_metrics.clone(),
    ));
    let reorders = Data::new(ReordersService::new(inventory_store.clone(), access.clone()));
    let movements = Data::new(MovementsService::new(
        inventory_store,
        access.clone(),
        timezone,
        inventory_metrics,
        (journal.clone(), folding.clone()),
    ));
    let items = Data::new(items);
    let budget_store = BudgetsStore::new(store.clone());
    let history = History::new(account_store.clone(), balances.clone());
    let recommender = Data::new(Recommender::new(
        history.clone(),
        access.clone(),
        store.sources().clone(),
        timezone,
        currency,
    ));
    let budgets = Data::new(BudgetsService::new(
        budget_store.clone(),
        history.clone(),
        access.clone(),
        currency,
        timezone,
    ));
    let category_rules = CategoryRules::new(store.clone(), journal.clone(), access.clone(), folding.clone());
    let entries = Data::new(EntriesService::new(
        journal.clone(),
        accounts.clone(),
        access.clone(),
        folding.clone(),
        metrics.clone(),
        timezone,
    ));
    let periods = Data::new(PeriodsService::new(journal.clone(), access.clone()));
    let chart = ChartService::new(
        journal.clone(),
        account_store.clone(),
        balances.clone(),
        access.clone(),
    );
    let statements = Data::new(StatementsService::new(
        balances.clone(),
        chart.clone(),
        rates.clone(),
        sources.clone(),
        timezone,
    ));
    let series = Data::new(SeriesService::new(
        balances.clone(),
        rates.clone(),
        access.clone(),
        sources,
        timezone,
    ));
    let (chart, rates) = (Data::new(chart), Data::new(rates));
    let funding_projection =
        FundingProjection::new(journal.clone(), access.clone(), folding.clone(), metrics.clone());
    let applier = Applier::new(
        transaction_store.clone(),
        journal,
        accounts.clone(),
        category_rules.clone(),
        folding,
        metrics,
    );
    let category_rules = Data::new(category_rules);
    let import_job = ImportJob::new(store.clone(), applier.clone());
    let mappings = Mappings::new(store.clone());
    let imports = Data::new(ImportService::new(
        store.clone(),
        accounts.clone(),
        mappings.clone(),
        applier,
        access.clone(),
    ));
    let mappings = Data::new(mappings);
    let attachments = Data::new(Attachments::new(store.clone(), access.clone()));
    let tags = Tags::new(store.clone(), access.clone());
    let exports = Data::new(Exports::new(
        transaction_store.clone(),
        balances.clone(),
        access.clone(),
        tags.clone(),
        timezone,
    ));
    let tags = Data::new(tags);
    let report = Arc::new(ReportService::new(account_store, balances, access, currency));
    let commands = Arc::new(CommandsService::new(transactions.clone(), service_account));
    let realtime = Data::new(Realtime {
        report: report.clone(),
        commands: commands.clone(),
        transactions: transactions.clone(),
        tickets: Tickets::new(store.clone()),
        store: store.clone(),
        every: events_interval,
    });
    let (report, command_data) = (Data::from(report), Data::from(commands.clone()));
    let accounts = Data::new(accounts);
    let transaction_data = Data::from(transactions.clone());
    let mount = web::Mount::new(&INFO, openapi::document, move |config| {
        config
            .app_data(accounts.clone())
            .app_data(attachments.clone())
            .app_data(category_rules.clone())
            .app_data(exports.clone())
            .app_data(tags.clone())
            .app_data(imports.clone())
            .app_data(mappings.clone())
            .app_data(items.clone())
            .app_data(item_files.clone())
            .app_data(movements.clone())
            .app_data(reorders.clone())
            .app_data(mortgage.clone())
            .app_data(budgets.clone())
            .app_data(recommender.clone())
            .app_data(transaction_data.clone())
            .app_data(report.clone())
            .app_data(command_data.clone())
            .app_data(realtime.clone())
            .configure(transactions::routes::configure_first)
            .configure(realtime::routes::configure)
            .configure(commands::routes::configure)
            .app_data(entries.clone())
            .app_data(periods.clone())
            .app_data(chart.clone())
            .app_data(rates.clone())
            .app_data(statements.clone())
            .app_data(series.clone())
            .configure(fx::routes::configure)
            .configure(statements::routes::configure)
            .configure(ledger::routes::configure)
            .configure(accounts::routes::configure)
            .configure(attachments::routes::configure)
            .configure(category_rules::routes::configure)
            .configure(exports::routes::configure)
            .configure(tags::routes::configure)
            .configure(imports::routes::configure)
            .configure(imports::mappings::routes::configure)
            .configure(inventory::routes::configure)
            .configure(mortgage::routes::configure)
            .configure(budgets::routes::configure)
            .configure(transactions::routes::configure)
            .configure(report::routes::configure)
            .configure(series::routes::configure);
    });
    Finance {
        mount,
        ledger: transactions,
        commands,
        exchange: Arc::new(exchange),
        book_projection: Arc::new(events::BookProjection::new(store.clone())),
        funding_projection: Arc::new(funding_projection),
        chain_projection: Arc::new(ChainProjection::new(store.clone())),
        chains: EntryChains::new(store.clone()),
        replay: LedgerReplay::new(store.clone()),
        upgrade: LedgerUpgrade::new(store),
        jobs: vec![Arc::new(import_job)],
        budget_alerts: Arc::new(BudgetAlerts::new(budget_store, history, timezone)),
    }
}
