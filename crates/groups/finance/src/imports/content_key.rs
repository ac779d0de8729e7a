use super::row::Row;
use std::collections::HashMap;
use uuid::Uuid;

/// The transaction ids of a file's rows, in order: the same row of the same account has the same id in every file.
pub(crate) fn ids(account: Uuid, rows: &[Row]) -> Vec<Uuid> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    rows.iter()
        .map(|row| {
            let content = format!(
                "{account}\u{0}{}\u{0}{}\u{0}{}",
                row.date,
                row.amount.normalize(),
                kernel::fold(&row.description)
            );
            let occurrence = seen.entry(content.clone()).or_insert(0);
            *occurrence += 1;
            let name = format!("statement-row\u{0}{content}\u{0}{occurrence}");
            Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(amount: &str, description: &str) -> Row {
        Row {
            date: "2026-01-05".parse().unwrap(),
            amount: amount.parse().unwrap(),
            description: description.to_owned(),
        }
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
}
