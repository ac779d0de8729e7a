use crate::{AuthFailure, BreachedPasswords, argon::Argon, background::Background, users::NewPassword};
use argon2::{Algorithm, Argon2, Params, Version, password_hash::phc::PasswordHash};
use kernel::Sources;
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// Several times what a hash takes on a processor of its own: after so long there is none to be had.
const PATIENCE: Duration = Duration::from_millis(250);

/// What hashing a password costs (Argon2id), and how many may be hashed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// How many passwords are hashed at the same time.
    pub at_once: usize,
    /// How many may wait for their turn; more are told to come back.
    pub waiting: usize,
}

impl Default for PasswordCost {
    /// The minimum that OWASP recommends: 19 MiB, 2 passes, 1 lane; as many at once as there are processors but one, which
    /// is left to whoever has logged in already; at least one, and four at most.
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
            at_once: std::thread::available_parallelism()
                .map_or(1, |cores| cores.get().saturating_sub(1).clamp(1, 4)),
            waiting: 64,
        }
    }
}

/// What came of checking a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether it is the right one.
    pub(crate) matches: bool,
    /// Whether the stored hash was made at another cost than is set now.
    pub(crate) outdated: bool,
}

/// Hashes and checks passwords beside the async workers, a few at a time, on threads that give way to them.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon: Argon,
    cost: PasswordCost,
    sources: Sources,
    breached: BreachedPasswords,
    admitted: Arc<Semaphore>,
    hashing: Arc<Semaphore>,
    background: Background,
    runs: Arc<AtomicU64>,
}

impl Passwords {
    /// Refuses a cost that Argon2 does not know.
    pub(crate) fn new(
        cost: PasswordCost,
        breached: BreachedPasswords,
        sources: Sources,
    ) -> Result<Self, AuthFailure> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
            .map_err(|error| AuthFailure::internal(format!("password cost: {error}")))?;
        let at_once = cost.at_once.max(1);
        Ok(Self {
            argon: Argon::new(Argon2::new(Algorithm::Argon2id, Version::V0x13, params)),
            cost,
            sources,
            breached,
            admitted: Arc::new(Semaphore::new(at_once.saturating_add(cost.waiting))),
            hashing: Arc::new(Semaphore::new(at_once)),
            background: Background::new(at_once, PATIENCE),
            runs: Arc::new(AtomicU64::new(0)),
        })
    }

    /// How often Argon2 was run so far.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// The hash of a password that is about to be set. One that is known from a breach is refused.
    pub(crate) async fn hash_new(&self, password: &NewPassword) -> Result<String, AuthFailure> {
        if self.breached.contains(password.expose()) {
            return Err(AuthFailure::BreachedPassword);
        }
        self.hash(password.expose()).await
    }

    /// The hash of a password, as it is stored.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, AuthFailure> {
        let argon = self.argon.clone();
        let salt: [u8; 16] = self.sources.random();
        let password = SecretString::from(password);
        self.run(move || {
            let hash = argon.hash(password.expose_secret().as_bytes(), &salt)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Checks a password against a stored hash. Without one the same work is done, and it never matches.
    pub(crate) async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict, AuthFailure> {
        let argon = self.argon.clone();
        let known = stored.is_some();
        let text = stored.map_or_else(|| self.hash_of_nobody(), str::to_owned);
        let password = SecretString::from(password);
        let current = self.prefix();
        self.run(move || {
            let hash = PasswordHash::new(&text)
                .map_err(|error| AuthFailure::internal(format!("stored hash: {error}")))?;
            let equal = argon.verify(password.expose_secret().as_bytes(), &hash)?;
            Ok(Verdict {
                matches: known && equal,
                outdated: !text.starts_with(&current),
            })
        })
        .await
    }

    fn prefix(&self) -> String {
        let PasswordCost {
            memory_kib,
            passes,
            lanes,
            ..
        } = self.cost;
        format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}$")
    }

    /// A well-formed hash of today's cost that no password has.
    fn hash_of_nobody(&self) -> String {
        format!("{}{}${}", self.prefix(), "A".repeat(22), "A".repeat(43))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl Fn() -> Result<T, AuthFailure> + Send + Sync + 'static,
    ) -> Result<T, AuthFailure> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(refused)?;
        let turn = self
            .hashing
            .clone()
            .acquire_owned()
            .await
            .map_err(AuthFailure::internal)?;
        self.runs.fetch_add(1, Ordering::Relaxed);
        let turn = Turn {
            permits: Some((admitted, turn)),
            passwords: self.clone(),
        };
        self.background.run(turn, work).await
    }
}

/// Held until there is a result, also when nobody waits for it any more. The last one lets go of the memory.
struct Turn {
    permits: Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)>,
    passwords: Passwords,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permits = None;
        let PasswordCost { at_once, waiting, .. } = self.passwords.cost;
        if self.passwords.admitted.available_permits() == at_once.max(1).saturating_add(waiting) {
            self.passwords.argon.rest();
        }
    }
}

fn refused(error: TryAcquireError) -> AuthFailure {
    match error {
        TryAcquireError::NoPermits => AuthFailure::Busy,
        TryAcquireError::Closed => AuthFailure::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> PasswordCost {
        PasswordCost {
            memory_kib: 64,
            passes: 1,
            ..PasswordCost::default()
        }
    }

    fn passwords(cost: PasswordCost) -> Result<Passwords, AuthFailure> {
        Passwords::new(cost, BreachedPasswords::default(), Sources::system())
    }

    #[tokio::test]
    async fn the_default_is_argon2id_at_the_recommended_cost() {
        let passwords = passwords(PasswordCost::default()).unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let right = passwords.verify("correct horse", Some(&hash)).await.unwrap();
        assert_eq!(
            right,
            Verdict {
                matches: true,
                outdated: false
            }
        );
        assert!(
            !passwords
                .verify("correct mouse", Some(&hash))
                .await
                .unwrap()
                .matches
        );
    }

    #[tokio::test]
    async fn equal_passwords_have_different_hashes() {
        let passwords = passwords(cheap()).unwrap();
        assert_ne!(
            passwords.hash("correct horse").await.unwrap(),
            passwords.hash("correct horse").await.unwrap()
        );
    }

    #[tokio::test]
    async fn nobody_is_checked_like_somebody_and_never_matches() {
        let passwords = passwords(PasswordCost::default()).unwrap();
        let verdict = passwords.verify("correct horse", None).await.unwrap();
        assert_eq!(
            verdict,
            Verdict {
                matches: false,
                outdated: false
            }
        );
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_still_checks_and_is_told_apart() {
        let old = passwords(cheap()).unwrap();
        let hash = old.hash("correct horse").await.unwrap();
        let dearer = PasswordCost {
            memory_kib: 128,
            ..cheap()
        };
        let now = passwords(dearer).unwrap();
        let verdict = now.verify("correct horse", Some(&hash)).await.unwrap();
        assert_eq!(
            verdict,
            Verdict {
                matches: true,
                outdated: true
            }
        );
    }

    #[tokio::test]
    async fn beyond_the_queue_callers_are_told_to_come_back() {
        let cost = PasswordCost {
            at_once: 1,
            waiting: 1,
            ..cheap()
        };
        let passwords = passwords(cost).unwrap();
        let held = passwords.hashing.clone().acquire_owned().await.unwrap();
        let _running = passwords.admitted.clone().acquire_owned().await.unwrap();
        let waiting = tokio::task::JoinSet::from_iter([{
            let passwords = passwords.clone();
            async move { passwords.hash("correct horse").await }
        }]);
        while passwords.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(
            passwords.hash("correct horse").await,
            Err(AuthFailure::Busy)
        ));
        drop(held);
        assert!(waiting.join_all().await[0].is_ok());
    }
}
