use crate::{
    AuthFailure,
    patience::{ACCOUNT, LoginAttempts, Measure, PAIR, id_of, seconds},
};
use chrono::{DateTime, Utc};
use kernel::{SessionId, UserId};
use store::{Batch, Store, Stored};
use uuid::Uuid;

/// Where a code comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum GuessedFrom<'a> {
    /// The second step of a log-in, from this address.
    Address(Option<&'a str>),
    /// A session of the user.
    Session(SessionId),
}

/// Wrong codes of one user, as far as they concern whoever sends one now. Who has finished a log-in from their address
/// before, or is logged in, waits for nobody else's mistakes: knowing the password is not enough to keep the user out.
pub(super) struct Guesses {
    here: Counter,
    /// From anywhere; none where the user is known.
    anywhere: Option<Counter>,
}

struct Counter {
    id: Uuid,
    measure: &'static Measure,
    attempts: Option<Stored<LoginAttempts>>,
}

impl Guesses {
    /// The counts of this moment. What is committed with them is refused if they are others by then, so that many
    /// guesses at once are as many as one after the other.
    pub(super) async fn of(store: &Store, user: UserId, from: GuessedFrom<'_>) -> Result<Self, AuthFailure> {
        let user = user.to_string();
        let (id, is_known) = match from {
            GuessedFrom::Address(address) => (id_of(&["code", &user, address.unwrap_or_default()]), false),
            GuessedFrom::Session(session) => (id_of(&["code of", &user, &session.to_string()]), true),
        };
        let here = Counter::read(store, id, &PAIR).await?;
        let is_known = is_known || here.attempts.as_ref().is_some_and(|attempts| attempts.known);
        let anywhere = match is_known {
            true => None,
            false => Some(Counter::read(store, id_of(&["code", &user]), &ACCOUNT).await?),
        };
        Ok(Self { here, anywhere })
    }

    /// Refuses a code that comes too early.
    pub(super) fn require(&self, now: DateTime<Utc>) -> Result<(), AuthFailure> {
        let waits = [Some(&self.here), self.anywhere.as_ref()];
        let wait = waits.into_iter().flatten().filter_map(|one| one.wait(now)).max();
        match wait {
            Some(wait) => Err(AuthFailure::MfaWait {
                seconds: seconds(wait),
            }),
            None => Ok(()),
        }
    }

    /// Counts a wrong code in the batch.
    pub(super) fn wrong(&self, batch: &mut Batch) {
        for counter in [Some(&self.here), self.anywhere.as_ref()].into_iter().flatten() {
            counter.write(batch, LoginAttempts::fail);
        }
    }

    /// Notes in the batch that the user is known here.
    pub(super) fn right(&self, batch: &mut Batch) {
        self.here.write(batch, |attempts, _| attempts.pass());
        if let Some(attempts) = self
            .anywhere
            .as_ref()
            .and_then(|counter| counter.attempts.as_ref())
        {
            batch.require(attempts);
        }
    }
}

impl Counter {
    async fn read(store: &Store, id: Uuid, measure: &'static Measure) -> Result<Self, AuthFailure> {
        Ok(Self {
            id,
            measure,
            attempts: store.get_anywhere(id).await?,
        })
    }

    fn wait(&self, now: DateTime<Utc>) -> Option<chrono::TimeDelta> {
        self.attempts
            .as_ref()
            .and_then(|attempts| attempts.wait(self.measure, now))
    }

    fn write(&self, batch: &mut Batch, change: impl Fn(&mut LoginAttempts, DateTime<Utc>)) {
        let now = batch.now();
        match &self.attempts {
            Some(attempts) => drop(batch.replace(&attempts.changed(|attempts| change(attempts, now)))),
            None => {
                let mut attempts = LoginAttempts::none(now);
                change(&mut attempts, now);
                batch.insert(self.id, attempts);
            }
        }
    }
}
