use super::{
    Figures,
    ledger::{Ledger, decimal, text},
};
use crate::{
    deployment::{Deployment, GROUPS},
    error::Error,
};
use bson::{Bson, Document, doc};
use futures::TryStreamExt;
use rusqlite::{Connection, OpenFlags};
use rust_decimal::Decimal;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

/// An event as it lies in the store.
#[derive(Debug)]
pub(crate) struct Event {
    /// None while it waits for its number.
    seq: Option<i64>,
    kind: String,
    subject: String,
    data: Value,
}

/// What lies in the outbox of each group: read past the platform, straight from the files or the server.
pub(crate) type Feeds = BTreeMap<&'static str, Vec<Event>>;

pub(crate) async fn read(deployment: &Deployment) -> Result<Feeds, Error> {
    let mut feeds = Feeds::new();
    for group in GROUPS {
        let events = match (deployment.files(), &deployment.database) {
            (_, Some(database)) => of_database(&database.data(), group).await?,
            (Some(files), None) => of_file(&files.join(format!("{group}.sqlite3")))?,
            (None, None) => Vec::new(),
        };
        feeds.insert(group, events);
    }
    Ok(feeds)
}

fn of_file(path: &Path) -> Result<Vec<Event>, Error> {
    let failed = |error: rusqlite::Error| Error::at(format!("read {}", path.display()), error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .map_err(failed)?;
    let verdict: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(failed)?;
    if verdict != "ok" {
        return Err(Error::at(format!("trust {}", path.display()), verdict));
    }
    let mut statement = connection
        .prepare("SELECT seq, type, subject, data FROM outbox ORDER BY seq")
        .map_err(failed)?;
    let rows = statement
        .query_map([], |row| {
            let data: String = row.get(3)?;
            Ok(Event {
                seq: row.get(0)?,
                kind: row.get(1)?,
                subject: row.get(2)?,
                data: serde_json::from_str(&data).unwrap_or_default(),
            })
        })
        .map_err(failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

async fn of_database(database: &mongodb::Database, group: &str) -> Result<Vec<Event>, Error> {
    let failed = |error: mongodb::error::Error| Error::at(format!("read the outbox of {group}"), error);
    let rows = database
        .collection::<Document>(&format!("{group}.outbox"))
        .find(doc! {})
        .sort(doc! { "seq": 1 })
        .await
        .map_err(failed)?;
    let rows: Vec<Document> = rows.try_collect().await.map_err(failed)?;
    Ok(rows.into_iter().map(of_row).collect())
}

fn of_row(row: Document) -> Event {
    let text = |name: &str| row.get_str(name).unwrap_or_default().to_owned();
    let data = match row.get("data") {
        Some(Bson::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(other) => bson::deserialize_from_bson(other.clone()).unwrap_or_default(),
        None => Value::Null,
    };
    Event {
        seq: row.get_i64("seq").ok(),
        kind: text("type"),
        subject: text("subject"),
        data,
    }
}

/// Every feed counts 1, 2, 3 …; every transaction has its event and its audit record once, and no other has one; what
/// was told of balances adds up to them.
pub(crate) fn examine(feeds: &Feeds, ledgers: &[Ledger], figures: &mut Figures) {
    for (group, events) in feeds {
        is_dense(group, events, figures);
    }
    let Some(finance) = feeds.get("finance") else {
        return;
    };
    one_for_each(finance, ledgers, figures);
    balances(finance, ledgers, figures);
}

fn is_dense(group: &str, events: &[Event], figures: &mut Figures) {
    let unnumbered = events.iter().filter(|event| event.seq.is_none()).count();
    if unnumbered > 0 {
        figures
            .chain_breaks
            .push(format!("{unnumbered} events of {group} have no number"));
    }
    for (wanted, seq) in (1_i64..).zip(events.iter().filter_map(|event| event.seq)) {
        if seq != wanted {
            figures.chain_breaks.push(format!(
                "in the feed of {group} {seq} stands where {wanted} should"
            ));
            return;
        }
    }
}

fn one_for_each(events: &[Event], ledgers: &[Ledger], figures: &mut Figures) {
    let mut created: HashMap<&str, u64> = HashMap::new();
    let mut audited: HashMap<&str, u64> = HashMap::new();
    let accounts = ledgers.iter().flat_map(|ledger| &ledger.accounts);
    let known: HashSet<&str> = accounts.map(|account| account.id.as_str()).collect();
    let foreign: HashSet<&str> = events
        .iter()
        .filter(|event| event.kind == "transaction.created")
        .filter(|event| !known.contains(event.data["account_id"].as_str().unwrap_or_default()))
        .map(|event| event.subject.as_str())
        .collect();
    for event in events
        .iter()
        .filter(|event| !foreign.contains(event.subject.as_str()))
    {
        match event.kind.as_str() {
            "transaction.created" => *created.entry(&event.subject).or_default() += 1,
            "audit.recorded" if event.data["action"] == "transaction.created" => {
                *audited.entry(&event.subject).or_default() += 1;
            }
            _ => {}
        }
    }
    for transaction in ledgers.iter().flat_map(|ledger| &ledger.transactions) {
        let subject = format!("transaction/{}", transaction.id);
        let mut times = |counted: &mut HashMap<&str, u64>, what: &str| {
            let times = counted.remove(subject.as_str()).unwrap_or_default();
            if times != 1 {
                figures
                    .chain_breaks
                    .push(format!("{} ({subject}) has {times} {what}", transaction.key));
            }
        };
        times(&mut created, "events");
        // A statement has one audit record for all its rows.
        if !transaction.imported {
            times(&mut audited, "audit records");
        }
    }
    for subject in created.keys().chain(audited.keys()) {
        figures
            .chain_breaks
            .push(format!("an event tells of {subject}, which is not there"));
    }
}

/// How many acts the groups have recorded.
pub(crate) fn audit_records(feeds: &Feeds) -> u64 {
    let events = feeds.values().flatten();
    events
        .filter(|event| event.kind == "audit.recorded")
        .map(|_| 1)
        .sum()
}

/// How many events tell that a transaction was posted.
pub(crate) fn tell_of(feeds: &Feeds, transaction: &str) -> usize {
    let subject = format!("transaction/{transaction}");
    let events = feeds.get("finance").map(Vec::as_slice).unwrap_or_default();
    let telling = events
        .iter()
        .filter(|event| event.kind == "transaction.created" && event.subject == subject);
    telling.count()
}

/// How many events tell that something was entered in a portfolio.
pub(crate) fn tell_of_portfolio(feeds: &Feeds, portfolio: &str) -> usize {
    let events = feeds.get("wealth").map(Vec::as_slice).unwrap_or_default();
    let telling = events.iter().filter(|event| {
        event.kind == "portfolio.entered" && event.data["entry"]["portfolio_id"] == portfolio
    });
    telling.count()
}

fn balances(events: &[Event], ledgers: &[Ledger], figures: &mut Figures) {
    let mut told: HashMap<String, Decimal> = HashMap::new();
    for event in events
        .iter()
        .filter(|event| event.kind == "account.balance_changed")
    {
        let account = text(&event.data["account_id"]);
        match decimal(&event.data["change"]["amount"]) {
            Ok(change) => *told.entry(account).or_default() += change,
            Err(error) => figures.chain_breaks.push(format!("{}: {error}", event.subject)),
        }
    }
    for account in ledgers.iter().flat_map(|ledger| &ledger.accounts) {
        let sum = told.get(&account.id).copied().unwrap_or_default();
        if sum != account.balance {
            figures.imbalance.push(format!(
                "account {} shows {}, its events add up to {sum}",
                account.id, account.balance
            ));
        }
    }
}
