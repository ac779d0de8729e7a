//! Transactions: what came in and what went out. A transaction is written once and never changed; its id is the key
//! under which everything else finds it.

mod figures;
mod models;
mod post;
mod requests;
pub(crate) mod routes;
mod service;
mod store;

pub(crate) use figures::check_amount;
pub(crate) use models::{OPENING_BALANCE, TransactionRecord, UNCATEGORISED};
pub(crate) use post::{Poster, announce_balance};
pub(crate) use requests::{
    Posting, TransactionCreateRequest, TransactionCreateResponse, TransactionResponse, created_event,
};
pub(crate) use service::TransactionsService;
pub(crate) use store::TransactionsStore;
