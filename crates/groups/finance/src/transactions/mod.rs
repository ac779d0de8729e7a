//! Transactions: what came in, what went out and what moved between accounts. A transaction is a journal entry (see
//! [`crate::journal`]): written once and never changed; its id is the key under which everything else finds it.

mod figures;
mod models;
mod post;
mod requests;
pub(crate) mod routes;
mod service;
mod store;

pub(crate) use figures::check_amount;
pub(crate) use models::{TransactionRecord, created, reversed};
pub(crate) use post::{Place, Poster};
pub(crate) use requests::{
    Posting, TransactionCreateRequest, TransactionCreateResponse, TransactionResponse, created_event,
};
pub(crate) use service::{TransactionsService, posted};
pub(crate) use store::TransactionsStore;
