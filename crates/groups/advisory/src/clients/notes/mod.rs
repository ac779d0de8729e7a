//! Notes on a client: what the firm writes down for itself. The client does not see them.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::NoteRecord;
pub(crate) use service::Notes;
