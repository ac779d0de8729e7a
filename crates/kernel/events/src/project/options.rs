use chrono::TimeDelta;
use std::time::Duration;

/// How patient a projector is.
#[derive(Debug, Clone)]
pub struct ProjectOptions {
    /// How many events are read at once.
    pub page: u32,
    /// How long one read waits for something new.
    pub wait: Duration,
    /// How long a projection may take for one event.
    pub handler_deadline: Duration,
    /// How often an event is tried before it becomes a dead letter. A store or feed that is away does not count.
    pub attempts: u32,
    /// The first wait after a failure; each further one is twice as long.
    pub first_backoff: Duration,
    /// The longest wait after a failure.
    pub longest_backoff: Duration,
    /// How long one process goes first. It saves the others work; correctness does not rest on it.
    pub lease: TimeDelta,
    /// After how long without progress another process stops leaving the work to the one that goes first.
    pub takeover: Duration,
    /// After how many events that nobody wanted, or how long, the place is saved nevertheless.
    pub save_every: (u64, Duration),
}

impl Default for ProjectOptions {
    fn default() -> Self {
        Self {
            page: 200,
            wait: Duration::from_secs(20),
            handler_deadline: Duration::from_secs(30),
            attempts: 20,
            first_backoff: Duration::from_millis(50),
            longest_backoff: Duration::from_secs(30),
            lease: TimeDelta::seconds(10),
            takeover: Duration::from_secs(1),
            save_every: (500, Duration::from_secs(1)),
        }
    }
}
