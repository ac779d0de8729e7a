/// How banks begin the description of what was there before the first row.
const BEGINNINGS: [&str; 4] = [
    "opening balance",
    "balance brought forward",
    "brought forward",
    "balance b/f",
];

/// Whether a row tells what was on the account before the statement begins.
pub(crate) fn is_opening_balance(description: &str) -> bool {
    let folded = kernel::fold(description);
    BEGINNINGS.iter().any(|beginning| folded.starts_with(beginning))
}
