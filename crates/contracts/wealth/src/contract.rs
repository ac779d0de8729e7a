use crate::INFO;
use rpc::schema::GroupContract;

/// The version of [`contract`]: raised by whoever breaks older clients on purpose.
pub const VERSION: u32 = 1;

/// What the wealth group answers over the seam: nothing yet beside the feed that every group offers.
pub fn contract() -> GroupContract {
    GroupContract::new(INFO.name, VERSION)
}
