use std::borrow::Cow;

/// The columns of our own export.
pub(crate) const EXPORT_COLUMNS: [&str; 7] = [
    "Date",
    "Description",
    "Amount",
    "Currency",
    "Category",
    "Tags",
    "Transaction Id",
];

/// A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front, and so does what
/// begins with an apostrophe, so that it can be told.
pub(crate) fn neutral(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// The text that was made neutral.
pub(crate) fn original(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutral_and_come_back() {
        for text in ["=1+1", "+1", "-1", "@x", "'quoted'", "Coffee", "", "''"] {
            let cell = neutral(text);
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            let read = if cell.starts_with('\'') {
                original(&cell)
            } else {
                &cell
            };
            assert_eq!(read, text);
        }
    }
}
