//! Who users are: registration, the profile, and what other groups ask about users.

mod contract;
mod events;
mod models;
pub(crate) mod routes;
mod service;
pub(crate) mod store;

pub(crate) use events::{audit, changed};
pub(crate) use models::{Credential, User, UserView};
pub use models::{NewPassword, NewUser, PersonName};
pub use service::Accounts;
