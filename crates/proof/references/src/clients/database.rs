use super::record::{Body, Found};
use crate::error::Error;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, types::Type};
use std::{cell::RefCell, path::Path};
use uuid::Uuid;

/// Makes the table, in WAL mode.
pub(crate) fn create(file: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.execute_batch(
        "CREATE TABLE clients (
            id BLOB PRIMARY KEY, version INTEGER NOT NULL, tenant_id BLOB NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL
        ) WITHOUT ROWID",
    )?;
    Ok(connection)
}

/// Adds a client; times are milliseconds since 1970.
pub(crate) fn insert(connection: &Connection, client: &Found) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO clients VALUES (?, ?, ?, ?, ?, ?)")?
        .execute((
            client.id.as_bytes().as_slice(),
            i64::try_from(client.version).unwrap_or(i64::MAX),
            client.tenant_id.as_bytes().as_slice(),
            client.created_at.timestamp_millis(),
            client.updated_at.timestamp_millis(),
            serde_json::to_string(&client.body)?,
        ))?;
    Ok(())
}

/// A client by id, on the connection of this thread.
pub(super) fn get(file: &Path, id: Uuid) -> Result<Option<Found>, Error> {
    thread_local! {
        static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
    }
    CONNECTION.with_borrow_mut(|slot| {
        let connection = match slot {
            Some(connection) => connection,
            None => slot.insert(open(file)?),
        };
        let mut statement = connection.prepare_cached(
            "SELECT version, tenant_id, created_at, updated_at, body FROM clients WHERE id = ?",
        )?;
        Ok(statement
            .query_row((id.as_bytes().as_slice(),), |row| read(id, row))
            .optional()?)
    })
}

fn open(file: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(file, flags)?)
}

fn read(id: Uuid, row: &Row<'_>) -> Result<Found, rusqlite::Error> {
    let body: Body = row
        .get_ref(4)?
        .as_str()
        .map_err(|error| unreadable(4, error))
        .and_then(|text| serde_json::from_str(text).map_err(|error| unreadable(4, error)))?;
    Ok(Found {
        id,
        version: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
        tenant_id: row
            .get_ref(1)?
            .as_blob()
            .map_err(|error| unreadable(1, error))
            .and_then(|bytes| Uuid::from_slice(bytes).map_err(|error| unreadable(1, error)))?,
        created_at: moment(row, 2)?,
        updated_at: moment(row, 3)?,
        body,
    })
}

fn moment(row: &Row<'_>, column: usize) -> Result<DateTime<Utc>, rusqlite::Error> {
    let millis: i64 = row.get(column)?;
    DateTime::from_timestamp_millis(millis).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, millis))
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
