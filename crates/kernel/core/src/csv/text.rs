use super::{Quotes, file_error};
use crate::CallError;

/// The text of a file: UTF-8, not empty, without NULs, with quotes that are closed. A lenient reader would swallow rows.
pub fn csv_text<'a>(bytes: &'a [u8], columns: &str) -> Result<&'a str, CallError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| file_error("is not UTF-8: save it as 'CSV UTF-8' and send it again"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\u{0}') {
        return Err(file_error("contains NUL characters: it is not a text file"));
    }
    if text.trim().is_empty() {
        return Err(file_error(format!(
            "is empty: the first line names the columns {columns}"
        )));
    }
    let mut quotes = Quotes::new(b',');
    quotes.push(text)?;
    quotes.finish()?;
    Ok(text)
}
