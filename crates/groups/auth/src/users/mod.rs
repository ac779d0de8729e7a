//! Who users are: registration, the profile, and what other groups ask about users.

mod acting;
mod contract;
mod events;
mod models;
pub(crate) mod routes;
mod service;
pub(crate) mod store;

pub(crate) use acting::acting_as;
pub(crate) use events::{audit, changed, refused};
pub(crate) use models::{Credential, User, UserView};
pub use models::{NewPassword, NewUser, PersonName};
pub use service::Accounts;
pub(crate) use service::may_invite;
