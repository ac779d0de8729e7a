//! Categories by rules that the owner declares: a list in the order in which they are asked; the first that fits says the
//! category. They are asked when a statement brings a row without a category, and on demand for what has none yet, which
//! a preview shows before. What was posted is never edited: on demand a transaction is
//! reversed and posted again in its category, on the same day and once.

mod apply;
mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::{CategoryRulesRecord, Fitting};
pub(crate) use service::CategoryRules;
