//! What the thegroup group promises to the other groups: nothing yet beside what it is.

mod contract;
mod info;

pub use contract::{VERSION, contract};
pub use info::INFO;
