use chrono::TimeDelta;
use std::time::Duration;

/// How patient a group's jobs are.
#[derive(Debug, Clone)]
pub struct JobOptions {
    /// How many run at once in this process.
    pub at_once: usize,
    /// How long a process may be silent before another takes its job over; renewed three times in this span.
    pub lease: TimeDelta,
    /// The longest that passes before due jobs are looked for again. New jobs are heard of at once.
    pub look_again: Duration,
    /// The first wait after a failure; each further one is twice as long.
    pub first_backoff: Duration,
    /// The longest wait after a failure.
    pub longest_backoff: Duration,
    /// How long a job may go on when the process stops.
    pub stop_patience: Duration,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            at_once: 4,
            lease: TimeDelta::seconds(20),
            look_again: Duration::from_secs(5),
            first_backoff: Duration::from_secs(1),
            longest_backoff: Duration::from_secs(600),
            stop_patience: Duration::from_secs(5),
        }
    }
}
