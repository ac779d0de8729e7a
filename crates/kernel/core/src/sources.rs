use crate::{Clock, SystemClock};
use chrono::{DateTime, Utc};
use rand::Rng as _;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Where randomness comes from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with random bytes fit for keys and tokens.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's cryptographic randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no token is safe: stopping is the only right answer"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives no randomness");
    }
}

/// The thread's own cryptographic generator, which the operating system seeds again and again: for ids, of which a request
/// makes several. Each would be a system call else.
#[derive(Debug, Clone, Copy, Default)]
struct ThreadEntropy;

impl Entropy for ThreadEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// A repeatable stream of bytes for tests (splitmix64). Never for secrets.
#[derive(Debug)]
pub struct FixedEntropy(Mutex<u64>);

impl FixedEntropy {
    /// The same seed gives the same bytes.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Makes ids: UUID v7 from the injected clock and randomness. Index-friendly; never an order of events.
#[derive(Clone)]
pub struct IdSource {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl IdSource {
    /// The next id, as any type that an id converts into.
    pub fn next<T: From<Uuid>>(&self) -> T {
        let mut random = [0_u8; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

/// What every room is given instead of reaching for the machine: time, ids and randomness.
#[derive(Clone)]
pub struct Sources {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ids: IdSource,
}

impl Sources {
    /// Sources made of a clock and a source of randomness.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let ids = IdSource {
            clock: clock.clone(),
            entropy: entropy.clone(),
        };
        Self { clock, entropy, ids }
    }

    /// The machine's own clock and randomness.
    pub fn system() -> Self {
        let clock = Arc::new(SystemClock);
        Self {
            ids: IdSource {
                clock: clock.clone(),
                entropy: Arc::new(ThreadEntropy),
            },
            ..Self::new(clock, Arc::new(SystemEntropy))
        }
    }

    /// The present moment in UTC, cut to milliseconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The source of ids.
    pub fn ids(&self) -> &IdSource {
        &self.ids
    }

    /// The source of randomness.
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.entropy
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0_u8; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sources")
    }
}
