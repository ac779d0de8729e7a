use super::{Advisor, Client, Investor, Journal};

/// Everybody who was at work in a run.
pub(crate) struct Crowd {
    pub(crate) clients: Vec<Client>,
    pub(crate) advisors: Vec<Advisor>,
    pub(crate) investors: Vec<Investor>,
}

impl Crowd {
    /// What each of them wrote down.
    pub(crate) fn journals(&self) -> impl Iterator<Item = &Journal> {
        let clients = self.clients.iter().map(|client| &client.journal);
        let advisors = self.advisors.iter().map(|advisor| &advisor.sender.journal);
        let investors = self.investors.iter().map(|investor| &investor.sender.journal);
        clients.chain(advisors).chain(investors)
    }
}
