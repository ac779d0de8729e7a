//! What every CSV of items has to be before its rows are read.

use crate::{error::Error, formats::Quotes};

/// The text of a file: UTF-8, not empty, without NULs.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| file_error("is not UTF-8: save it as 'CSV UTF-8' and send it again"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\u{0}') {
        return Err(file_error("contains NUL characters: it is not a text file"));
    }
    if text.trim().is_empty() {
        return Err(file_error(
            "is empty: the first line names the columns sku and name",
        ));
    }
    Ok(text)
}

/// Refuses a quote that is never closed, and text after a closing quote: a lenient reader would swallow rows.
pub(super) fn check_quotes(text: &str) -> Result<(), Error> {
    let mut quotes = Quotes::new(b',');
    quotes.push(text)?;
    quotes.finish()
}

fn file_error(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}
