use super::{Api, Posting, Progress, Sender, What};
use crate::{dice::Dice, error::Error};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::path::Path;

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
    pub(crate) sender: Sender,
    pub(crate) book: Vec<Advised>,
}

impl Advisor {
    pub(crate) async fn new(
        api: Api,
        directory: &Path,
        dice: Dice,
        progress: Progress,
    ) -> Result<Self, Error> {
        let sender = Sender::register(api, ("advisor", "advisor"), directory, (dice, progress), REST).await?;
        Ok(Self {
            sender,
            book: Vec::new(),
        })
    }

    /// Works until told to stop.
    pub(crate) async fn work(mut self) -> Result<Self, Error> {
        while !self.sender.progress.is_over() {
            self.one_client().await?;
            self.sender.rest().await;
        }
        Ok(self)
    }

    async fn one_client(&mut self) -> Result<(), Error> {
        let name = self.sender.key();
        let Some(client) = self
            .sender
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
        let Some(account) = self.sender.insist("POST", "/api/v1/accounts", account).await? else {
            return Ok(());
        };
        for _ in 0..self.sender.dice.within(1..4) {
            let key = self.sender.key();
            let amount = Decimal::new(i64::try_from(self.sender.dice.within(1..10_000)).unwrap_or(1), 2);
            let posting = Posting {
                key: key.clone(),
                account: text(&account["id"]),
                amount,
            };
            if let Some(posted) = self.sender.persist(What::Post(posting)).await? {
                self.book[place]
                    .postings
                    .push((key, text(&posted["transaction_id"])));
            }
        }
        if self.sender.dice.chance(70) {
            self.book[place].leaves = true;
            let path = format!("/api/v1/clients/{}", self.book[place].client);
            self.book[place].has_left = self.sender.insist("DELETE", &path, Value::Null).await?.is_some();
        }
        Ok(())
    }

    /// Finishes what was left open, with nothing broken any more.
    pub(crate) async fn settle(&mut self) -> Result<(), Error> {
        let failed = |error: String| Error::at("settle the advisor's book", error);
        self.sender.log_in_again().await.map_err(failed)?;
        for advised in self
            .book
            .iter_mut()
            .filter(|advised| advised.leaves && !advised.has_left)
        {
            let path = format!("/api/v1/clients/{}", advised.client);
            let (api, session) = self.sender.fresh().await.map_err(failed)?;
            api.delete(&path, &session.token).await.map_err(failed)?;
            advised.has_left = true;
        }
        Ok(())
    }

    /// What the advisor sees: the descriptions of the transactions of everybody in the book.
    pub(crate) async fn sees(&mut self) -> Result<Vec<String>, Error> {
        let failed = |error: String| Error::at("read the advisor's book", error);
        let (api, session) = self.sender.fresh().await.map_err(failed)?;
        let path = "/api/v1/transactions?limit=200";
        let items = api.list(path, &session.token).await.map_err(failed)?;
        let key = |item: &Value| item["description"].as_str().unwrap_or_default().to_owned();
        Ok(items.iter().map(key).collect())
    }
}
