//! Commands by name: the same `create_transaction` for HTTP, sockets and queues, whichever brings it. What a command
//! does is what the service of the slice does that it names; nothing is posted here.

mod requests;
pub(crate) mod routes;
mod service;
mod service_account;

pub(crate) use service::CommandsService;
use service::{below_params, outcome};
pub(crate) use service_account::ServiceAccount;
