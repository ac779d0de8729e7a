use super::{
    column::{id_value, key_value},
    layout::{Copied, Layout, Table},
};
use crate::{
    Key, StoreError,
    backend::{RawBatch, RawDocument, Write},
    collection::keys_at,
};
use kernel::NewEvent;
use rusqlite::types::Value;
use std::sync::Arc;
use uuid::Uuid;

/// A batch as statements will write it. Made by the caller's thread, so that the one writer has less to do.
pub(super) struct EncodedBatch {
    /// The layout that it was made for.
    pub(super) generation: i64,
    pub(super) writes: Vec<EncodedWrite>,
    pub(super) events: Vec<Vec<Value>>,
}

/// One write.
pub(super) struct EncodedWrite {
    pub(super) collection: &'static str,
    pub(super) table: Arc<Table>,
    pub(super) id: Uuid,
    pub(super) act: Act,
}

/// What is to be done with a document.
pub(super) enum Act {
    Insert(Row),
    Replace(Row),
    Require { version: i64 },
    Remove { version: i64 },
}

/// A document as rows.
pub(super) struct Row {
    /// In the order of the insert statement.
    pub(super) values: Vec<Value>,
    /// Per side table, its rows.
    pub(super) sides: Vec<Vec<Vec<Value>>>,
}

/// Encodes a batch for a layout.
pub(super) fn encode(layout: &Layout, batch: &RawBatch) -> Result<EncodedBatch, StoreError> {
    let writes = batch
        .writes
        .iter()
        .map(|write| encode_write(layout, write))
        .collect::<Result<_, _>>()?;
    let events = batch
        .events
        .iter()
        .map(|(id, time, event)| encode_event(id.0, time.timestamp_millis(), event))
        .collect();
    Ok(EncodedBatch {
        generation: layout.generation,
        writes,
        events,
    })
}

fn encode_write(layout: &Layout, write: &Write) -> Result<EncodedWrite, StoreError> {
    let (collection, id) = match write {
        Write::Insert { collection, document } | Write::Replace { collection, document } => {
            (*collection, document.id)
        }
        Write::Require { collection, id, .. } | Write::Remove { collection, id, .. } => (*collection, *id),
    };
    let table = layout.table(collection.name())?.clone();
    let act = match write {
        Write::Insert { document, .. } => Act::Insert(row(&table, document)?),
        Write::Replace { document, .. } => Act::Replace(row(&table, document)?),
        Write::Require { version, .. } => Act::Require {
            version: whole(*version)?,
        },
        Write::Remove { version, .. } => Act::Remove {
            version: whole(*version)?,
        },
    };
    Ok(EncodedWrite {
        collection: collection.name(),
        table,
        id,
        act,
    })
}

fn row(table: &Table, document: &RawDocument) -> Result<Row, StoreError> {
    let body = serde_json::to_string(&document.body).map_err(StoreError::internal)?;
    let mut values = vec![
        id_value(document.id),
        Value::Integer(whole(document.version)?),
        id_value(document.tenant_id.0),
        Value::Integer(document.created_at.timestamp_millis()),
        Value::Integer(document.updated_at.timestamp_millis()),
        document
            .deleted_at
            .map_or(Value::Null, |moment| Value::Integer(moment.timestamp_millis())),
        Value::Text(body),
    ];
    let keys = column_values(table, document)?;
    let sides = match document.deleted_at {
        Some(_) => table.sides.iter().map(|_| Vec::new()).collect(),
        None => side_rows(table, document, &keys)?,
    };
    values.extend(keys);
    Ok(Row { values, sides })
}

/// The values of the declared columns of a document.
pub(super) fn column_values(table: &Table, document: &RawDocument) -> Result<Vec<Value>, StoreError> {
    table
        .columns
        .iter()
        .map(|column| {
            let keys = keys_at(&column.field, column.kind, false, &document.body)?;
            Ok(keys.first().map_or(Value::Null, key_value))
        })
        .collect()
}

/// Per side table, the rows of a document that is not deleted.
pub(super) fn side_rows(
    table: &Table,
    document: &RawDocument,
    columns: &[Value],
) -> Result<Vec<Vec<Vec<Value>>>, StoreError> {
    table
        .sides
        .iter()
        .map(|side| {
            let keys = keys_at(&side.field, side.kind, true, &document.body)?;
            Ok(keys
                .iter()
                .filter(|key| **key != Key::Null)
                .map(|key| {
                    let mut row = vec![
                        id_value(document.id),
                        key_value(key),
                        id_value(document.tenant_id.0),
                    ];
                    row.extend(side.copies.iter().map(|copied| match copied {
                        Copied::CreatedAt => Value::Integer(document.created_at.timestamp_millis()),
                        Copied::UpdatedAt => Value::Integer(document.updated_at.timestamp_millis()),
                        Copied::Field(place) => columns.get(*place).cloned().unwrap_or(Value::Null),
                    }));
                    row
                })
                .collect())
        })
        .collect()
}

fn encode_event(id: Uuid, time: i64, event: &NewEvent) -> Vec<Value> {
    vec![
        id_value(id),
        Value::Text(event.event_type.clone()),
        Value::Integer(i64::from(event.version)),
        Value::Integer(time),
        id_value(event.tenant.0),
        Value::Text(event.actor.clone()),
        Value::Text(event.subject.clone()),
        id_value(event.correlation.0),
        event.causation.map_or(Value::Null, |id| id_value(id.0)),
        Value::Text(event.data.to_string()),
    ]
}

fn whole(version: u64) -> Result<i64, StoreError> {
    i64::try_from(version).map_err(StoreError::internal)
}
