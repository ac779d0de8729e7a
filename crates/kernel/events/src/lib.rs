//! The feed of every group, the two ways to listen to it, and jobs.
//!
//! - [`EventFeed`] is a contract that every group offers, answered by [`StoreFeed`] over the group's own store.
//! - A [`Projection`] is a named consumer with a durable cursor, moved in the commit of what it caused: two processes
//!   that run it double nothing ([`Projector`]).
//! - A [`Watcher`] keeps something in memory in every process: a snapshot, then what is new ([`watch`]).
//! - [`PersonalData`] is what every group answers about one user: everything it knows, and forgetting it.
//! - A job is a document that says what to do and when; it is done once across processes ([`jobs`]).
//!
//! A group opens its store with [`collections`] among its own.

mod backoff;
mod dead_letter;
mod failure;
mod feed;
pub mod jobs;
mod metrics;
mod personal;
mod project;
mod watch;

pub use backoff::Backoff;
pub use failure::Failure;
pub use feed::{
    ConsumerStatus, DeadLetter, DeadLetterId, DeadLetterPage, EventFeed, EventFeedClient, EventFeedStub,
    FEED_VERSION, FeedError, FeedPage, MAX_FEED_PAGE, MAX_WAIT, ReplayRequest, StoreFeed, feed_contract,
};
pub use metrics::EventMetrics;
pub use personal::{
    Erased, PersonalData, PersonalDataClient, PersonalDataStub, PersonalExport, StorePersonalData,
    personal_contract,
};
pub use project::{ProjectOptions, Projection, Projector, Settled};
pub use watch::{Watch, WatchState, Watcher, watch};

/// What this crate keeps in a group's store: dead letters and jobs.
pub fn collections() -> Vec<&'static store::Collection> {
    use store::Document;
    vec![
        dead_letter::DeadLetterRecord::collection(),
        jobs::JobRecord::collection(),
    ]
}
