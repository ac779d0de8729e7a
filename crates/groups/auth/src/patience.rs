//! Guessing is slowed down: wrong passwords and codes are counted, in documents that every process shares, and make
//! whoever sent them wait. Delays only: nobody is locked out, least of all by the mistakes of others.

use crate::AuthFailure;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{CallContext, Email, SessionId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, Scoping, Store, StoreError, Stored};
use uuid::Uuid;

/// Wrong passwords that cost nothing, and the longest wait after more of them.
pub(crate) struct Measure {
    free: u32,
    longest: TimeDelta,
}

/// For one account from one address.
pub(crate) const PAIR: Measure = Measure {
    free: 5,
    longest: TimeDelta::minutes(15),
};
/// For one account from anywhere, where nobody has logged in to it from this address before.
pub(crate) const ACCOUNT: Measure = Measure {
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

/// Wrong passwords or codes for an account, from an address, or both: shared by every process. The id is a hash, so that
/// neither e-mails nor addresses stand here, whether there is such an account or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoginAttempts {
    failures: u32,
    last: DateTime<Utc>,
    /// Whether somebody has logged in to the account from the address.
    pub(crate) known: bool,
}

impl Document for LoginAttempts {
    fn collection() -> &'static Collection {
        static ATTEMPTS: LazyLock<Collection> =
            LazyLock::new(|| Collection::new("login_attempts", Scoping::Tenant));
        &ATTEMPTS
    }
}

impl LoginAttempts {
    /// Nothing was wrong yet.
    pub(crate) fn none(now: DateTime<Utc>) -> Self {
        Self {
            failures: 0,
            last: now,
            known: false,
        }
    }

    /// One more that was wrong.
    pub(crate) fn fail(&mut self, now: DateTime<Utc>) {
        self.failures = self.count(now).saturating_add(1);
        self.last = now;
    }

    /// It was right: the account is known here from now on.
    pub(crate) fn pass(&mut self) {
        self.failures = 0;
        self.known = true;
    }

    fn count(&self, now: DateTime<Utc>) -> u32 {
        match now - self.last < FORGOTTEN {
            true => self.failures,
            false => 0,
        }
    }

    /// How long is still to be waited: twice as long with each wrong password beyond the free ones.
    pub(crate) fn wait(&self, measure: &Measure, now: DateTime<Utc>) -> Option<TimeDelta> {
        let beyond = self.count(now).checked_sub(measure.free)?;
        let seconds = 1_i64.checked_shl(beyond.min(20)).unwrap_or(i64::MAX);
        let until = self.last + TimeDelta::seconds(seconds).min(measure.longest);
        (until > now).then(|| until - now)
    }
}

/// Seconds to be told to whoever has to wait.
pub(crate) fn seconds(wait: TimeDelta) -> u64 {
    u64::try_from(wait.num_seconds()).unwrap_or(0).max(1)
}

/// What is counted for one log-in, or one proof.
pub(crate) struct Patience {
    store: Store,
    counts: bool,
    pair: Uuid,
    /// What else makes somebody wait who is not known there.
    strangers: Vec<(Uuid, Measure)>,
}

impl Patience {
    /// Of a log-in to this account from this address.
    pub(crate) fn of_log_in(store: &Store, counts: bool, email: &Email, address: Option<&str>) -> Self {
        let email = email.folded();
        let from = address.unwrap_or_default();
        let account = (id_of(&["account", &email]), ACCOUNT);
        let address = address.map(|address| (id_of(&["address", address]), ADDRESS));
        Self {
            store: store.clone(),
            counts,
            pair: id_of(&["pair", &email, from]),
            strangers: [account].into_iter().chain(address).collect(),
        }
    }

    /// Of passwords that are to prove a user who is logged in: whoever has a session of theirs is slowed down in it, and
    /// nowhere else.
    pub(crate) fn of_proof(store: &Store, user: UserId, session: SessionId) -> Self {
        Self {
            store: store.clone(),
            counts: true,
            pair: id_of(&["proof", &user.to_string(), &session.to_string()]),
            strangers: Vec::new(),
        }
    }
}

impl Patience {
    /// Refuses an attempt that comes too early. Who has logged in from their address before waits for nobody else's
    /// mistakes, so wrong passwords of strangers lock nobody out.
    pub(crate) async fn require(&self) -> Result<(), AuthFailure> {
        if !self.counts {
            return Ok(());
        }
        let now = self.store.sources().now();
        let pair = self.of(self.pair).await?;
        let mut wait = pair.as_ref().and_then(|pair| pair.wait(&PAIR, now));
        if pair.is_none_or(|pair| !pair.known) {
            for (id, measure) in &self.strangers {
                let attempts = self.of(*id).await?;
                wait = wait.max(attempts.and_then(|attempts| attempts.wait(measure, now)));
            }
        }
        match wait {
            Some(wait) => Err(AuthFailure::LoginWait {
                seconds: seconds(wait),
            }),
            None => Ok(()),
        }
    }

    /// Counts a wrong password.
    pub(crate) async fn failed(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let strangers = self.strangers.iter().map(|(id, _)| *id);
        for id in [self.pair].into_iter().chain(strangers) {
            self.change(cx, id, LoginAttempts::fail).await?;
        }
        Ok(())
    }

    /// Remembers that the password came from here.
    pub(crate) async fn passed(&self, cx: &CallContext) -> Result<(), AuthFailure> {
        let known = self.of(self.pair).await?;
        if known.is_some_and(|pair| pair.known && pair.failures == 0) {
            return Ok(());
        }
        self.change(cx, self.pair, |attempts, _| attempts.pass()).await
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
        if !self.counts {
            return Ok(());
        }
        let counted = self.store.anew(cx, StoreError::is_lost_race, async || {
            let mut batch = self.store.batch(cx);
            let now = batch.now();
            match self.of(id).await? {
                Some(known) => drop(batch.replace(&known.changed(|attempts| change(attempts, now)))),
                None => {
                    let mut attempts = LoginAttempts::none(now);
                    change(&mut attempts, now);
                    batch.insert(id, attempts);
                }
            }
            self.store.commit(batch).await.map(drop)
        });
        match counted.await {
            Err(error) if error.is_lost_race() => Ok(()),
            decided => Ok(decided?),
        }
    }
}

pub(crate) fn id_of(parts: &[&str]) -> Uuid {
    let hash = digest(&SHA256, parts.join("\u{0}").as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(half).into_uuid()
}
