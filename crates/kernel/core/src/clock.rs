use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use fail::fail_point;
use std::sync::Mutex;

/// Where the time comes from. Nothing reads the system's clock directly, so that a test can hold it still.
///
/// Every time that is handed out is UTC and cut to whole milliseconds: the finest grain that both stores keep,
/// so that a document reads back equal to what was written.
pub trait Clock: Send + Sync + 'static {
    /// The present moment in UTC, cut to milliseconds.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that may read the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        to_millis(Utc::now() + skew())
    }
}

/// How far the fault harness has set this process's clock wrong, in milliseconds. Nothing in a shipped build.
fn skew() -> TimeDelta {
    fail_point!("clock.skew", |millis| {
        let millis = millis.and_then(|text| text.parse().ok());
        TimeDelta::milliseconds(millis.unwrap_or(0))
    });
    TimeDelta::zero()
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
}

impl ManualClock {
    /// A clock that shows `now` until it is moved.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now: Mutex::new(to_millis(now)),
        }
    }

    /// Moves the clock by `step`, which may be negative.
    pub fn advance(&self, step: TimeDelta) {
        let mut now = self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = to_millis(*now + step);
    }

    /// Sets the clock to `moment`.
    pub fn set(&self, moment: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to_millis(moment);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn to_millis(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment
        .duration_trunc(TimeDelta::milliseconds(1))
        .unwrap_or(moment)
}
