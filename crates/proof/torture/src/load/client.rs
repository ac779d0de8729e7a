use super::{Api, Journal, Messages, Outcome, Posting, Request, Session, What};
use crate::{dice::Dice, error::Error};
use rust_decimal::Decimal;
use serde_json::json;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Access tokens live for five minutes.
const TOKEN_LIFE: Duration = Duration::from_secs(200);
/// How long a client rests after an unknown outcome, so that it does not ask a dead process in a circle.
const REST: std::ops::Range<u64> = 20..200;

/// What all clients of a run share: how far they are, and whether they should go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    acknowledged: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Progress {
    /// How many requests were acknowledged so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Sends the clients home.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// Somebody who moves money.
pub(crate) struct Client {
    number: u64,
    api: Api,
    /// The other way to the platform, where there is one.
    messages: Option<Messages>,
    pub(crate) session: Session,
    logged_in: Instant,
    pub(crate) accounts: Vec<String>,
    pub(crate) journal: Journal,
    dice: Dice,
    progress: Progress,
    made: u64,
}

impl Client {
    /// Registers, and opens two accounts. Nothing is broken yet.
    pub(crate) async fn new(
        number: u64,
        (api, messages): (Api, Option<Messages>),
        directory: &Path,
        dice: Dice,
        progress: Progress,
    ) -> Result<Self, Error> {
        let set_up = |error: String| Error::at(format!("set up client {number}"), error);
        let email = format!("mover{number}@example.com");
        let session = api.register(&email, "client").await.map_err(set_up)?;
        let mut accounts = Vec::new();
        for name in ["Checking", "Savings"] {
            let account = json!({ "name": name, "kind": "savings", "currency": "INR" });
            let account = api
                .post("/api/v1/accounts", &session.token, &account, 201)
                .await
                .map_err(set_up)?;
            accounts.push(account["id"].as_str().unwrap_or_default().to_owned());
        }
        Ok(Self {
            number,
            api,
            messages,
            session,
            logged_in: Instant::now(),
            accounts,
            journal: Journal::create(&directory.join(format!("client-{number}.journal")))?,
            dice,
            progress,
            made: 0,
        })
    }

    /// Moves money until it is told to stop.
    pub(crate) async fn work(mut self) -> Result<Self, Error> {
        while !self.progress.is_over() {
            match self.dice.within(0..100) {
                0..12 => self.race().await?,
                12..16 => {
                    let what = What::Refuse(self.posting(Decimal::ZERO));
                    self.send_new(what).await?;
                }
                16..20 => {
                    let what = self.statement();
                    self.send_new(what).await?;
                }
                20..39 => self.transfer().await?,
                39..60 if self.messages.is_some() => self.message().await?,
                _ => {
                    let amount = self.amount();
                    let what = What::Post(self.posting(amount));
                    self.send_new(what).await?;
                }
            }
        }
        Ok(self)
    }

    /// A posting through the broker.
    pub(crate) async fn message(&mut self) -> Result<(), Error> {
        let amount = self.amount();
        let what = What::Message(self.posting(amount));
        self.send_new(what).await
    }

    /// Out of one account and into the other.
    async fn transfer(&mut self) -> Result<(), Error> {
        let amount = self.amount().abs();
        for (place, amount) in [(0, -amount), (1, amount)] {
            let account = self.accounts[place].clone();
            let key = self.key();
            self.send_new(What::Post(Posting { key, account, amount }))
                .await?;
        }
        Ok(())
    }

    /// Two new names for one account at the same moment, on top of the same version: one of them at most may be told
    /// that it was taken.
    async fn race(&mut self) -> Result<(), Error> {
        let Some(account) = self.dice.pick(&self.accounts).cloned() else {
            return Ok(());
        };
        let path = format!("/api/v1/accounts/{}/{account}", self.session.user);
        let Ok(read) = self.api.get(&path, &self.session.token).await else {
            return self.after_trouble().await;
        };
        let etag = read.etag.unwrap_or_default();
        let Ok(version) = etag.trim_matches('"').parse() else {
            return Ok(());
        };
        let mut requests = Vec::new();
        for _ in 0..2 {
            let (key, account) = (self.key(), account.clone());
            let name = key.clone();
            let what = What::Rename {
                account,
                name,
                version,
            };
            requests.push((self.request(key, what.clone()), what));
        }
        let mut places = Vec::new();
        for (request, _) in &requests {
            places.push(self.journal.begin(request.clone())?);
        }
        let (first, second) = tokio::join!(
            self.api.send(&self.session, &requests[0].0),
            self.api.send(&self.session, &requests[1].0),
        );
        self.note(places[0], &first)?;
        self.note(places[1], &second)
    }

    /// Whether some of what it sends goes through the broker.
    pub(crate) fn sends_messages(&self) -> bool {
        self.messages.is_some()
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

    /// Sends once more what was sent before, as it was.
    pub(crate) async fn repeat(&mut self, place: usize) -> Result<Outcome, Error> {
        self.fresh().await.map_err(|error| Error::at("log in", error))?;
        self.journal.again(place)?;
        let request = self.journal.entries[place].request.clone();
        let outcome = self.send(&request).await;
        self.journal.heard(place, &outcome)?;
        Ok(outcome)
    }

    async fn send_new(&mut self, what: What) -> Result<(), Error> {
        let key = match &what {
            What::Post(posting) | What::Message(posting) | What::Refuse(posting) => posting.key.clone(),
            _ => self.key(),
        };
        let request = self.request(key, what);
        let place = self.journal.begin(request.clone())?;
        loop {
            let outcome = self.send(&request).await;
            self.note(place, &outcome)?;
            if let Outcome::Answered(_) = outcome {
                // Some ask again though they know: the answer must be the same.
                let repeats = request.repeats_bytes() || request.is_message();
                if !repeats || !self.dice.chance(5) {
                    return Ok(());
                }
            } else {
                self.after_trouble().await?;
                // Others never ask again: what became of their request shows in the end.
                if self.progress.is_over() || self.dice.chance(50) {
                    return Ok(());
                }
            }
            self.journal.again(place)?;
        }
    }

    async fn send(&mut self, request: &Request) -> Outcome {
        match &mut self.messages {
            Some(messages) if request.is_message() => messages.send(request).await,
            _ => self.api.send(&self.session, request).await,
        }
    }

    fn note(&mut self, place: usize, outcome: &Outcome) -> Result<(), Error> {
        self.journal.heard(place, outcome)?;
        if matches!(outcome, Outcome::Answered(reply) if reply.status < 300) {
            self.progress.acknowledge();
        }
        Ok(())
    }

    /// Rests, and shows the password again where the token may be the trouble.
    async fn after_trouble(&mut self) -> Result<(), Error> {
        tokio::time::sleep(self.dice.millis(REST)).await;
        if self.logged_in.elapsed() > TOKEN_LIFE || self.dice.chance(10) {
            // Whoever cannot log in now tries again after the next trouble.
            let _ = self.log_in_again().await;
        }
        Ok(())
    }

    fn request(&self, key: String, what: What) -> Request {
        Request {
            key,
            user: self.session.user.clone(),
            what,
        }
    }

    fn key(&mut self) -> String {
        self.made += 1;
        format!("c{}-{}", self.number, self.made)
    }

    /// Up to a thousand rupees either way, to the paisa.
    fn amount(&self) -> Decimal {
        let paise = i64::try_from(self.dice.within(1..100_000)).unwrap_or(1);
        let sign = if self.dice.chance(40) { -1 } else { 1 };
        Decimal::new(sign * paise, 2)
    }

    fn posting(&mut self, amount: Decimal) -> Posting {
        let account = self.dice.pick(&self.accounts).cloned().unwrap_or_default();
        let key = self.key();
        Posting { key, account, amount }
    }

    fn statement(&mut self) -> What {
        let account = self.dice.pick(&self.accounts).cloned().unwrap_or_default();
        let rows = (0..self.dice.within(2..25)).map(|_| {
            let (key, amount) = (self.key(), self.amount());
            Posting {
                key,
                account: account.clone(),
                amount,
            }
        });
        What::Import(rows.collect())
    }
}
