//! Holdings made anew from the feed, and compared with those that are stored.
//!
//! The feed tells of every entry with its lots, of every step of an order and of every step of a funding. From it alone follow
//! the cash, lots and positions of every portfolio, what of its cash is set aside, and where each order and funding stands;
//! whatever is stored otherwise is wrong, and can be put right. Servers may go on meanwhile: what they do changes the version
//! of what it is done to, and is looked at again.

mod compare;
mod repair;
mod shadow;
#[cfg(test)]
mod tests;
mod verify;

pub use compare::WealthDifference;
pub use verify::WealthReplay;
