//! What goes out while it happens: the report as server-sent events, and the socket of transactions.

mod reports;
pub(crate) mod routes;
mod socket;
mod tickets;

pub(crate) use tickets::{TicketRecord, Tickets};
