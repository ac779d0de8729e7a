//! One room for each group: what it needs is drawn from the kit, what it gives is bound to the handles.

// new-group: modules
#[cfg(feature = "advisory")]
mod advisory;
#[cfg(feature = "auth")]
mod auth;
#[cfg(feature = "finance")]
mod finance;
#[cfg(feature = "infrastructure")]
mod infrastructure;
#[cfg(feature = "integrations")]
mod integrations;
#[cfg(feature = "wealth")]
mod wealth;

use crate::{
    FirstAdmin, PlatformError,
    assembly::{EnsuredUser, HoldingsReplayed, LedgerReplayed, TokenKeyState, VerifiedChain},
    kit::Kit,
    offer::{Offer, offer},
    status::StoreStatus,
};
use chrono::TimeDelta;
use events::{
    Projection, Projector, StoreFeed, StorePersonalData,
    jobs::{ForgetOldKeys, JobHandler, Jobs, SweepBlobs},
};
use kernel::{GroupInfo, Role};
use rpc::Client;
use std::sync::Arc;
use store::Store;

/// A group that was built. Its handles lead nowhere yet.
pub(crate) struct Wired {
    pub(crate) info: &'static GroupInfo,
    pub(crate) mount: web::Mount,
    pub(crate) store: Store,
    /// The contracts that it answers.
    pub(crate) offers: Vec<Arc<dyn Offer>>,
    /// Runs the group's consumers.
    pub(crate) projector: Projector,
    /// What the group consumes, and from which groups.
    pub(crate) projections: Vec<(Arc<dyn Projection>, Vec<&'static str>)>,
    /// Runs the group's jobs.
    pub(crate) jobs: Jobs,
    /// What does them.
    pub(crate) handlers: Vec<Arc<dyn JobHandler>>,
    /// The jobs that are asked for again and again, and how often.
    pub(crate) recurring: Vec<(TimeDelta, &'static str)>,
    /// Keeps the keys of access tokens, where the group does.
    pub(crate) token_keys: Option<Arc<dyn SigningKeys>>,
    /// Makes users who can log in, where the group knows how to.
    pub(crate) accounts: Option<Arc<dyn Accounts>>,
    /// Verifies the audit log, where the group keeps it.
    pub(crate) audit_log: Option<Arc<dyn AuditLog>>,
    /// Checks the ledger, where the group keeps it.
    pub(crate) ledger_check: Option<Arc<dyn LedgerCheck>>,
    /// Checks holdings, where the group keeps them.
    pub(crate) holdings_check: Option<Arc<dyn HoldingsCheck>>,
}

#[allow(dead_code, reason = "a program may link in a single group, or none")]
impl Wired {
    /// A group that answers what every group does: its feed and its status.
    fn new(kit: &Kit, mount: web::Mount, store: Store) -> Self {
        let name = mount.info.name;
        let projector = Projector::new(store.clone(), kit.tasks.clone(), kit.metrics.clone());
        let jobs = Jobs::new(store.clone(), kit.tasks.clone(), kit.metrics.clone());
        let feed = Arc::new(StoreFeed::new(projector.clone()));
        let status = Arc::new(StoreStatus(store.clone()));
        let feed = kit.handles.feed(name).map(|client| offer(client, feed));
        let status = kit.handles.status(name).map(|client| offer(client, status));
        let personal = Arc::new(StorePersonalData::new(store.clone()));
        let personal = kit
            .handles
            .personal_of(name)
            .map(|client| offer(client, personal));
        let old_keys = Arc::new(ForgetOldKeys::new(store.clone()));
        let sweep = Arc::new(SweepBlobs::new(store.clone()));
        Self {
            info: mount.info,
            mount,
            store,
            offers: feed.into_iter().chain(status).chain(personal).collect(),
            projector,
            projections: Vec::new(),
            jobs,
            handlers: vec![old_keys, sweep],
            recurring: vec![
                (ForgetOldKeys::EVERY, ForgetOldKeys::KIND),
                (SweepBlobs::EVERY, SweepBlobs::KIND),
            ],
            token_keys: None,
            accounts: None,
            audit_log: None,
            ledger_check: None,
            holdings_check: None,
        }
    }

    /// The same, answering this contract too.
    fn answering<C: Client>(mut self, client: &C, service: Arc<C::Service>) -> Self {
        self.offers.push(offer(client, service));
        self
    }

    /// The same, doing these kinds of jobs.
    fn working(mut self, handlers: Vec<Arc<dyn JobHandler>>) -> Self {
        self.handlers.extend(handlers);
        self
    }

    /// The same, with a job that is done once in each span of time.
    fn every(mut self, span: TimeDelta, kind: &'static str) -> Self {
        self.recurring.push((span, kind));
        self
    }

    /// The same, consuming the events of these groups.
    fn hearing(mut self, producers: &'static [&'static str], projection: Arc<dyn Projection>) -> Self {
        self.projections.push((projection, producers.to_vec()));
        self
    }

    /// The same, consuming the events of every group there is, its own as well.
    fn hearing_all(mut self, projection: Arc<dyn Projection>) -> Self {
        let producers = crate::known_groups().iter().map(|info| info.name).collect();
        self.projections.push((projection, producers));
        self
    }
}

/// Keeps the keys of access tokens: what the operator and the process need of the auth group.
#[rpc::async_trait]
pub(crate) trait SigningKeys: Send + Sync + 'static {
    /// Makes a new key, which signs soon.
    async fn rotate(&self) -> Result<(), PlatformError>;
    /// Every key that is kept, oldest first.
    async fn list(&self) -> Result<Vec<TokenKeyState>, PlatformError>;
    /// Reads the keys again and again, until it is dropped.
    async fn keep_fresh(&self);
}

/// Makes users who can log in: what the first admin and the demo data need of the auth group.
#[rpc::async_trait]
pub(crate) trait Accounts: Send + Sync + 'static {
    /// Makes the user unless the e-mail is taken; then nothing is changed.
    async fn ensure(
        &self,
        email: &str,
        password: &str,
        name: &str,
        role: Role,
    ) -> Result<EnsuredUser, PlatformError>;

    /// Whether nobody administers the installation.
    async fn is_admin_needed(&self) -> Result<bool, PlatformError>;

    /// A new set-up link, where nobody administers the installation.
    async fn setup_link(&self) -> Result<FirstAdmin, PlatformError>;
}

/// Walks the audit log: what the operator's tool needs of the auth group.
#[rpc::async_trait]
pub(crate) trait AuditLog: Send + Sync + 'static {
    /// Every firm's chain, and where it is broken.
    async fn verify(&self) -> Result<Vec<VerifiedChain>, PlatformError>;
}

/// Checks the ledger: what the operator's tool needs of the finance group.
#[rpc::async_trait]
pub(crate) trait LedgerCheck: Send + Sync + 'static {
    /// Every firm's chain of journal entries, and where it is broken.
    async fn verify_entries(&self) -> Result<Vec<VerifiedChain>, PlatformError>;
    /// Makes balances anew from the feed, and says where what is stored differs; puts it right if asked to.
    async fn replay(&self, repair: bool) -> Result<LedgerReplayed, PlatformError>;
}

/// Checks what portfolios hold: what the operator's tool needs of the wealth group.
#[rpc::async_trait]
pub(crate) trait HoldingsCheck: Send + Sync + 'static {
    /// Makes holdings anew from the feed, and says where what is stored differs; puts it right if asked to.
    async fn replay(&self, repair: bool) -> Result<HoldingsReplayed, PlatformError>;
}

/// Builds one group. Its handles lead nowhere yet.
pub(crate) async fn wire(kit: &Kit, info: &'static GroupInfo) -> Result<Wired, PlatformError> {
    match info.name {
        // new-group: wire
        #[cfg(feature = "wealth")]
        "wealth" => wealth::wire(kit).await,
        #[cfg(feature = "advisory")]
        "advisory" => advisory::wire(kit).await,
        #[cfg(feature = "auth")]
        "auth" => auth::wire(kit).await,
        #[cfg(feature = "finance")]
        "finance" => finance::wire(kit).await,
        #[cfg(feature = "infrastructure")]
        "infrastructure" => infrastructure::wire(kit).await,
        #[cfg(feature = "integrations")]
        "integrations" => integrations::wire(kit).await,
        other => Err(PlatformError::UnknownGroup {
            name: other.to_owned(),
            known: String::new(),
        }),
    }
}
