use crate::{offer::Switch, status::GroupStatusClient};
use advisory_contract::{BookClient, ComplianceClient};
use auth_contract::{RevocationsClient, TokenKeyringClient, UsersClient};
use events::{EventFeedClient, PersonalDataClient};
use finance_contract::{CommandsClient, ExchangeClient, LedgerClient};
use infrastructure_contract::RegistryClient;
use kernel::GroupInfo;
use rpc::{Remote, Seam};
use std::sync::Arc;

/// One switchable handle for each contract: made first, bound when the group that answers is built. Re-binding is how
/// a group moves; unbinding at stop breaks the reference cycles of a monolith.
#[derive(Clone)]
pub struct Handles {
    /// Who users are.
    pub users: UsersClient,
    /// What is no longer good.
    pub revocations: RevocationsClient,
    /// What proves access tokens.
    pub keyring: TokenKeyringClient,
    /// Who is in whose book.
    pub book: BookClient,
    /// What may be done for a client.
    pub compliance: ComplianceClient,
    /// The ledger.
    pub ledger: LedgerClient,
    /// What the finance group does by name.
    pub commands: CommandsClient,
    /// The ledger, for whoever keeps it equal with another one.
    pub exchange: ExchangeClient,
    /// Who is there to be reached.
    pub registry: RegistryClient,
    feeds: Vec<(&'static str, EventFeedClient)>,
    statuses: Vec<(&'static str, GroupStatusClient)>,
    personal: Vec<(&'static str, PersonalDataClient)>,
}

impl Handles {
    /// Handles that lead nowhere yet.
    pub fn unbound(seam: &Seam, groups: &[&'static GroupInfo]) -> Self {
        Self {
            users: UsersClient::unbound(seam),
            revocations: RevocationsClient::unbound(seam),
            keyring: TokenKeyringClient::unbound(seam),
            book: BookClient::unbound(seam),
            compliance: ComplianceClient::unbound(seam),
            ledger: LedgerClient::unbound(seam),
            commands: CommandsClient::unbound(seam),
            exchange: ExchangeClient::unbound(seam),
            registry: RegistryClient::unbound(seam),
            feeds: groups
                .iter()
                .map(|info| (info.name, EventFeedClient::unbound(seam, info.name)))
                .collect(),
            statuses: groups
                .iter()
                .map(|info| (info.name, GroupStatusClient::unbound(seam, info.name)))
                .collect(),
            personal: groups
                .iter()
                .map(|info| (info.name, PersonalDataClient::unbound(seam, info.name)))
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

    /// How a group is.
    pub(crate) fn status(&self, group: &str) -> Option<&GroupStatusClient> {
        self.statuses
            .iter()
            .find(|(name, _)| *name == group)
            .map(|(_, status)| status)
    }

    /// What the groups know about users.
    pub fn personal(&self) -> &[(&'static str, PersonalDataClient)] {
        &self.personal
    }

    /// What a group knows about users.
    #[allow(dead_code, reason = "a program may link in no group")]
    pub(crate) fn personal_of(&self, group: &str) -> Option<&PersonalDataClient> {
        self.personal
            .iter()
            .find(|(name, _)| *name == group)
            .map(|(_, personal)| personal)
    }

    /// Every handle, whichever contract it is on.
    pub(crate) fn switches(&self) -> impl Iterator<Item = &dyn Switch> {
        // new-group: handles
        let own: [&dyn Switch; 9] = [
            &self.users,
            &self.revocations,
            &self.keyring,
            &self.book,
            &self.compliance,
            &self.ledger,
            &self.commands,
            &self.exchange,
            &self.registry,
        ];
        let feeds = self.feeds.iter().map(|(_, feed)| feed as &dyn Switch);
        let statuses = self.statuses.iter().map(|(_, status)| status as &dyn Switch);
        let personal = self.personal.iter().map(|(_, personal)| personal as &dyn Switch);
        own.into_iter().chain(feeds).chain(statuses).chain(personal)
    }

    /// Leads the handles on one group's contracts to another process.
    pub(crate) fn lead_to(&self, group: &str, remote: &Arc<Remote>) {
        for switch in self.switches().filter(|switch| switch.group() == group) {
            switch.lead_to(remote);
        }
    }

    /// Lets go of every group.
    pub fn unbind(&self) {
        self.switches().for_each(Switch::let_go);
    }
}
