use std::time::Duration;

/// What became of requests that may be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    requests: u64,
    resent: u64,
    longest: Duration,
    failures: Vec<String>,
}

impl Tally {
    /// Counts a request that was answered well, or the story of one that was not, and how long it took with what was sent
    /// again.
    pub(super) fn count(&mut self, took: Duration, resent: bool, answered: Result<(), String>) {
        self.requests += 1;
        self.resent += u64::from(resent);
        self.longest = self.longest.max(took);
        self.failures.extend(answered.err());
    }

    pub(super) fn join(&mut self, other: Tally) {
        self.requests += other.requests;
        self.resent += other.resent;
        self.longest = self.longest.max(other.longest);
        self.failures.extend(other.failures);
    }

    pub(super) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Whether there were requests, and none failed.
    pub(super) fn holds(&self) -> bool {
        self.requests > 0 && self.failures.is_empty()
    }

    pub(super) fn line(&self) -> String {
        format!(
            "requests {}, failed {}, sent again because a kept connection was closed {}, longest wait {:.0?}",
            self.requests,
            self.failures.len(),
            self.resent,
            self.longest
        )
    }
}

/// Which keys are not there exactly once, though they were acknowledged, and which are there though nobody sent them.
pub(super) fn not_once(acknowledged: &[String], there: &[String]) -> Vec<String> {
    let times = |key: &String| there.iter().filter(|other| *other == key).count();
    let wrong = acknowledged.iter().filter(|key| times(key) != 1);
    let wrong = wrong.map(|key| format!("{key} was acknowledged and is there {} times", times(key)));
    let unknown = there.iter().filter(|key| !acknowledged.contains(key));
    let unknown = unknown.map(|key| format!("{key} is there and was not acknowledged"));
    wrong.chain(unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn a_request_that_failed_or_none_at_all_is_no_pass() {
        let mut tally = Tally::default();
        assert!(!tally.holds());
        tally.count(Duration::from_millis(3), true, Ok(()));
        assert!(tally.holds());
        let mut other = Tally::default();
        other.count(Duration::from_millis(7), false, Err("503".to_owned()));
        tally.join(other);
        assert!(!tally.holds());
        assert_eq!(
            tally.line(),
            "requests 2, failed 1, sent again because a kept connection was closed 1, longest wait 7ms"
        );
    }

    #[test]
    fn what_is_lost_doubled_or_made_up_is_told() {
        let sent = keys(&["a", "b", "c"]);
        assert_eq!(not_once(&sent, &keys(&["c", "a", "b"])), Vec::<String>::new());
        let wrong = not_once(&sent, &keys(&["a", "b", "b", "d"]));
        assert_eq!(
            wrong,
            [
                "b was acknowledged and is there 2 times",
                "c was acknowledged and is there 0 times",
                "d is there and was not acknowledged"
            ]
        );
    }
}
