//! Who else is one with a client: the spouse, the heir, the bookkeeper of a company. A client has one user of its own, whose
//! money the advisor looks after; any number of others may look at the client, and one user may look at any number of
//! clients. A link shows the client to the user, and never the user's money to the advisor.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::LinkRecord;
pub(crate) use service::Links;
