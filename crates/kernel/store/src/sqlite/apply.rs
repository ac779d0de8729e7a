use super::{
    column::{column_of, id_value},
    encode::{Act, EncodedBatch, EncodedWrite, Row},
    layout::{Side, Table},
};
use crate::StoreError;
use fail::fail_point;
use rusqlite::{Connection, ErrorCode, Statement, types::Value};
use uuid::Uuid;

/// What stopped a batch.
pub(super) enum Stop {
    /// The batch itself: its neighbours go on.
    Refused(StoreError),
    /// The engine.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Stop::Engine(error)
    }
}

const EVENT_SQL: &str = "INSERT INTO outbox (seq, id, type, version, time, tenant, actor, subject, correlation, \
                         causation, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// Writes one batch inside the open transaction; `seq` is the last place in the feed, and moves with the events.
pub(super) fn apply(connection: &Connection, batch: &EncodedBatch, seq: &mut u64) -> Result<(), Stop> {
    for write in &batch.writes {
        apply_write(connection, write)?;
    }
    for event in &batch.events {
        *seq += 1;
        let place = i64::try_from(*seq).map_err(|error| Stop::Refused(StoreError::internal(error)))?;
        let mut statement = connection.prepare_cached(EVENT_SQL)?;
        statement.raw_bind_parameter(1, place)?;
        bind(&mut statement, 2, event)?;
        statement.raw_execute()?;
        fail_point!("store.after_outbox", |_| std::process::abort());
    }
    Ok(())
}

fn apply_write(connection: &Connection, write: &EncodedWrite) -> Result<(), Stop> {
    let (table, id) = (&write.table, write.id);
    match &write.act {
        Act::Insert(row) => {
            put(connection, &table.insert_sql, row).map_err(|error| refusal(write, error))?;
            insert_sides(connection, table, row)
        }
        Act::Replace(row) => {
            let changed = put(connection, &table.replace_sql, row).map_err(|error| refusal(write, error))?;
            if changed == 0 {
                return Err(conflict(write));
            }
            remove_sides(connection, table, id)?;
            insert_sides(connection, table, row)
        }
        Act::Require { version } => {
            let found = connection
                .prepare_cached(&table.require_sql)?
                .exists((id_value(id), *version))?;
            if found { Ok(()) } else { Err(conflict(write)) }
        }
        Act::Remove { version } => {
            let changed = connection
                .prepare_cached(&table.remove_sql)?
                .execute((id_value(id), *version))?;
            if changed == 0 {
                return Err(conflict(write));
            }
            remove_sides(connection, table, id)
        }
    }
}

fn put(connection: &Connection, sql: &str, row: &Row) -> Result<usize, rusqlite::Error> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, 1, &row.values)?;
    statement.raw_execute()
}

fn insert_sides(connection: &Connection, table: &Table, row: &Row) -> Result<(), Stop> {
    for (side, rows) in table.sides.iter().zip(&row.sides) {
        insert_side(connection, side, rows)?;
    }
    Ok(())
}

/// Writes the rows of one side table.
pub(super) fn insert_side(
    connection: &Connection,
    side: &Side,
    rows: &[Vec<Value>],
) -> Result<(), rusqlite::Error> {
    for values in rows {
        let mut statement = connection.prepare_cached(&side.insert_sql)?;
        bind(&mut statement, 1, values)?;
        statement.raw_execute()?;
    }
    Ok(())
}

fn remove_sides(connection: &Connection, table: &Table, id: Uuid) -> Result<(), Stop> {
    for side in &table.sides {
        connection
            .prepare_cached(&side.remove_sql)?
            .execute((id_value(id),))?;
    }
    Ok(())
}

/// Binds values from a place on.
pub(super) fn bind(
    statement: &mut Statement<'_>,
    first: usize,
    values: &[Value],
) -> Result<(), rusqlite::Error> {
    for (offset, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(first + offset, value)?;
    }
    Ok(())
}

fn conflict(write: &EncodedWrite) -> Stop {
    Stop::Refused(StoreError::VersionConflict {
        collection: write.collection.to_owned(),
        id: write.id,
    })
}

/// A unique value that is taken is the batch's own fault, and so is a document that the engine finds too big or
/// too deep; anything else is the engine's.
fn refusal(write: &EncodedWrite, error: rusqlite::Error) -> Stop {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => {
            let fields = taken_fields(&write.table, &error.to_string());
            Stop::Refused(StoreError::Duplicate {
                collection: write.collection.to_owned(),
                fields,
            })
        }
        Some(ErrorCode::TooBig | ErrorCode::Unknown) => Stop::Refused(StoreError::internal(error)),
        _ => Stop::Engine(error),
    }
}

/// The declared fields in SQLite's "UNIQUE constraint failed: clients.tenant_id, clients.email".
fn taken_fields(table: &Table, message: &str) -> Vec<String> {
    let prefix = format!("{}.", table.name);
    let listed = message.split_once(": ").map_or("", |(_, list)| list);
    listed
        .split(", ")
        .filter_map(|column| column.strip_prefix(&prefix))
        .filter(|column| *column != "tenant_id")
        .map(|column| {
            table
                .columns
                .iter()
                .find(|declared| column_of(&declared.field) == column)
                .map_or(column, |declared| declared.field.as_str())
                .to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_taken_value_are_read_from_the_message() {
        let table = Table {
            name: "clients".into(),
            columns: Vec::new(),
            sides: Vec::new(),
            get_sql: String::new(),
            insert_sql: String::new(),
            replace_sql: String::new(),
            require_sql: String::new(),
            remove_sql: String::new(),
        };
        let message = "UNIQUE constraint failed: clients.tenant_id, clients.address.city, clients.email";
        assert_eq!(taken_fields(&table, message), ["address.city", "email"]);
    }
}
