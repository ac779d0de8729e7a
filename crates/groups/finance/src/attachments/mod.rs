//! Attachments of transactions: a receipt that lies in the blob store, encrypted, or the address and SHA-256 of one that lies
//! elsewhere. The transaction itself is never touched. Whoever sees the transaction sees its attachments; whoever may
//! post to its account may add and remove them.

mod kinds;
mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::AttachmentRecord;
pub(crate) use service::Attachments;
