use crate::LEEWAY;
use aws_lc_rs::digest::{SHA256, digest};
use kernel::Clock;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// The longest token that is looked at.
const MAX_BYTES: usize = 4096;
/// How many proven tokens are remembered.
const REMEMBERED: usize = 16_384;

/// What a token proves, and when. Times are seconds since 1970, UTC.
pub(crate) struct Proven<T> {
    pub(crate) what: T,
    pub(crate) not_before: i64,
    pub(crate) expires: i64,
}

/// Why a token is not looked at, or does not count at this moment.
pub(crate) enum Doubt {
    /// No token is so long.
    TooLong,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
}

/// What tokens have proven: remembered by their SHA-256 (bounded), so that a signature is computed once. The time is
/// judged on every call.
pub(crate) struct ProvenTokens<T> {
    clock: Arc<dyn Clock>,
    kept: Cache<[u8; 32], Arc<Proven<T>>>,
}

impl<T> ProvenTokens<T> {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            kept: Cache::new(REMEMBERED),
        }
    }

    /// What the token proves at this moment; `prove` computes it when it is not known yet.
    pub(crate) fn proven<E: From<Doubt>>(
        &self,
        token: &str,
        prove: impl FnOnce() -> Result<Proven<T>, E>,
    ) -> Result<Arc<Proven<T>>, E> {
        if token.len() > MAX_BYTES {
            return Err(Doubt::TooLong.into());
        }
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if let Some(known) = self.kept.get(&fingerprint) {
            self.check_time(&known)?;
            return Ok(known);
        }
        let proven = Arc::new(prove()?);
        self.check_time(&proven)?;
        self.kept.insert(fingerprint, proven.clone());
        Ok(proven)
    }

    /// How many are remembered.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    fn check_time(&self, proven: &Proven<T>) -> Result<(), Doubt> {
        let now = self.clock.now().timestamp();
        let leeway = LEEWAY.num_seconds();
        if now >= proven.expires.saturating_add(leeway) {
            return Err(Doubt::Expired);
        }
        if now < proven.not_before.saturating_sub(leeway) {
            return Err(Doubt::NotYet);
        }
        Ok(())
    }
}
