//! Codes that are good once: in mails, and between the two steps of a log-in. Stored as their hash; a code itself stands
//! nowhere but in the hands of whom it was made for.

mod models;
mod store;

pub(crate) use models::{GivenCode, OneTimeToken, Purpose};
pub(crate) use store::{OneTimeTokens, is_used_up};
