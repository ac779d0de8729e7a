//! What is sure to be in a backup, and what may be in it or not.

use crate::load::{Entry, Posting};
use std::{collections::HashSet, time::Instant};

/// The answers of a request that was acknowledged too late, and its place in the journal.
pub(super) type Late = (usize, Vec<(u16, String)>);

/// Takes the answers away from whatever was not acknowledged by then: as far as the backup goes, nobody knows what became of it.
pub(super) fn set_late_apart(entries: &mut [Entry], mark: Instant) -> Vec<Late> {
    let mut late = Vec::new();
    for (place, entry) in entries.iter_mut().enumerate() {
        if entry.heard_first.is_none_or(|heard| heard > mark) {
            let answers = std::mem::take(&mut entry.answers);
            if answers.iter().any(|(status, _)| (200..300).contains(status)) {
                late.push((place, answers));
            }
        }
    }
    late
}

/// Gives the answers back to those whose postings are there, so that asking again must bring them; answers how many.
pub(super) fn bring_back(entries: &mut [Entry], late: &[Late], there: &HashSet<String>) -> usize {
    let mut number = 0;
    for (place, answers) in late {
        let entry = &mut entries[*place];
        let is_there = |posting: &Posting| there.contains(&posting.key);
        let postings = entry.request.postings();
        if !postings.is_empty() && postings.iter().all(is_there) {
            entry.answers.clone_from(answers);
            number += 1;
        }
    }
    number
}

/// How many were acknowledged.
pub(super) fn acknowledged(entries: &[Entry]) -> usize {
    entries
        .iter()
        .filter(|entry| entry.acknowledged().is_some())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Request, What};
    use rust_decimal::Decimal;
    use std::time::Duration;

    fn entry(key: &str, heard_first: Option<Instant>) -> Entry {
        let posting = Posting {
            key: key.to_owned(),
            account: "account".to_owned(),
            amount: Decimal::ONE,
        };
        let answers = heard_first.map(|_| (200, format!("answer to {key}")));
        Entry {
            request: Request {
                key: key.to_owned(),
                user: "user".to_owned(),
                what: What::Post(posting),
            },
            answers: answers.into_iter().collect(),
            heard_first,
            sendings: 1,
        }
    }

    #[test]
    fn what_came_too_late_is_unknown_until_it_is_seen_to_be_there() {
        let mark = Instant::now();
        let (early, later) = (mark, mark + Duration::from_millis(1));
        let mut entries = [
            entry("early", Some(early)),
            entry("there", Some(later)),
            entry("missing", Some(later)),
            entry("unknown", None),
        ];
        let late = set_late_apart(&mut entries, mark);
        assert_eq!(acknowledged(&entries), 1);
        assert_eq!(late.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2]);

        let there = HashSet::from(["early".to_owned(), "there".to_owned()]);
        assert_eq!(bring_back(&mut entries, &late, &there), 1);
        assert_eq!(entries[1].answers, [(200, "answer to there".to_owned())]);
        assert!(entries[2].answers.is_empty() && entries[3].answers.is_empty());
    }
}
