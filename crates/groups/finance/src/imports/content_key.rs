use crate::formats::Row;
use std::collections::HashMap;
use uuid::Uuid;

/// The ids under which a row may be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowId {
    /// The id of the transaction that the row becomes.
    pub(crate) id: Uuid,
    /// The transaction that the row itself says it is: our own exports do.
    pub(crate) named: Option<Uuid>,
}

/// Gives the rows of a file their ids, in order: the same row of the same account has the same id in every file.
///
/// A row that carries a reference of the bank (`FITID`) has its id from it. Any other has it from its date, amount,
/// folded description, and which of the equal rows of the file it is. What is held is 20 bytes for each row.
pub(crate) struct ContentKeys {
    account: Uuid,
    seen: HashMap<Uuid, u32>,
}

impl ContentKeys {
    pub(crate) fn new(account: Uuid) -> Self {
        Self {
            account,
            seen: HashMap::new(),
        }
    }

    /// The ids of the next row; nothing when its reference was in the file before.
    pub(crate) fn next(&mut self, row: &Row) -> Option<RowId> {
        let account = self.account;
        if let Some(reference) = &row.reference {
            let name = format!("statement-reference\u{0}{account}\u{0}{reference}");
            let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
            let named = Uuid::try_parse(reference).ok();
            return (self.turn(id) == 1).then_some(RowId { id, named });
        }
        let content = format!(
            "{account}\u{0}{}\u{0}{}\u{0}{}",
            row.date,
            row.amount.normalize(),
            kernel::fold(&row.description)
        );
        let turn = self.turn(Uuid::new_v5(&Uuid::NAMESPACE_OID, content.as_bytes()));
        let name = format!("statement-row\u{0}{content}\u{0}{turn}");
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes());
        Some(RowId { id, named: None })
    }

    /// Which of its equals it is, from 1.
    fn turn(&mut self, content: Uuid) -> u32 {
        let turn = self.seen.entry(content).or_insert(0);
        *turn += 1;
        *turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(amount: &str, description: &str) -> Row {
        Row {
            date: "2026-01-05".parse().unwrap(),
            amount: amount.parse().unwrap(),
            description: description.to_owned(),
            category: None,
            reference: None,
        }
    }

    fn ids(account: Uuid, rows: &[Row]) -> Vec<Option<Uuid>> {
        let mut keys = ContentKeys::new(account);
        rows.iter().map(|row| keys.next(row).map(|ids| ids.id)).collect()
    }

    #[test]
    fn equal_rows_are_told_apart_by_their_turn_and_spelling_does_not_matter() {
        let first = ids(Uuid::nil(), &[row("-3.50", "Coffee"), row("-3.50", "Coffee")]);
        assert_ne!(first[0], first[1]);
        let second = ids(
            Uuid::nil(),
            &[
                row("-3.5", " COFFEE "),
                row("-3.5", "Café"),
                row("-3.500", "coffee"),
            ],
        );
        assert_eq!((second[0], second[2]), (first[0], first[1]));
        assert!(!first.contains(&second[1]));
        assert_ne!(ids(Uuid::max(), &[row("-3.50", "Coffee")])[0], first[0]);
    }

    #[test]
    fn a_reference_names_a_row_whatever_it_says() {
        let with = |reference: &str, description| Row {
            reference: Some(reference.to_owned()),
            ..row("-3.50", description)
        };
        let rows = [with("1", "Coffee"), with("2", "Coffee"), with("1", "Tea")];
        let found = ids(Uuid::nil(), &rows);
        assert!(found[0].is_some() && found[1].is_some() && found[0] != found[1]);
        assert_eq!(found[2], None);
        assert_eq!(ids(Uuid::nil(), &rows[2..])[0], found[0]);
    }
}
