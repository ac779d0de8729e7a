use kernel::{Entropy, FixedEntropy};
use std::{ops::Range, sync::Arc, time::Duration};

/// Chance that can be repeated: the same seed and the same questions give the same answers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(Arc<FixedEntropy>);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(Arc::new(FixedEntropy::seeded(seed)))
    }

    /// Dice of their own for somebody who throws at times that nobody controls.
    pub(crate) fn fork(&self) -> Self {
        Self::seeded(self.next())
    }

    fn next(&self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number of the range, which must not be empty.
    pub(crate) fn within(&self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start).max(1)
    }

    /// Yes in so many of a hundred cases.
    pub(crate) fn chance(&self, percent: u64) -> bool {
        self.within(0..100) < percent
    }

    /// A time of so many milliseconds.
    pub(crate) fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    /// One of several; none of nothing.
    pub(crate) fn pick<'a, T>(&self, among: &'a [T]) -> Option<&'a T> {
        let place = self.within(0..among.len().max(1) as u64);
        among.get(usize::try_from(place).unwrap_or(0))
    }
}
