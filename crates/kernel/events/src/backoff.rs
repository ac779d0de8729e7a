use kernel::Sources;
use std::time::Duration;

/// How long to wait before trying again: twice as long each time up to a limit, spread by up to a quarter, so that
/// those who failed together do not come back together.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// Waits from `first` to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
        }
    }

    /// The next wait.
    pub fn next(&mut self, sources: &Sources) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.after(self.failures, sources)
    }

    /// The wait after this many failures.
    pub fn after(&self, failures: u32, sources: &Sources) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        let [random] = sources.random::<1>();
        full - full * u32::from(random) / 1024
    }

    /// It worked: the next wait is the first again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit() {
        let sources = Sources::system();
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        for full in [100, 200, 400, 800, 1000, 1000] {
            let wait = backoff.next(&sources);
            let full = Duration::from_millis(full);
            assert!(wait <= full && wait >= full * 3 / 4, "{wait:?} for {full:?}");
        }
        backoff.reset();
        assert!(backoff.next(&sources) <= Duration::from_millis(100));
        assert!(backoff.after(u32::MAX, &sources) <= Duration::from_secs(1));
    }
}
