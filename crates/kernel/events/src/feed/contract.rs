use crate::EventFeedClient;
use rpc::schema::GroupContract;

/// The version of [`feed_contract`]: raised by whoever breaks older clients on purpose.
pub const FEED_VERSION: u32 = 1;

/// What every group answers about its feed, as part of the contract of this group:
/// `auth_contract::contract().and(events::feed_contract("auth"))`.
pub fn feed_contract(group: &str) -> GroupContract {
    GroupContract::new(group, FEED_VERSION).with::<EventFeedClient>()
}
