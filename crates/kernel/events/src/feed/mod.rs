//! The contract under which every group's events can be read, and its answer over the group's store.

mod access;
mod contract;
mod error;
mod page;
mod store_feed;
mod tail;

pub(crate) use access::Reach;
pub use contract::{FEED_VERSION, feed_contract};
pub use error::FeedError;
pub use page::{ConsumerStatus, DeadLetter, DeadLetterId, DeadLetterPage, FeedPage, ReplayRequest};
pub use store_feed::StoreFeed;

use kernel::{CallContext, IdempotencyKey};
use std::time::Duration;

/// The most events that one page of a feed holds.
pub const MAX_FEED_PAGE: u32 = 500;

/// The longest that a read of a feed waits for something new.
pub const MAX_WAIT: Duration = Duration::from_secs(30);

/// A group's events, and what the group's own consumers make of other groups' events.
///
/// Groups acting for themselves see every firm's events. Admins and compliance see those of their own firm; nobody
/// else sees any.
#[rpc::service(name = "feed", shared)]
pub trait EventFeed {
    /// Events after the place `after`, in order and without gaps: at once when there are any, otherwise when some are
    /// committed or `wait_ms` is over.
    #[rpc(read)]
    async fn read(
        &self,
        cx: &CallContext,
        after: u64,
        limit: u32,
        wait_ms: u32,
    ) -> Result<FeedPage, FeedError>;

    /// How far this group's consumers have read.
    #[rpc(read)]
    async fn consumers(&self, cx: &CallContext) -> Result<Vec<ConsumerStatus>, FeedError>;

    /// Events that this group's consumers could not deal with, oldest first; of one consumer or of all.
    #[rpc(read)]
    async fn dead_letters(
        &self,
        cx: &CallContext,
        consumer: Option<String>,
        limit: u32,
        cursor: Option<String>,
    ) -> Result<DeadLetterPage, FeedError>;

    /// Lets a consumer of this group read again. From the very beginning of all its feeds what it made is built anew.
    #[rpc(effect)]
    async fn rewind(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        request: ReplayRequest,
    ) -> Result<Vec<ConsumerStatus>, FeedError>;

    /// Gives a dead letter to its consumer once more; when that works it is a dead letter no longer.
    #[rpc(effect)]
    async fn retry_dead_letter(
        &self,
        cx: &CallContext,
        key: IdempotencyKey,
        id: DeadLetterId,
    ) -> Result<(), FeedError>;
}
