//! Accounts: where money lies. `GET /api/v1/accounts/{user_id}` lists a user's accounts; one of them is
//! `/api/v1/accounts/{user_id}/{account_id}`, so that both ids stand where they belong and neither is mistaken.

mod models;
mod requests;
pub(crate) mod routes;
mod service;
mod store;

pub(crate) use models::{AccountKind, AccountRecord};
pub(crate) use service::AccountsService;
pub(crate) use store::AccountsStore;
