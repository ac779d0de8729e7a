//! Clients as CSV: an import with a rehearsal, and an export that the import reads.

mod csv;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use service::ClientFiles;
