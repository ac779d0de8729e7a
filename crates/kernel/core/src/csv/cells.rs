use std::borrow::Cow;

/// What a cell must not begin with: a spreadsheet would take it for a formula, or for the mark that says it is none.
const TAKEN: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '\n', '\''];

/// A text that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front, and so does what
/// begins with an apostrophe, so that it can be told.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if text.starts_with(TAKEN) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// The text that was made neutral; any other as it is.
pub fn original(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(TAKEN) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutral_and_come_back() {
        for text in ["=1+1", "+1", "-1", "@x", "'quoted'", "Coffee", "", "''"] {
            let cell = neutral(text);
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            assert_eq!(original(&cell), text);
        }
        assert_eq!(original("'tis"), "'tis");
    }
}
