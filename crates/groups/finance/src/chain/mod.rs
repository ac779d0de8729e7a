//! The hash chain of journal entries: whoever changes or removes an entry in the database breaks it, and walking it
//! names the first entry that is not as it was posted.
//!
//! A consumer of the group's own feed appends what was posted, in the order of the feed and up to 100 entries at once: a
//! *block* holds the hash of each of its entries and the hash of the block before. The end of the chain stands in a
//! document of its own, encrypted and authenticated, so that a chain cannot be written anew without the key.

mod append;
mod models;
mod verify;

pub(crate) use append::ChainProjection;
pub(crate) use models::{ChainBlock, ChainHead};
pub use verify::{BrokenEntry, EntryChainVerdict, EntryChains};
