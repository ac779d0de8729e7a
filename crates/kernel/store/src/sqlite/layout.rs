use super::{
    column::{column_of, kind_of_name, quoted},
    select::DOCUMENT,
};
use crate::{FieldKind, StoreError};
use rusqlite::Connection;
use std::{collections::HashMap, sync::Arc};

/// The tables of a file as the file itself describes them. A newer program may have declared fields that this one does
/// not know: their columns are filled all the same, so that old and new processes can work side by side.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// SQLite's own count of schema changes when this was read.
    pub(super) generation: i64,
    tables: HashMap<String, Arc<Table>>,
}

/// One collection's table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// The declared fields that have a column, in the order of the columns.
    pub(super) columns: Vec<Column>,
    /// The side tables of the fields that are arrays.
    pub(super) sides: Vec<Side>,
    pub(super) get_sql: String,
    pub(super) insert_sql: String,
    pub(super) replace_sql: String,
    pub(super) require_sql: String,
    pub(super) remove_sql: String,
}

/// A declared field.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) field: String,
    pub(super) kind: FieldKind,
}

/// The elements of an array field of the documents that are not deleted: one row per document and element, with
/// copies of the columns that its queries need, so that one index serves each.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) field: String,
    pub(super) kind: FieldKind,
    /// The copied columns.
    pub(super) copies: Vec<Copied>,
    pub(super) insert_sql: String,
    pub(super) remove_sql: String,
}

/// Where a copied column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copied {
    CreatedAt,
    UpdatedAt,
    Field(usize),
}

impl Layout {
    /// Reads the description from the file; empty for a new file.
    pub(super) fn read(connection: &Connection) -> Result<Self, StoreError> {
        let internal = |error: rusqlite::Error| StoreError::internal(error);
        let generation = generation(connection).map_err(internal)?;
        let mut layout = Self {
            generation,
            tables: HashMap::new(),
        };
        if !has_table(connection, DECLARED_FIELDS).map_err(internal)? {
            return Ok(layout);
        }
        let mut names = connection
            .prepare("SELECT DISTINCT collection FROM declared_fields ORDER BY 1")
            .map_err(internal)?;
        let names: Vec<String> = names
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(internal)?;
        for name in names {
            let table = Table::read(connection, &name)?;
            layout.tables.insert(name, Arc::new(table));
        }
        Ok(layout)
    }

    /// The table of a collection.
    pub(super) fn table(&self, collection: &str) -> Result<&Arc<Table>, StoreError> {
        self.tables
            .get(collection)
            .ok_or_else(|| StoreError::internal(format!("the collection '{collection}' was not prepared")))
    }
}

/// The table in which a file describes its declared fields.
pub(super) const DECLARED_FIELDS: &str = "declared_fields";

/// SQLite's count of schema changes: it moves with every column and table that anybody adds.
pub(super) fn generation(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection
        .prepare_cached("PRAGMA schema_version")?
        .query_row([], |row| row.get(0))
}

/// Whether the file has a table of this name.
pub(super) fn has_table(connection: &Connection, name: &str) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?")?
        .query_row([name], |row| row.get::<_, i64>(0))
        .map(|count| count > 0)
}

/// The name of the side table of an array field.
pub(super) fn side_name(collection: &str, field: &str) -> String {
    format!("{collection}.{field}")
}

impl Table {
    fn read(connection: &Connection, name: &str) -> Result<Self, StoreError> {
        let mut columns = Vec::new();
        let mut arrays = Vec::new();
        for (field, kind, many) in declared(connection, name)? {
            if many {
                arrays.push(Column { field, kind });
            } else {
                columns.push(Column { field, kind });
            }
        }
        let sides = arrays
            .into_iter()
            .map(|array| Side::read(connection, name, array, &columns))
            .collect::<Result<_, _>>()?;
        Ok(Self::new(name, columns, sides))
    }

    fn new(name: &str, columns: Vec<Column>, sides: Vec<Side>) -> Self {
        let table = quoted(name);
        let own: Vec<String> = columns
            .iter()
            .map(|column| quoted(&column_of(&column.field)))
            .collect();
        let list = |prefix: &str, each: &dyn Fn(&String) -> String| -> String {
            own.iter()
                .map(|column| format!("{prefix}{}", each(column)))
                .collect()
        };
        let insert_sql = format!(
            "INSERT INTO {table} (id, version, tenant_id, created_at, updated_at, deleted_at, body{}) \
             VALUES (?, ?, ?, ?, ?, ?, jsonb(?){})",
            list(", ", &|column| column.clone()),
            list(", ", &|_| "?".to_owned()),
        );
        let replace_sql = format!(
            "UPDATE {table} SET version = ?2, tenant_id = ?3, created_at = ?4, updated_at = ?5, deleted_at = ?6, \
             body = jsonb(?7){} WHERE id = ?1 AND version = ?2 - 1",
            own.iter()
                .enumerate()
                .map(|(place, column)| format!(", {column} = ?{}", place + 8))
                .collect::<String>(),
        );
        Self {
            get_sql: format!("SELECT {DOCUMENT} FROM {table} t WHERE t.id = ?"),
            insert_sql,
            replace_sql,
            require_sql: format!("SELECT 1 FROM {table} WHERE id = ? AND version = ? AND deleted_at IS NULL"),
            remove_sql: format!("DELETE FROM {table} WHERE id = ? AND version = ?"),
            name: name.to_owned(),
            columns,
            sides,
        }
    }
}

impl Side {
    fn read(
        connection: &Connection,
        collection: &str,
        array: Column,
        columns: &[Column],
    ) -> Result<Self, StoreError> {
        let table = side_name(collection, &array.field);
        let names = column_names(connection, &table)?;
        let copies: Vec<Copied> = names
            .iter()
            .skip(3)
            .map(|name| {
                source_of(name, columns).ok_or_else(|| {
                    StoreError::internal(format!(
                        "the column '{name}' of '{table}' copies no declared field"
                    ))
                })
            })
            .collect::<Result<_, _>>()?;
        let listed: String = names
            .iter()
            .skip(3)
            .map(|name| format!(", {}", quoted(name)))
            .collect();
        Ok(Self {
            insert_sql: format!(
                "INSERT OR IGNORE INTO {} (doc_id, value, tenant_id{listed}) VALUES (?, ?, ?{})",
                quoted(&table),
                ", ?".repeat(copies.len())
            ),
            remove_sql: format!("DELETE FROM {} WHERE doc_id = ?", quoted(&table)),
            field: array.field,
            kind: array.kind,
            copies,
        })
    }
}

fn source_of(column: &str, columns: &[Column]) -> Option<Copied> {
    match column {
        "created_at" => Some(Copied::CreatedAt),
        "updated_at" => Some(Copied::UpdatedAt),
        name => columns
            .iter()
            .position(|column| column_of(&column.field) == name)
            .map(Copied::Field),
    }
}

/// The columns of a table, in order.
pub(super) fn column_names(connection: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    connection
        .prepare_cached("SELECT name FROM pragma_table_info(?) ORDER BY cid")
        .and_then(|mut statement| statement.query_map([table], |row| row.get(0))?.collect())
        .map_err(StoreError::internal)
}

/// The declared fields of a collection as the file knows them: name, kind, whether an array.
fn declared(connection: &Connection, name: &str) -> Result<Vec<(String, FieldKind, bool)>, StoreError> {
    let rows: Vec<(String, String, bool)> = connection
        .prepare_cached(
            "SELECT field, kind, many FROM declared_fields WHERE collection = ? AND field <> '' ORDER BY rowid",
        )
        .and_then(|mut statement| {
            statement
                .query_map([name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })
        .map_err(StoreError::internal)?;
    rows.into_iter()
        .map(|(field, kind, many)| {
            let kind = kind_of_name(&kind).ok_or_else(|| {
                StoreError::refused(format!(
                    "the field '{field}' of '{name}' has the type '{kind}', which only a newer version of WealthOS \
                     knows: start the newer version"
                ))
            })?;
            Ok((field, kind, many))
        })
        .collect()
}
