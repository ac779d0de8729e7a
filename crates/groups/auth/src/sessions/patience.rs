use super::Sessions;
use crate::AuthFailure;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CallContext, Email};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping, Store, StoreError, Stored};
use uuid::Uuid;

/// How often a count is decided anew after losing a race.
const ATTEMPTS: usize = 4;

/// Wrong passwords that cost nothing, and the longest wait after more of them.
struct Measure {
    free: u32,
    longest: TimeDelta,
}

/// For one account from one address.
const PAIR: Measure = Measure {
    free: 5,
    longest: TimeDelta::minutes(15),
};
/// For one account from anywhere, where nobody has logged in to it from this address before.
const ACCOUNT: Measure = Measure {
    free: 20,
    longest: TimeDelta::minutes(5),
};
/// For one address with any account, where nobody has logged in from it to this account before.
const ADDRESS: Measure = Measure {
    free: 50,
    longest: TimeDelta::minutes(5),
};

/// After how long without a wrong password they are forgotten.
const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// Wrong passwords for an account, from an address, or both: shared by every process. The id is a hash, so that neither
/// e-mails nor addresses stand here, whether there is such an account or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoginAttempts {
    failures: u32,
    last: DateTime<Utc>,
    /// Whether somebody has logged in to the account from the address.
    known: bool,
}

impl Document for LoginAttempts {
    fn collection() -> &'static Collection {
        static ATTEMPTS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("login_attempts", Scoping::Tenant));
        &ATTEMPTS
    }
}

impl LoginAttempts {
    fn count(&self, now: DateTime<Utc>) -> u32 {
        match now - self.last < FORGOTTEN {
            true => self.failures,
            false => 0,
        }
    }

    /// How long is still to be waited: twice as long with each wrong password beyond the free ones.
    fn wait(&self, measure: &Measure, now: DateTime<Utc>) -> Option<TimeDelta> {
        let beyond = self.count(now).checked_sub(measure.free)?;
        let seconds = 1_i64.checked_shl(beyond.min(20)).unwrap_or(i64::MAX);
        let until = self.last + TimeDelta::seconds(seconds).min(measure.longest);
        (until > now).then(|| until - now)
    }
}

/// What is counted for one log-in.
pub(super) struct Patience {
    store: Store,
    counts: bool,
    pair: Uuid,
    account: Uuid,
    address: Option<Uuid>,
}

impl Sessions {
    pub(super) fn patience(&self, email: &Email, address: Option<&str>) -> Patience {
        let email = email.folded();
        let from = address.unwrap_or_default();
        Patience {
            store: self.store.clone(),
            counts: self.policy.slow_down_guessing,
            pair: id_of(&["pair", &email, from]),
            account: id_of(&["account", &email]),
            address: address.map(|address| id_of(&["address", address])),
        }
    }
}

impl Patience {
    /// Refuses an attempt that comes too early. Who has logged in from their address before waits for nobody else's
    /// mistakes, so wrong passwords of strangers lock nobody out.
    pub(super) async fn require(&self) -> Result<(), AuthFailure> {
        if !self.counts {
            return Ok(());
        }
        let now = self.store.sources().now();
        let pair = self.of(self.pair).await?;
        let mut wait = pair.as_ref().and_then(|pair| pair.wait(&PAIR, now));
        if pair.is_none_or(|pair| !pair.known) {
            let account = self.of(self.account).await?;
            wait = wait.max(account.and_then(|account| account.wait(&ACCOUNT, now)));
            if let Some(address) = self.address {
                let address = self.of(address).await?;
                wait = wait.max(address.and_then(|address| address.wait(&ADDRESS, now)));
            }
        }
        match wait {
            Some(wait) => Err(AuthFailure::LoginWait {
                seconds: u64::try_from(wait.num_seconds()).unwrap_or(0).max(1),
            }),
            None => Ok(()),
        }
    }

    /// Counts a wrong password.
    pub(super) async fn failed(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        for id in [Some(self.pair), Some(self.account), self.address]
            .into_iter()
            .flatten()
        {
            self.change(cx, id, |attempts, now| {
                attempts.failures = attempts.count(now).saturating_add(1);
                attempts.last = now;
            })
            .await?;
        }
        Ok(())
    }

    /// Remembers that the password came from here.
    pub(super) async fn passed(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let known = self.of(self.pair).await?;
        if known.is_some_and(|pair| pair.known && pair.failures == 0) {
            return Ok(());
        }
        self.change(cx, self.pair, |attempts, _| {
            attempts.failures = 0;
            attempts.known = true;
        })
        .await
    }

    async fn of(&self, id: Uuid) -> Result<Option<Stored<LoginAttempts>>, StoreError> {
        self.store.get_anywhere(id).await
    }

    /// Of many at once some counts may be lost: what matters is that a guesser is slowed down.
    async fn change(
        &self,
        cx: &CallContext,
        id: Uuid,
        change: impl Fn(&mut LoginAttempts, DateTime<Utc>),
    ) -> Result<(), AuthFailure> {
        for _ in 0..ATTEMPTS {
            if !self.counts {
                return Ok(());
            }
            let mut batch = self.store.batch(cx);
            let now = batch.now();
            match self.of(id).await? {
                Some(known) => drop(batch.replace(&known.changed(|attempts| change(attempts, now)))),
                None => {
                    let mut attempts = LoginAttempts {
                        failures: 0,
                        last: now,
                        known: false,
                    };
                    change(&mut attempts, now);
                    batch.insert(id, attempts);
                }
            }
            match self.store.commit(batch).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_lost_race() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

fn id_of(parts: &[&str]) -> Uuid {
    let hash = digest(&SHA256, parts.join("\u{0}").as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(half).into_uuid()
}
