use std::time::Duration;

/// How a [`crate::Remote`] treats its target. The defaults suit a target in the same network.
#[derive(Debug, Clone)]
pub struct RemotePolicy {
    /// How often a call is sent at most, the first time included; 1 never sends again. 5.
    pub attempts: u32,
    /// The pause before the second attempt; each further one is twice as long. Somewhere between half of it and all of
    /// it is waited. 25 ms.
    pub backoff: Duration,
    /// The longest pause. 500 ms.
    pub backoff_limit: Duration,
    /// How many attempts beyond the first there may be for a hundred calls. 20.
    pub retry_percent: u32,
    /// How many attempts beyond the first there may be whatever that makes: at once, and then again one a second. 10.
    pub retry_reserve: u32,
    /// When nothing is sent any more because nothing would be answered.
    pub breaker: BreakerPolicy,
    /// How many calls may be under way at once; others wait, until their deadline. 512.
    pub concurrency: usize,
    /// The longest answer, in bytes. 64 MiB.
    pub answer_limit: usize,
    /// The longest line of a stream, in bytes. 8 MiB.
    pub line_limit: usize,
    /// A stream without a line for so long is cut; its server sends one at least every 10 s. 30 s.
    pub stream_idle: Duration,
    /// Sends every call that may be sent again twice, and answers with the second answer: what proves in a test that
    /// asking again does no harm. Never.
    pub ask_twice: bool,
}

impl Default for RemotePolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            backoff: Duration::from_millis(25),
            backoff_limit: Duration::from_millis(500),
            retry_percent: 20,
            retry_reserve: 10,
            breaker: BreakerPolicy::default(),
            concurrency: 512,
            answer_limit: 64 << 20,
            line_limit: 8 << 20,
            stream_idle: Duration::from_secs(30),
            ask_twice: false,
        }
    }
}

/// When a [`crate::Remote`] stops sending, and for how long.
#[derive(Debug, Clone)]
pub struct BreakerPolicy {
    /// Failed attempts within a window that open it. 10.
    pub failures: u32,
    /// How many of a hundred attempts must have failed as well. 50.
    pub percent: u32,
    /// How long attempts are counted together. 10 s.
    pub window: Duration,
    /// How long it stays open; then one attempt is let through, and if that fails, twice as long. 500 ms.
    pub open_for: Duration,
    /// The longest that it stays open. 10 s.
    pub open_limit: Duration,
    /// An attempt that was ended by its deadline counts as failed only when it had this long: a caller in a hurry says
    /// nothing about the target. 1 s.
    pub patience: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 10,
            percent: 50,
            window: Duration::from_secs(10),
            open_for: Duration::from_millis(500),
            open_limit: Duration::from_secs(10),
            patience: Duration::from_secs(1),
        }
    }
}
