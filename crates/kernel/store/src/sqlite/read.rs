use super::{
    column::{id_value, quoted},
    layout::Table,
    select::{DOCUMENT, Select},
};
use crate::{
    StoreError,
    backend::{Migration, RawDocument},
};
use chrono::{DateTime, Utc};
use kernel::{EventEnvelope, EventId, RequestId, TenantId};
use rusqlite::{Connection, Row, params_from_iter, types::Type};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What stopped a read.
pub(super) enum ReadError {
    Engine(rusqlite::Error),
    Other(StoreError),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        ReadError::Engine(error)
    }
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        ReadError::Other(error)
    }
}

/// One document by id.
pub(super) fn get(
    connection: &Connection,
    table: &Table,
    id: Uuid,
) -> Result<Option<RawDocument>, ReadError> {
    let mut statement = connection.prepare_cached(&table.get_sql)?;
    let mut rows = statement.query((id_value(id),))?;
    Ok(rows.next()?.map(document).transpose()?)
}

/// Documents in the order of their ids, deleted or not.
pub(super) fn scan(
    connection: &Connection,
    collection: &str,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<RawDocument>, ReadError> {
    let beyond = if after.is_some() {
        "t.id > ?1"
    } else {
        "?1 IS NOT NULL"
    };
    let sql = format!(
        "SELECT {DOCUMENT} FROM {} t WHERE {beyond} ORDER BY t.id LIMIT ?2",
        quoted(collection)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((id_value(after.unwrap_or_default()), limit), document)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// One page.
pub(super) fn find(
    connection: &Connection,
    parts: &[Select],
    limit: usize,
) -> Result<Vec<RawDocument>, ReadError> {
    if parts.len() < 2 {
        return run_parts(connection, parts, limit);
    }
    // Both parts see the same moment; the transaction ends with the page.
    let moment = connection.unchecked_transaction()?;
    run_parts(&moment, parts, limit)
}

fn run_parts(connection: &Connection, parts: &[Select], limit: usize) -> Result<Vec<RawDocument>, ReadError> {
    let mut found = Vec::new();
    for part in parts {
        let mut statement = connection.prepare_cached(&part.sql)?;
        let mut rows = statement.query(params_from_iter(&part.params))?;
        while found.len() < limit {
            match rows.next()? {
                Some(row) => found.push(document(row)?),
                None => break,
            }
        }
    }
    Ok(found)
}

/// How many match, up to the cap of the statement.
pub(super) fn count(connection: &Connection, select: &Select) -> Result<u64, ReadError> {
    let mut statement = connection.prepare_cached(&select.sql)?;
    let count: i64 = statement.query_row(params_from_iter(&select.params), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// What was done to the schema, oldest first.
pub(super) fn migrations(connection: &Connection) -> Result<Vec<Migration>, ReadError> {
    let mut statement = connection
        .prepare_cached("SELECT version, name, applied_at FROM schema_migrations ORDER BY version")?;
    let migrations = statement.query_map([], |row| {
        Ok(Migration {
            version: whole(row, 0)?,
            name: row.get(1)?,
            applied_at: moment(row, 2)?,
        })
    })?;
    Ok(migrations.collect::<Result<_, _>>()?)
}

/// Events after a place.
pub(super) fn feed(
    connection: &Connection,
    producer: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<EventEnvelope>, ReadError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, id, type, version, time, tenant, actor, subject, correlation, causation, data FROM outbox \
         WHERE seq > ? ORDER BY seq LIMIT ?",
    )?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let events = statement.query_map((after, limit), |row| event(row, producer))?;
    Ok(events.collect::<Result<_, _>>()?)
}

/// The last place in the feed; 0 before the first event.
pub(super) fn last_seq(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(seq) FROM outbox")?
        .query_row([], |row| row.get(0))?;
    Ok(last.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0))
}

/// A document from a row of [`DOCUMENT`].
pub(super) fn document(row: &Row<'_>) -> Result<RawDocument, rusqlite::Error> {
    Ok(RawDocument {
        id: id(row, 0)?,
        version: whole(row, 1)?,
        tenant_id: TenantId(id(row, 2)?),
        created_at: moment(row, 3)?,
        updated_at: moment(row, 4)?,
        deleted_at: row
            .get::<_, Option<i64>>(5)?
            .map(|_| moment(row, 5))
            .transpose()?,
        body: json::<Map<String, Value>>(row, 6)?,
    })
}

fn event(row: &Row<'_>, producer: &str) -> Result<EventEnvelope, rusqlite::Error> {
    Ok(EventEnvelope {
        seq: whole(row, 0)?,
        id: EventId(id(row, 1)?),
        event_type: row.get(2)?,
        version: row.get(3)?,
        time: moment(row, 4)?,
        producer: producer.to_owned(),
        tenant: TenantId(id(row, 5)?),
        actor: row.get(6)?,
        subject: row.get(7)?,
        correlation: RequestId(id(row, 8)?),
        causation: row
            .get_ref(9)?
            .as_blob_or_null()
            .map_err(|error| unreadable(9, error))?
            .map(|_| id(row, 9))
            .transpose()?
            .map(EventId),
        data: json(row, 10)?,
    })
}

fn id(row: &Row<'_>, column: usize) -> Result<Uuid, rusqlite::Error> {
    let bytes = row
        .get_ref(column)?
        .as_blob()
        .map_err(|error| unreadable(column, error))?;
    Uuid::from_slice(bytes).map_err(|error| unreadable(column, error))
}

fn whole(row: &Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|error| unreadable(column, error))
}

fn moment(row: &Row<'_>, column: usize) -> Result<DateTime<Utc>, rusqlite::Error> {
    let millis: i64 = row.get(column)?;
    DateTime::from_timestamp_millis(millis)
        .ok_or_else(|| rusqlite::Error::IntegralValueOutOfRange(column, millis))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|error| unreadable(column, error))?;
    serde_json::from_str(text).map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
}
