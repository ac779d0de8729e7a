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
