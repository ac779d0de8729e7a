//! Files that no bank would send.

use super::{csv, row};

const WORDS: [&str; 36] = [
    "Date,Description,Amount\n",
    "Date",
    "Description",
    "Amount",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "2026-01-05",
    "1350.60",
    "-2400.00",
    "Salary",
    "=1+1",
    "1,234.50",
    "1.234,50",
    "(5)",
    "\u{feff}",
    "\t",
    ";",
    "Opening balance",
    "é",
    "\u{0}",
    "1e9",
    "2026-13-40",
    "0",
    "INR",
    "99999999999999999999999999999",
    " ",
    "\n2026-01-05,Tea,-1.50\n",
    "balance",
    "date",
    "''",
    "+",
    "2026-01-05,Pay,10\n",
];

#[test]
fn any_file_is_read_or_refused_with_reasons() {
    ::bolero::check!()
        .with_iterations(6_000)
        .for_each(|bytes: &[u8]| {
            let spelled: String = bytes
                .iter()
                .map(|byte| WORDS[usize::from(*byte) % WORDS.len()])
                .collect();
            for file in [
                bytes.to_vec(),
                spelled.clone().into_bytes(),
                format!("{}{spelled}", WORDS[0]).into_bytes(),
            ] {
                let Ok(statement) = csv::read(&file) else { continue };
                assert_eq!(statement.rows.len(), statement.numbers.len());
                assert!(statement.rows.len() <= statement.count && statement.errors.len() <= 100);
                assert!(statement.numbers.is_sorted());
                for read in &statement.rows {
                    assert!(read.description.chars().count() <= 500);
                    assert!(!read.description.starts_with(['=', '@']));
                }
                let again = csv::read(&file).unwrap();
                assert_eq!(again.rows, statement.rows);
            }
        });
}

#[test]
fn any_cell_is_read_or_refused() {
    ::bolero::check!()
        .with_iterations(6_000)
        .for_each(|bytes: &[u8]| {
            let text: String = bytes
                .iter()
                .map(|byte| WORDS[usize::from(*byte) % WORDS.len()])
                .collect();
            if let Ok(date) = row::date(&text) {
                assert_eq!(date.to_string(), text);
            }
            if let Ok(amount) = row::amount(&text) {
                assert_eq!(row::amount(&amount.to_string()).unwrap(), amount, "{text}");
            }
            let _ = row::description(&text);
        });
}
