//! Which advisor a client has had: moving to another book, coming back after a deletion, and the history of both.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::AssignmentRecord;
pub(crate) use service::Assignments;
