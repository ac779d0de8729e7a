use super::{
    apply::insert_side,
    column::{column_of, id_value, kind_name, quoted, sql_type},
    encode::{column_values, side_rows},
    failure, file,
    index::{indexes, side_columns},
    layout::{Column, Layout, column_names, has_table, side_name},
    read::document,
    select::DOCUMENT,
};
use crate::{Collection, Field, StoreError, collection::keys_at};
use rusqlite::{Connection, ErrorCode};
use std::{collections::HashSet, path::Path};

/// Tables that are not collections.
const RESERVED: [&str; 4] = ["outbox", "schema_migrations", "declared_fields", "owner"];

const KERNEL_TABLES: &str = "
CREATE TABLE IF NOT EXISTS declared_fields (
  collection TEXT NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL, many INTEGER NOT NULL,
  UNIQUE (collection, field));
CREATE TABLE IF NOT EXISTS owner (group_name TEXT NOT NULL PRIMARY KEY);
CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, type TEXT NOT NULL, version INTEGER NOT NULL,
  time INTEGER NOT NULL, tenant BLOB NOT NULL, actor TEXT NOT NULL, subject TEXT NOT NULL,
  correlation BLOB NOT NULL, causation BLOB, data TEXT NOT NULL);";

/// How many documents are filled at a time.
const CHUNK: i64 = 500;

/// One run of the preparation, inside one transaction that holds the write lock.
pub(super) struct Preparation<'a> {
    pub(super) connection: &'a Connection,
    pub(super) path: &'a Path,
    /// The group whose file it is.
    pub(super) group: &'a str,
    /// Milliseconds since 1970: stands beside each migration.
    pub(super) now: i64,
}

impl Preparation<'_> {
    /// Makes what is missing; repeating it changes nothing.
    pub(super) fn run(&self, collections: &[&'static Collection]) -> Result<(), StoreError> {
        if !self.has(RESERVED[2])? {
            self.connection
                .execute_batch(KERNEL_TABLES)
                .map_err(|error| self.failed(error))?;
            file::mark(self.connection).map_err(|error| self.failed(error))?;
            self.connection
                .execute("INSERT INTO owner (group_name) VALUES (?)", [self.group])
                .map_err(|error| self.failed(error))?;
            self.record("create the outbox")?;
        }
        self.check_group()?;
        let mut present = self.present()?;
        for collection in collections {
            if RESERVED.contains(&collection.name()) {
                return Err(StoreError::internal(format!(
                    "a collection must not be called '{}'",
                    collection.name()
                )));
            }
            self.table(collection, &mut present)?;
        }
        Ok(())
    }

    /// The names of all tables and indexes. SQLite keeps them as a list: to look for each one there would be to read the
    /// whole list hundreds of times.
    fn present(&self) -> Result<HashSet<String>, StoreError> {
        self.connection
            .prepare("SELECT name FROM sqlite_schema")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .map_err(|error| self.failed(error))
    }

    /// Two groups in one file would read each other's data and share a feed.
    fn check_group(&self) -> Result<(), StoreError> {
        let owner: String = self
            .connection
            .query_row("SELECT group_name FROM owner", [], |row| row.get(0))
            .map_err(|error| self.failed(error))?;
        if owner == self.group {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "{} belongs to the group '{owner}', not to '{}': give each group a file of its own, by a directory as \
             address or by {}_DATABASE_URL",
            self.path.display(),
            self.group,
            self.group.to_uppercase()
        )))
    }

    fn table(&self, collection: &Collection, present: &mut HashSet<String>) -> Result<(), StoreError> {
        let name = collection.name();
        let fresh = !present.contains(name);
        if fresh {
            self.execute(&format!(
                "CREATE TABLE {} (id BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, tenant_id BLOB NOT NULL, \
                 created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, deleted_at INTEGER, body BLOB NOT NULL)",
                quoted(name)
            ))?;
            self.declare(name, "", "table", false)?;
            self.record(&format!("create {name}"))?;
        }
        let mut added = Vec::new();
        let declared = collection.fields().iter();
        for field in declared.filter(|field| !matches!(field.name, "created_at" | "updated_at")) {
            if self.is_declared(name, field)? {
                continue;
            }
            if !field.many {
                self.execute(&format!(
                    "ALTER TABLE {} ADD COLUMN {} {}",
                    quoted(name),
                    quoted(&column_of(field.name)),
                    sql_type(field.kind)
                ))?;
                added.push(Column {
                    field: field.name.to_owned(),
                    kind: field.kind,
                });
            }
            self.declare(name, field.name, kind_name(field.kind), field.many)?;
            if !fresh {
                self.record(&format!("add {name}.{}", field.name))?;
            }
        }
        self.fill_columns(name, &added)?;
        for field in collection.fields().iter().filter(|field| field.many) {
            if self.side(collection, field, present)? {
                // Its indexes went with the table that it replaces.
                *present = self.present()?;
            }
        }
        self.indexes(collection, present)
    }

    /// Whether the file knows the field; refused when it knows another type.
    fn is_declared(&self, collection: &str, field: &Field) -> Result<bool, StoreError> {
        let known: Option<(String, bool)> = self
            .connection
            .prepare_cached("SELECT kind, many FROM declared_fields WHERE collection = ? AND field = ?")
            .and_then(|mut statement| {
                let mut rows = statement.query((collection, field.name))?;
                rows.next()?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
            })
            .map_err(|error| self.failed(error))?;
        let wanted = (kind_name(field.kind).to_owned(), field.many);
        match known {
            None => Ok(false),
            Some(known) if known == wanted => Ok(true),
            Some((kind, many)) => Err(StoreError::refused(format!(
                "{}: the field '{}' of '{collection}' is stored as {kind}{}, this program declares {}: declare it \
                 under another name",
                self.path.display(),
                field.name,
                if many { " array" } else { "" },
                wanted.0
            ))),
        }
    }

    /// Fills new columns from the documents that are already there.
    fn fill_columns(&self, collection: &str, added: &[Column]) -> Result<(), StoreError> {
        if added.is_empty() {
            return Ok(());
        }
        let assignments: Vec<String> = added
            .iter()
            .map(|column| format!("{} = ?", quoted(&column_of(&column.field))))
            .collect();
        let update = format!(
            "UPDATE {} SET {} WHERE id = ?",
            quoted(collection),
            assignments.join(", ")
        );
        self.each_document(collection, "true", |raw| {
            let mut values = Vec::new();
            for column in added {
                let keys = keys_at(&column.field, column.kind, false, &raw.body)
                    .map_err(|_| self.unfit(collection, &column.field))?;
                values.push(
                    keys.first()
                        .map_or(rusqlite::types::Value::Null, super::column::key_value),
                );
            }
            values.push(id_value(raw.id));
            self.connection
                .prepare_cached(&update)
                .and_then(|mut statement| statement.execute(rusqlite::params_from_iter(&values)))
                .map_err(|error| self.failed(error))?;
            Ok(())
        })
    }

    /// Makes the side table of an array field; makes it anew when its queries need more columns. Answers whether it did.
    fn side(
        &self,
        collection: &Collection,
        field: &Field,
        present: &HashSet<String>,
    ) -> Result<bool, StoreError> {
        let table = side_name(collection.name(), field.name);
        let mut wanted = side_columns(collection, field);
        if present.contains(&table) {
            let columns: Vec<String> = column_names(self.connection, &table)?.split_off(3);
            if wanted.iter().all(|column| columns.contains(column)) {
                return Ok(false);
            }
            wanted.extend(columns);
            wanted.sort_unstable();
            wanted.dedup();
            self.execute(&format!("DROP TABLE {}", quoted(&table)))?;
            self.record(&format!("rebuild {table}"))?;
        }
        let copies: String = wanted
            .iter()
            .map(|column| format!(", {}", quoted(column)))
            .collect();
        self.execute(&format!(
            "CREATE TABLE {} (doc_id BLOB NOT NULL, value TEXT NOT NULL, tenant_id BLOB NOT NULL{copies}, \
             PRIMARY KEY (doc_id, value)) WITHOUT ROWID",
            quoted(&table)
        ))?;
        let layout = Layout::read(self.connection)?;
        let described = layout.table(collection.name())?;
        let Some(place) = described.sides.iter().position(|side| side.field == field.name) else {
            return Ok(true);
        };
        self.each_document(collection.name(), "deleted_at IS NULL", |raw| {
            let columns = column_values(described, &raw)?;
            let rows = side_rows(described, &raw, &columns)
                .map_err(|_| self.unfit(collection.name(), field.name))?;
            let (Some(side), Some(rows)) = (described.sides.get(place), rows.get(place)) else {
                return Ok(());
            };
            insert_side(self.connection, side, rows).map_err(|error| self.failed(error))
        })?;
        Ok(true)
    }

    fn indexes(&self, collection: &Collection, present: &HashSet<String>) -> Result<(), StoreError> {
        for index in indexes(collection) {
            if present.contains(&index.name) {
                continue;
            }
            let unique = index.unique.join(", ");
            self.connection.execute_batch(&index.sql).map_err(|error| {
                if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
                    return StoreError::refused(format!(
                        "{}: several documents of '{}' have the same ({unique}), which must now be unique: change \
                         them with the version that wrote them, then start this one",
                        self.path.display(),
                        collection.name(),
                    ));
                }
                self.failed(error)
            })?;
            self.record(&format!("create {}", index.name))?;
        }
        Ok(())
    }

    /// Visits all documents in chunks, so that memory stays small.
    fn each_document(
        &self,
        collection: &str,
        condition: &str,
        mut visit: impl FnMut(crate::RawDocument) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT {DOCUMENT} FROM {} t WHERE t.id > ? AND {condition} ORDER BY t.id LIMIT {CHUNK}",
            quoted(collection)
        );
        let mut after = rusqlite::types::Value::Blob(Vec::new());
        loop {
            let chunk: Vec<crate::RawDocument> = self
                .connection
                .prepare_cached(&sql)
                .and_then(|mut statement| statement.query_map([&after], document)?.collect())
                .map_err(|error| self.failed(error))?;
            let Some(last) = chunk.last() else {
                return Ok(());
            };
            after = id_value(last.id);
            chunk.into_iter().try_for_each(&mut visit)?;
        }
    }

    fn has(&self, table: &str) -> Result<bool, StoreError> {
        has_table(self.connection, table).map_err(|error| self.failed(error))
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection
            .execute_batch(sql)
            .map_err(|error| self.failed(error))
    }

    fn declare(&self, collection: &str, field: &str, kind: &str, many: bool) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO declared_fields (collection, field, kind, many) VALUES (?, ?, ?, ?)")
            .and_then(|mut statement| statement.execute((collection, field, kind, many)))
            .map(|_| ())
            .map_err(|error| self.failed(error))
    }

    fn record(&self, name: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO schema_migrations (version, name, applied_at) \
                 SELECT coalesce(max(version), 0) + 1, ?, ? FROM schema_migrations",
            )
            .and_then(|mut statement| statement.execute((name, self.now)))
            .map(|_| ())
            .map_err(|error| self.failed(error))
    }

    fn unfit(&self, collection: &str, field: &str) -> StoreError {
        StoreError::refused(format!(
            "{}: documents of '{collection}' hold values in '{field}' that do not fit its declared type: correct them \
             with the version that wrote them, then start this one",
            self.path.display()
        ))
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        failure::opening(self.path, error)
    }
}
