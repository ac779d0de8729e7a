use super::tally::{Tally, not_once};
use crate::{
    error::Error,
    load::{Api, Posting, Reply, Request, Session, What},
};
use rust_decimal::Decimal;
use serde_json::json;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// One path of each group.
const READ: [&str; 5] = [
    "/api/auth/me",
    "/api/v1/clients?limit=5",
    "/api/v1/transactions?limit=5",
    "/api/integrations",
    "/api/infrastructure/registry",
];
/// How long a user waits for an answer: longer than the edge takes for any.
const PATIENCE: Duration = Duration::from_secs(45);
/// Access tokens live for five minutes.
const TOKEN_IS_OLD: Duration = Duration::from_secs(150);

/// Users at work: they read from every group and post, each posting with a key.
pub(super) struct Users {
    stop: Arc<AtomicBool>,
    posted: Arc<AtomicU64>,
    running: JoinSet<Result<User, Error>>,
}

/// What one of them did.
pub(super) struct User {
    api: Api,
    session: Session,
    since: Instant,
    account: String,
    acknowledged: Vec<String>,
    tally: Tally,
}

impl Users {
    pub(super) async fn start(api: &Api, number: u64) -> Result<Self, Error> {
        let mut users = Self {
            stop: Arc::default(),
            posted: Arc::default(),
            running: JoinSet::new(),
        };
        for number in 0..number {
            let user = User::new(api, number).await;
            let user = user.map_err(|error| Error::at(format!("set up user {number}"), error))?;
            let working = user.work(users.stop.clone(), users.posted.clone());
            users.running.spawn(working);
        }
        Ok(users)
    }

    /// Waits until so many more postings were answered.
    pub(super) async fn more(&self, number: u64, patience: Duration) -> Result<(), Error> {
        let wanted = self.posted.load(Ordering::Relaxed) + number;
        let end = Instant::now() + patience;
        while self.posted.load(Ordering::Relaxed) < wanted {
            if Instant::now() > end {
                let what = format!("see {number} more postings within {patience:?}");
                return Err(Error::at(what, "the users do not get on"));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Lets them end.
    pub(super) async fn end(self) -> Result<Vec<User>, Error> {
        self.stop.store(true, Ordering::Relaxed);
        self.running.join_all().await.into_iter().collect()
    }
}

/// What became of all requests, and which postings are not there once.
pub(super) async fn check(users: Vec<User>) -> Result<(Tally, Vec<String>), Error> {
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    for mut user in users {
        let there = user.there().await;
        let there = there.map_err(|error| Error::at("read a ledger", error))?;
        wrong.extend(not_once(&user.acknowledged, &there));
        tally.join(user.tally);
    }
    Ok((tally, wrong))
}

impl User {
    async fn new(api: &Api, number: u64) -> Result<Self, String> {
        let session = api
            .register(&format!("user{number}@example.com"), "client")
            .await?;
        let account = json!({ "name": "Savings", "kind": "savings", "currency": "INR" });
        let account = api
            .post("/api/v1/accounts", &session.token, &account, 201)
            .await?;
        Ok(Self {
            api: api.clone(),
            session,
            since: Instant::now(),
            account: account["id"].as_str().unwrap_or_default().to_owned(),
            acknowledged: Vec::new(),
            tally: Tally::default(),
        })
    }

    async fn work(mut self, stop: Arc<AtomicBool>, posted: Arc<AtomicU64>) -> Result<Self, Error> {
        for number in 1_u64.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if self.since.elapsed() > TOKEN_IS_OLD {
                let session = self.api.log_in(&self.session.email).await;
                self.session = session.map_err(|error| Error::at("log in", error))?;
                self.since = Instant::now();
            }
            for path in READ {
                self.read(path).await;
            }
            self.post(number).await;
            posted.fetch_add(1, Ordering::Relaxed);
        }
        Ok(self)
    }

    async fn read(&mut self, path: &str) {
        let (begin, token) = (Instant::now(), self.session.token.clone());
        let api = self.api.clone();
        let (resent, answer) = twice(|| api.ask(path, &token, PATIENCE)).await;
        let answered = well(answer)
            .map(|_| ())
            .map_err(|why| format!("GET {path}: {why}"));
        self.tally.count(begin.elapsed(), resent, answered);
    }

    async fn post(&mut self, number: u64) {
        let key = format!("{}-{number}", self.session.email);
        let posting = Posting {
            key: key.clone(),
            account: self.account.clone(),
            amount: Decimal::from(number),
        };
        let request = Request {
            key: key.clone(),
            user: self.session.user.clone(),
            what: What::Post(posting),
        };
        let (begin, api, session) = (Instant::now(), self.api.clone(), self.session.clone());
        let (resent, answer) = twice(|| api.answer_to(&session, &request, PATIENCE)).await;
        let answered = well(answer).map_err(|why| format!("posting {key}: {why}"));
        if answered.is_ok() {
            self.acknowledged.push(key);
        }
        self.tally.count(begin.elapsed(), resent, answered.map(|_| ()));
    }

    /// The keys of all that was posted.
    async fn there(&mut self) -> Result<Vec<String>, String> {
        let session = self.api.log_in(&self.session.email).await?;
        let path = "/api/v1/transactions?limit=200";
        let items = self.api.list(path, &session.token).await?;
        let key = |item: &serde_json::Value| item["description"].as_str().unwrap_or_default().to_owned();
        Ok(items.iter().map(key).collect())
    }
}

/// Sends a request, and once more when the connection was closed under it: a client cannot know that a kept connection is
/// about to be closed. Answers whether that was needed, too.
async fn twice<F: Future<Output = Result<Reply, String>>>(
    send: impl Fn() -> F,
) -> (bool, Result<Reply, String>) {
    match send().await {
        Ok(reply) => (false, Ok(reply)),
        Err(_) => (true, send().await),
    }
}

fn well(answer: Result<Reply, String>) -> Result<Reply, String> {
    match answer? {
        reply if reply.status == 200 => Ok(reply),
        reply => Err(format!("{} {}", reply.status, reply.text)),
    }
}
