//! What is sure to be in a backup, and what may be in it or not.

use crate::load::{Entry, Posting};
use std::{collections::HashSet, time::Instant};

/// From the moment at which the backup began until what it held had taken the place of the data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Instant,
    pub(super) to: Instant,
}

impl Span {
    fn holds(&self, moment: Instant) -> bool {
        moment > self.from && moment <= self.to
    }
}

/// The answers of a request that was acknowledged too late, and its place in the journal.
pub(super) type Late = (usize, Vec<(u16, String)>);

/// Takes the answers of that time away from whatever was not acknowledged before it: as far as the backup goes, nobody knows
/// what became of it. What was answered after the restore stands.
pub(super) fn set_late_apart(entries: &mut [Entry], between: Span) -> Vec<Late> {
    let mut late = Vec::new();
    for (place, entry) in entries.iter_mut().enumerate() {
        if entry.heard.first().is_some_and(|heard| *heard <= between.from) {
            continue;
        }
        let times = std::mem::take(&mut entry.heard);
        let answers = std::mem::take(&mut entry.answers);
        let mut apart = Vec::new();
        for (moment, answer) in times.into_iter().zip(answers) {
            if between.holds(moment) {
                apart.push(answer);
            } else {
                entry.heard.push(moment);
                entry.answers.push(answer);
            }
        }
        let was_done = apart.iter().any(|(status, _)| (200..300).contains(status));
        if was_done && entry.answers.is_empty() {
            late.push((place, apart));
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

    fn entry(key: &str, heard: &[Instant]) -> Entry {
        let posting = Posting {
            key: key.to_owned(),
            account: "account".to_owned(),
            amount: Decimal::ONE,
        };
        let answers = (1..)
            .zip(heard)
            .map(|(n, _)| (200, format!("answer {n} to {key}")));
        Entry {
            request: Request {
                key: key.to_owned(),
                user: "user".to_owned(),
                what: What::Post(posting),
            },
            answers: answers.collect(),
            heard: heard.to_vec(),
            sendings: 1,
        }
    }

    #[test]
    fn what_came_too_late_is_unknown_until_it_is_seen_to_be_there() {
        let from = Instant::now();
        let to = from + Duration::from_secs(1);
        let (late, after) = (from + Duration::from_millis(1), to + Duration::from_millis(1));
        let mut entries = [
            entry("early", &[from, late]),
            entry("there", &[late]),
            entry("missing", &[late]),
            entry("unknown", &[]),
            entry("after", &[after]),
            entry("both", &[late, after]),
        ];
        let apart = set_late_apart(&mut entries, Span { from, to });
        assert_eq!(acknowledged(&entries), 3);
        assert_eq!(apart.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(entries[0].answers.len(), 2, "what was sure must be repeated");
        // It may have been done again, or remembered: both are right.
        assert_eq!(entries[5].answers, [(200, "answer 2 to both".to_owned())]);

        let there = HashSet::from(["early".to_owned(), "there".to_owned()]);
        assert_eq!(bring_back(&mut entries, &apart, &there), 1);
        assert_eq!(entries[1].answers, [(200, "answer 1 to there".to_owned())]);
        assert!(entries[2].answers.is_empty() && entries[3].answers.is_empty());
    }
}
