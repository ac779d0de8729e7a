use super::{Api, Journal, Outcome, Posting, Progress, Request, Session, What};
use crate::{dice::Dice, error::Error};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Access tokens live for five minutes.
const TOKEN_LIFE: Duration = Duration::from_secs(200);
/// How long an advisor rests between two clients, so that others get something done.
const REST: std::ops::Range<u64> = 50..250;

/// Somebody who came into the book.
#[derive(Debug, Clone)]
pub(crate) struct Advised {
    pub(crate) user: String,
    client: String,
    /// What was posted to the account and acknowledged: the keys, and the transactions' ids.
    pub(crate) postings: Vec<(String, String)>,
    /// Whether the relationship was to be ended.
    pub(crate) leaves: bool,
    /// Whether that was acknowledged.
    pub(crate) has_left: bool,
}

/// Takes clients into a book, posts for them, and lets most of them go: what other groups hear of as events.
pub(crate) struct Advisor {
    api: Api,
    session: Session,
    logged_in: Instant,
    pub(crate) journal: Journal,
    pub(crate) book: Vec<Advised>,
    dice: Dice,
    progress: Progress,
    made: u64,
}

impl Advisor {
    pub(crate) async fn new(
        api: Api,
        directory: &Path,
        dice: Dice,
        progress: Progress,
    ) -> Result<Self, Error> {
        let session = api
            .register("advisor@example.com", "advisor")
            .await
            .map_err(|error| Error::at("set up the advisor", error))?;
        Ok(Self {
            api,
            session,
            logged_in: Instant::now(),
            journal: Journal::create(&directory.join("advisor.journal"))?,
            book: Vec::new(),
            dice,
            progress,
            made: 0,
        })
    }

    /// Works until told to stop.
    pub(crate) async fn work(mut self) -> Result<Self, Error> {
        while !self.progress.is_over() {
            self.one_client().await?;
            tokio::time::sleep(self.dice.millis(REST)).await;
        }
        Ok(self)
    }

    async fn one_client(&mut self) -> Result<(), Error> {
        let name = self.key();
        let Some(client) = self
            .insist("POST", "/api/v1/clients", json!({ "client_name": name }))
            .await?
        else {
            return Ok(());
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = text(&client["user_id"]);
        self.book.push(Advised {
            user: user.clone(),
            client: text(&client["id"]),
            postings: Vec::new(),
            leaves: false,
            has_left: false,
        });
        let place = self.book.len() - 1;
        let account = json!({ "name": "Advised", "kind": "savings", "currency": "INR", "user_id": user });
        let Some(account) = self.insist("POST", "/api/v1/accounts", account).await? else {
            return Ok(());
        };
        for _ in 0..self.dice.within(1..4) {
            let key = self.key();
            let amount = Decimal::new(i64::try_from(self.dice.within(1..10_000)).unwrap_or(1), 2);
            let posting = Posting {
                key: key.clone(),
                account: text(&account["id"]),
                amount,
            };
            if let Some(posted) = self.persist(key.clone(), What::Post(posting)).await? {
                self.book[place]
                    .postings
                    .push((key, text(&posted["transaction_id"])));
            }
        }
        if self.dice.chance(70) {
            self.book[place].leaves = true;
            let path = format!("/api/v1/clients/{}", self.book[place].client);
            self.book[place].has_left = self.insist("DELETE", &path, Value::Null).await?.is_some();
        }
        Ok(())
    }

    async fn insist(&mut self, method: &str, path: &str, body: Value) -> Result<Option<Value>, Error> {
        let what = What::Other {
            method: method.to_owned(),
            path: path.to_owned(),
            body: match body {
                Value::Null => String::new(),
                body => body.to_string(),
            },
        };
        let key = self.key();
        self.persist(key, what).await
    }

    /// Sends until there is an answer; None when there was none before the end, or a refusal.
    async fn persist(&mut self, key: String, what: What) -> Result<Option<Value>, Error> {
        let request = Request {
            key,
            user: self.session.user.clone(),
            what,
        };
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
                Outcome::Unknown(_) => {}
            }
            tokio::time::sleep(self.dice.millis(REST)).await;
            if self.logged_in.elapsed() > TOKEN_LIFE || self.dice.chance(10) {
                let _ = self.log_in_again().await;
            }
            self.journal.again(place)?;
        }
    }

    async fn log_in_again(&mut self) -> Result<(), String> {
        self.session = self.api.log_in(&self.session.email).await?;
        self.logged_in = Instant::now();
        Ok(())
    }

    /// Finishes what was left open, with nothing broken any more.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        let failed = |error: String| Error::at("settle the advisor's book", error);
        self.log_in_again().await.map_err(failed)?;
        for advised in self
            .book
            .iter_mut()
            .filter(|advised| advised.leaves && !advised.has_left)
        {
            let path = format!("/api/v1/clients/{}", advised.client);
            self.api
                .delete(&path, &self.session.token)
                .await
                .map_err(failed)?;
            advised.has_left = true;
        }
        Ok(())
    }

    /// What the advisor sees: the descriptions of the transactions of everybody in the book.
    pub(crate) async fn sees(&mut self) -> Result<Vec<String>, Error> {
        let failed = |error: String| Error::at("read the advisor's book", error);
        if self.logged_in.elapsed() > TOKEN_LIFE {
            self.log_in_again().await.map_err(failed)?;
        }
        let path = "/api/v1/transactions?limit=200";
        let items = self.api.list(path, &self.session.token).await.map_err(failed)?;
        let key = |item: &Value| item["description"].as_str().unwrap_or_default().to_owned();
        Ok(items.iter().map(key).collect())
    }

    fn key(&mut self) -> String {
        self.made += 1;
        format!("a-{}", self.made)
    }
}
