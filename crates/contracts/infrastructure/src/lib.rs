//! What the infrastructure group promises to the other groups: nothing yet beside what it is.

mod info;

pub use info::INFO;
