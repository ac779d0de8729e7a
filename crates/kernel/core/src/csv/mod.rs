//! What every group asks of a CSV that it takes, and of one that it gives.

mod cells;
mod quotes;
mod text;

pub use cells::{neutral, original};
pub use quotes::Quotes;
pub use text::csv_text;

use crate::CallError;

/// What is wrong with a file as a whole.
fn file_error(message: impl Into<String>) -> CallError {
    CallError::invalid("file", message)
}
