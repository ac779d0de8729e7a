use advisory_contract::BookClient;
use auth_contract::{RevocationsClient, UsersClient};
use events::EventFeedClient;
use finance_contract::LedgerClient;
use infrastructure_contract::RegistryClient;
use kernel::GroupInfo;
use rpc::Seam;

/// One switchable handle for each contract: made first, bound when the group that answers is built. Re-binding is how
/// a group moves; unbinding at stop breaks the reference cycles of a monolith.
#[derive(Clone)]
pub struct Handles {
    /// Who users are.
    pub users: UsersClient,
    /// What is no longer good.
    pub revocations: RevocationsClient,
    /// Who is in whose book.
    pub book: BookClient,
    /// The ledger.
    pub ledger: LedgerClient,
    /// Who is there to be reached.
    pub registry: RegistryClient,
    feeds: Vec<(&'static str, EventFeedClient)>,
}

impl Handles {
    /// Handles that lead nowhere yet.
    pub fn unbound(seam: &Seam, groups: &[&'static GroupInfo]) -> Self {
        Self {
            users: UsersClient::unbound(seam),
            revocations: RevocationsClient::unbound(seam),
            book: BookClient::unbound(seam),
            ledger: LedgerClient::unbound(seam),
            registry: RegistryClient::unbound(seam),
            feeds: groups
                .iter()
                .map(|info| (info.name, EventFeedClient::unbound(seam, info.name)))
                .collect(),
        }
    }

    /// The feed of a group's events.
    pub fn feed(&self, group: &str) -> Option<&EventFeedClient> {
        self.feeds
            .iter()
            .find(|(name, _)| *name == group)
            .map(|(_, feed)| feed)
    }

    /// The feeds of all groups.
    pub fn feeds(&self) -> &[(&'static str, EventFeedClient)] {
        &self.feeds
    }

    /// Lets go of every group.
    pub fn unbind(&self) {
        self.users.unbind();
        self.revocations.unbind();
        self.book.unbind();
        self.ledger.unbind();
        self.registry.unbind();
        for (_, feed) in &self.feeds {
            feed.unbind();
        }
    }
}
