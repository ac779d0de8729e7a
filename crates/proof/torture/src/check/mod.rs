//! What is true after the healing: five figures, all of which must be 0.

mod audit;
mod book;
mod expected;
mod feed;
mod ledger;
mod messages;
mod portfolio;
mod resend;

pub(crate) use messages::messages_are_done;
pub(crate) use resend::send_again;

use crate::{
    deployment::Deployment,
    error::Error,
    load::{Client, Crowd},
};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// What was found wrong, each with its story.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    /// Told that it was done, and it is not there, or not as it was asked for.
    pub(crate) acknowledged_lost: Vec<String>,
    /// There more than once.
    pub(crate) double_posted: Vec<String>,
    /// There, and nobody asked for it, or it was refused.
    pub(crate) phantom: Vec<String>,
    /// What is derived says something else than what it is derived from.
    pub(crate) imbalance: Vec<String>,
    /// A feed has a gap, a double, or not exactly one event for each change.
    pub(crate) chain_breaks: Vec<String>,
    /// By how many acts the audit log differs from what the groups have recorded.
    audit_lag: u64,
}

impl Figures {
    /// The five, with their names.
    pub(crate) fn all(&self) -> [(&'static str, &Vec<String>); 5] {
        [
            ("acknowledged-lost", &self.acknowledged_lost),
            ("double-posted", &self.double_posted),
            ("phantom", &self.phantom),
            ("imbalance", &self.imbalance),
            ("chain breaks", &self.chain_breaks),
        ]
    }

    pub(crate) fn are_zero(&self) -> bool {
        self.all().iter().all(|(_, found)| found.is_empty())
    }

    /// What either found.
    pub(crate) fn join(mut self, other: Figures) -> Figures {
        self.acknowledged_lost.extend(other.acknowledged_lost);
        self.double_posted.extend(other.double_posted);
        self.phantom.extend(other.phantom);
        self.imbalance.extend(other.imbalance);
        self.chain_breaks.extend(other.chain_breaks);
        self.audit_lag += other.audit_lag;
        self
    }

    /// How much there is to catch up with. The stories alone do not tell: all that the audit log is behind is one of them, and it changes
    /// with every log-in.
    fn distance(&self) -> u64 {
        self.all()
            .iter()
            .fold(self.audit_lag, |sum, (_, found)| sum + found.len() as u64)
    }
}

/// Compares what the clients wrote down with what the platform says and what lies in its stores. What may lag behind is
/// looked at again until it has caught up, or has come no nearer for as long as `patience`.
pub(crate) async fn examine(
    deployment: &Deployment,
    crowd: &mut Crowd,
    patience: Duration,
) -> Result<Figures, Error> {
    let mut nearest = u64::MAX;
    let mut came_nearer = Instant::now();
    loop {
        let figures = look(deployment, crowd).await?;
        if figures.are_zero() || !figures.may_catch_up() {
            return Ok(figures);
        }
        if figures.distance() < nearest {
            nearest = figures.distance();
            came_nearer = Instant::now();
        }
        if came_nearer.elapsed() > patience {
            return Ok(figures);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

impl Figures {
    /// Whether waiting could mend it: what follows events may lag, the postings themselves do not.
    fn may_catch_up(&self) -> bool {
        self.acknowledged_lost.is_empty() && self.double_posted.is_empty() && self.phantom.is_empty()
    }
}

/// The keys of all postings of a client that are there.
pub(crate) async fn there(client: &mut Client) -> Result<HashSet<String>, Error> {
    let ledger = ledger::read(client).await?;
    Ok(ledger.transactions.into_iter().map(|found| found.key).collect())
}

async fn look(deployment: &Deployment, crowd: &mut Crowd) -> Result<Figures, Error> {
    let mut figures = Figures::default();
    let mut found = Vec::new();
    for client in &mut crowd.clients {
        let ledger = ledger::read(client).await?;
        expected::compare(&client.journal.entries, &ledger, &mut figures);
        ledger.add_up(&mut figures);
        found.push(ledger);
    }
    let feeds = feed::read(deployment).await?;
    for advisor in &mut crowd.advisors {
        book::examine(advisor, &feeds, &mut figures).await?;
    }
    for investor in &mut crowd.investors {
        portfolio::examine(investor, &feeds, &mut figures).await?;
    }
    feed::examine(&feeds, &found, &mut figures);
    audit::examine(deployment, &feeds, &mut figures).await?;
    Ok(figures)
}
