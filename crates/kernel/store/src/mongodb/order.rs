//! The order in which events without a number get theirs.

use super::outbox::Unnumbered;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// A commit: its time and its id.
type CommitKey = (u64, Uuid);

/// Puts rows in order: commits that touch one aggregate by its version, others by their time, and the events of a
/// commit together and as they were added.
pub(super) fn in_order(rows: Vec<Unnumbered>) -> Vec<Unnumbered> {
    let mut commits: HashMap<CommitKey, Vec<Unnumbered>> = HashMap::new();
    for row in rows {
        commits.entry((row.at, row.commit)).or_default().push(row);
    }
    let order = commit_order(&commits);
    let mut sorted = Vec::new();
    for key in order {
        let mut events = commits.remove(&key).unwrap_or_default();
        events.sort_by_key(|row| (row.place, row.id));
        sorted.extend(events);
    }
    sorted
}

/// Earliest first, but never before a commit that wrote an earlier version of one of its aggregates.
fn commit_order(commits: &HashMap<CommitKey, Vec<Unnumbered>>) -> Vec<CommitKey> {
    let (mut waits_for, followers) = dependencies(commits);
    let mut left: BTreeSet<CommitKey> = commits.keys().copied().collect();
    let mut ready: BTreeSet<CommitKey> = left
        .iter()
        .copied()
        .filter(|key| !waits_for.contains_key(key))
        .collect();
    let mut order = Vec::with_capacity(commits.len());
    // Nothing ready means that versions contradict each other: then time decides.
    while let Some(next) = ready.pop_first().or_else(|| left.first().copied()) {
        if !left.remove(&next) {
            continue;
        }
        order.push(next);
        for follower in followers.get(&next).into_iter().flatten() {
            if let Some(count) = waits_for.get_mut(follower) {
                *count -= 1;
                if *count == 0 {
                    waits_for.remove(follower);
                    ready.insert(*follower);
                }
            }
        }
    }
    order
}

type Dependencies = (HashMap<CommitKey, usize>, HashMap<CommitKey, Vec<CommitKey>>);

/// For each aggregate, each commit waits for the one with the version before.
fn dependencies(commits: &HashMap<CommitKey, Vec<Unnumbered>>) -> Dependencies {
    let mut versions: HashMap<&str, HashMap<CommitKey, u64>> = HashMap::new();
    for (key, rows) in commits {
        for row in rows {
            let version = versions.entry(&row.subject).or_default().entry(*key).or_default();
            *version = row.aggregate_version.max(*version);
        }
    }
    let (mut waits_for, mut followers) = Dependencies::default();
    for writers in versions.into_values().filter(|writers| writers.len() > 1) {
        let mut chain: Vec<(u64, CommitKey)> =
            writers.into_iter().map(|(key, version)| (version, key)).collect();
        chain.sort_unstable();
        for pair in chain.windows(2) {
            if let [(_, before), (_, after)] = pair {
                *waits_for.entry(*after).or_default() += 1;
                followers.entry(*before).or_insert_with(Vec::new).push(*after);
            }
        }
    }
    (waits_for, followers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: u64, place: u64, subject: &str, version: u64) -> Unnumbered {
        Unnumbered {
            id: Uuid::from_u128(u128::from(1000 - at * 10 + place)),
            at,
            commit: Uuid::from_u128(u128::from(at)),
            place,
            subject: subject.to_owned(),
            aggregate_version: version,
        }
    }

    fn times(rows: Vec<Unnumbered>) -> Vec<(u64, u64)> {
        in_order(rows).iter().map(|row| (row.at, row.place)).collect()
    }

    #[test]
    fn versions_of_an_aggregate_go_before_clocks() {
        let rows = vec![
            row(1, 0, "a", 3),
            row(2, 0, "a", 2),
            row(3, 0, "b", 1),
            row(4, 0, "a", 1),
        ];
        assert_eq!(times(rows), [(3, 0), (4, 0), (2, 0), (1, 0)]);
    }

    #[test]
    fn the_events_of_a_commit_stay_together_and_in_order() {
        let rows = vec![
            row(2, 1, "a", 1),
            row(1, 0, "b", 1),
            row(2, 0, "a", 9),
            row(2, 2, "b", 2),
        ];
        assert_eq!(times(rows), [(1, 0), (2, 0), (2, 1), (2, 2)]);
    }

    #[test]
    fn contradicting_versions_lose_no_event() {
        let rows = vec![
            row(1, 0, "a", 2),
            row(1, 1, "b", 1),
            row(2, 0, "a", 1),
            row(2, 1, "b", 2),
        ];
        assert_eq!(times(rows), [(1, 0), (1, 1), (2, 0), (2, 1)]);
    }
}
