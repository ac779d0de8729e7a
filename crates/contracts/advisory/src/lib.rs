//! What the advisory group promises to the other groups: whose client a user is.

mod book;
mod contract;
mod error;
mod info;

pub use book::{
    Book, BookClient, BookStub, CLIENT_CREATED, CLIENT_DELETED, CLIENT_REASSIGNED, CLIENT_UPDATED,
    ClientChanged, ClientLink,
};
pub use contract::{VERSION, contract};
pub use error::AdvisoryError;
pub use info::INFO;
