use super::{Api, Journal, Outcome, Progress, Request, Session, What};
use crate::{dice::Dice, error::Error};
use serde_json::Value;
use std::{
    ops::Range,
    path::Path,
    time::{Duration, Instant},
};

/// Access tokens live for five minutes.
const TOKEN_LIFE: Duration = Duration::from_secs(200);

/// Somebody who sends a request until there is an answer, and writes all of it down.
pub(crate) struct Sender {
    api: Api,
    pub(crate) session: Session,
    logged_in: Instant,
    pub(crate) journal: Journal,
    pub(super) dice: Dice,
    pub(super) progress: Progress,
    /// What the keys of this sender begin with.
    name: String,
    made: u64,
    /// How many milliseconds it rests after an unknown outcome.
    rest: Range<u64>,
}

impl Sender {
    /// Registers somebody in a role, who keeps a journal in this directory.
    pub(super) async fn register(
        api: Api,
        (name, role): (&str, &str),
        directory: &Path,
        (dice, progress): (Dice, Progress),
        rest: Range<u64>,
    ) -> Result<Self, Error> {
        let session = api
            .register(&format!("{name}@example.com"), role)
            .await
            .map_err(|error| Error::at(format!("set up {name}"), error))?;
        Ok(Self {
            api,
            session,
            logged_in: Instant::now(),
            journal: Journal::create(&directory.join(format!("{name}.journal")))?,
            dice,
            progress,
            name: name.to_owned(),
            made: 0,
            rest,
        })
    }

    /// Rests for a while.
    pub(super) async fn rest(&self) {
        tokio::time::sleep(self.dice.millis(self.rest.clone())).await;
    }

    /// The API and a log-in that is good for a while.
    pub(crate) async fn fresh(&mut self) -> Result<(&Api, &Session), String> {
        if self.logged_in.elapsed() > TOKEN_LIFE {
            self.log_in_again().await?;
        }
        Ok((&self.api, &self.session))
    }

    /// Shows the password again: tokens from before the healing may be from another time.
    pub(crate) async fn log_in_again(&mut self) -> Result<(), String> {
        self.session = self.api.log_in(&self.session.email).await?;
        self.logged_in = Instant::now();
        Ok(())
    }

    /// Sends anything with a key of its own until there is an answer.
    pub(super) async fn insist(
        &mut self,
        method: &str,
        path: &str,
        body: Value,
    ) -> Result<Option<Value>, Error> {
        let what = What::Other {
            method: method.to_owned(),
            path: path.to_owned(),
            body: match body {
                Value::Null => String::new(),
                body => body.to_string(),
            },
        };
        self.persist(what).await
    }

    /// Sends until there is an answer; None when there was none before the end, or a refusal.
    pub(super) async fn persist(&mut self, what: What) -> Result<Option<Value>, Error> {
        let request = self.request(what);
        let place = self.journal.begin(request.clone())?;
        loop {
            let outcome = self.api.send(&self.session, &request).await;
            self.journal.heard(place, &outcome)?;
            match outcome {
                Outcome::Answered(reply) if reply.status < 300 => {
                    self.progress.acknowledge();
                    return Ok(Some(reply.json()));
                }
                Outcome::Answered(_) => return Ok(None),
                // It was done, and the answer was lost.
                Outcome::Unknown(why) if request.is_gone_by(&why) => return Ok(Some(Value::Null)),
                Outcome::Unknown(_) if self.progress.is_over() => return Ok(None),
                Outcome::Unknown(_) => self.after_trouble().await,
            }
            self.journal.again(place)?;
        }
    }

    /// Sends both at the same moment, each once.
    pub(super) async fn race(&mut self, one: What, other: What) -> Result<(), Error> {
        let requests = [self.request(one), self.request(other)];
        let mut places = Vec::new();
        for request in &requests {
            places.push(self.journal.begin(request.clone())?);
        }
        let (first, second) = tokio::join!(
            self.api.send(&self.session, &requests[0]),
            self.api.send(&self.session, &requests[1]),
        );
        for (place, outcome) in places.into_iter().zip([first, second]) {
            self.journal.heard(place, &outcome)?;
            if matches!(outcome, Outcome::Answered(reply) if reply.status < 300) {
                self.progress.acknowledge();
            }
        }
        Ok(())
    }

    /// Sends once more what was sent before, as it was.
    pub(crate) async fn repeat(&mut self, place: usize) -> Result<Outcome, Error> {
        self.fresh().await.map_err(|error| Error::at("log in", error))?;
        self.journal.again(place)?;
        let request = self.journal.entries[place].request.clone();
        let outcome = self.api.send(&self.session, &request).await;
        self.journal.heard(place, &outcome)?;
        Ok(outcome)
    }

    /// How many requests it has made: never the same number twice.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    fn request(&mut self, what: What) -> Request {
        let key = match &what {
            What::Post(posting) => posting.key.clone(),
            _ => self.key(),
        };
        Request {
            key,
            user: self.session.user.clone(),
            what,
        }
    }

    pub(super) fn key(&mut self) -> String {
        self.made += 1;
        format!("{}-{}", self.name, self.made)
    }

    /// Rests, and shows the password again where the token may be the trouble.
    async fn after_trouble(&mut self) {
        self.rest().await;
        if self.logged_in.elapsed() > TOKEN_LIFE || self.dice.chance(10) {
            // Whoever cannot log in now tries again after the next trouble.
            let _ = self.log_in_again().await;
        }
    }
}
