//! `POST /api/v1/transactions`, written as one would at first: every request is a transaction of its own on the one connection
//! that writes, synced to the disk before the answer. It keeps the promises of ours: the key, the balance, the events.

use crate::{
    access::{Access, Claims},
    error::Error,
    log_line,
};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    web::{self, Data, Json},
};
use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use uuid::Uuid;

const ROUTE: &str = "/api/v1/transactions";

/// How it is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[arg(long)]
    port: u16,
    /// The file to make, or to go on with.
    #[arg(long)]
    database: PathBuf,
    /// The secret that signs access tokens.
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    jwt_secret: String,
    /// An account to post to: made when it is not there.
    #[arg(long)]
    account: Uuid,
    /// The firm of the account.
    #[arg(long)]
    tenant: Uuid,
    /// Who may post to it: its user or advisor.
    #[arg(long)]
    owner: Uuid,
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Income,
    Expense,
}

#[derive(Debug, Serialize, Deserialize)]
struct Posting {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(with = "rust_decimal::serde::arbitrary_precision")]
    amount: Decimal,
    description: Option<String>,
    account_id: Uuid,
    category: Option<String>,
    date: Option<NaiveDate>,
    currency: Option<String>,
}

#[derive(Debug, Serialize)]
struct Posted {
    id: Uuid,
    version: u64,
    created_at: String,
    #[serde(flatten)]
    posting: Posting,
}

struct Shared {
    access: Access,
    writer: Mutex<Connection>,
}

/// Serves until the process is stopped.
pub(crate) fn serve(options: &Options) -> Result<(), Error> {
    let shared = Data::from(Arc::new(Shared {
        access: Access::new(&options.jwt_secret),
        writer: Mutex::new(open(options)?),
    }));
    let app = move || {
        App::new()
            .app_data(shared.clone())
            .route(ROUTE, web::post().to(create))
            .route("/ready", web::get().to(HttpResponse::Ok))
    };
    let server = HttpServer::new(app)
        .workers(options.workers)
        .tcp_nodelay(true)
        .bind(("127.0.0.1", options.port))?;
    Ok(actix_web::rt::System::new().block_on(server.run())?)
}

fn open(options: &Options) -> Result<Connection, Error> {
    let connection = Connection::open(&options.database)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS accounts (id BLOB PRIMARY KEY, tenant BLOB NOT NULL, owner BLOB NOT NULL, balance TEXT NOT NULL) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS transactions (id BLOB PRIMARY KEY, account BLOB NOT NULL, date TEXT, body TEXT NOT NULL) WITHOUT ROWID;
         CREATE INDEX IF NOT EXISTS transactions_of_account ON transactions (account, date, id);
         CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS keys (owner BLOB NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, answer BLOB NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID;",
    )?;
    connection.execute(
        "INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, '0')",
        (
            bytes(&options.account),
            bytes(&options.tenant),
            bytes(&options.owner),
        ),
    )?;
    Ok(connection)
}

async fn create(
    request: HttpRequest,
    posting: Json<Posting>,
    shared: Data<Shared>,
) -> Result<HttpResponse, Error> {
    let began = Instant::now();
    let request_id = log_line::new_id();
    let claims = shared.access.of(request.headers())?;
    let user = claims.sub;
    let key = match request
        .headers()
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok())
    {
        Some(key) => key.to_owned(),
        None => request_id.to_string(),
    };
    let posted = web::block(move || {
        let mut writer = shared.writer.lock().unwrap_or_else(PoisonError::into_inner);
        post(&mut writer, &claims, &key, posting.into_inner())
    });
    let answer = posted.await.map_err(|_| Error::Stopping)??;
    log_line::write(&log_line::Request {
        method: "POST",
        route: ROUTE,
        path: request.path(),
        status: 201,
        bytes: answer.len(),
        id: request_id,
        user,
        began,
    });
    Ok(HttpResponse::Created()
        .content_type("application/json")
        .body(answer))
}

/// Posts once for each key; the same key gets the same bytes.
fn post(writer: &mut Connection, claims: &Claims, key: &str, posting: Posting) -> Result<Vec<u8>, Error> {
    let asked = serde_json::to_string(&posting)?;
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known: Option<(String, Vec<u8>)> = transaction
        .prepare_cached("SELECT request, answer FROM keys WHERE owner = ? AND key = ?")?
        .query_row((bytes(&claims.sub), key), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((request, answer)) = known {
        return if request == asked {
            Ok(answer)
        } else {
            Err(Error::KeyInUse)
        };
    }
    let balance = balance(&transaction, claims, posting.account_id)?;
    let posted = Posted {
        id: log_line::new_id(),
        version: 1,
        created_at: log_line::now().to_rfc3339(),
        posting,
    };
    let answer = serde_json::to_vec(&posted)?;
    keep(&transaction, &posted, balance)?;
    transaction
        .prepare_cached("INSERT INTO keys VALUES (?, ?, ?, ?)")?
        .execute((bytes(&claims.sub), key, &asked, &answer))?;
    transaction.commit()?;
    Ok(answer)
}

/// The balance of an account that the caller may post to.
fn balance(transaction: &Transaction<'_>, claims: &Claims, account: Uuid) -> Result<Decimal, Error> {
    let found: Option<String> = transaction
        .prepare_cached("SELECT balance FROM accounts WHERE id = ? AND tenant = ? AND owner = ?")?
        .query_row(
            (bytes(&account), bytes(&claims.tenant_id), bytes(&claims.sub)),
            |row| row.get(0),
        )
        .optional()?;
    found.ok_or(Error::NotFound)?.parse().map_err(|_| Error::Balance)
}

/// The posting, the new balance, and the three events that it causes.
fn keep(transaction: &Transaction<'_>, posted: &Posted, balance: Decimal) -> Result<(), Error> {
    let moved = match posted.posting.kind {
        Kind::Income => posted.posting.amount,
        Kind::Expense => -posted.posting.amount,
    };
    let balance = balance.checked_add(moved).ok_or(Error::Balance)?.to_string();
    let account = posted.posting.account_id;
    transaction
        .prepare_cached("INSERT INTO transactions VALUES (?, ?, ?, ?)")?
        .execute((
            bytes(&posted.id),
            bytes(&account),
            posted.posting.date.map(|date| date.to_string()),
            serde_json::to_string(&posted)?,
        ))?;
    transaction
        .prepare_cached("UPDATE accounts SET balance = ? WHERE id = ?")?
        .execute((&balance, bytes(&account)))?;
    let mut event = transaction.prepare_cached("INSERT INTO events (id, type, data) VALUES (?, ?, ?)")?;
    for kind in ["transaction.created", "audit.recorded", "balance.changed"] {
        let data = serde_json::json!({
            "transaction_id": posted.id, "account_id": account, "amount": posted.posting.amount, "balance": balance
        });
        event.execute((bytes(&log_line::new_id()), kind, data.to_string()))?;
    }
    Ok(())
}

fn bytes(id: &Uuid) -> &[u8] {
    id.as_bytes().as_slice()
}
