use crate::{CommandsClient, ExchangeClient, INFO, LedgerClient};
use rpc::schema::GroupContract;

/// The version of [`contract`]: raised by whoever breaks older clients on purpose.
pub const VERSION: u32 = 2;

/// What the finance group answers over the seam, beside the feed that every group offers.
pub fn contract() -> GroupContract {
    GroupContract::new(INFO.name, VERSION)
        .with::<LedgerClient>()
        .with::<CommandsClient>()
        .with::<ExchangeClient>()
}
