use super::{failure, turn::PATIENCE};
use crate::StoreError;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    fs::{File, OpenOptions},
    path::Path,
    time::Duration,
};

/// The layout of the file itself: tables, meta columns, encodings. A file with a larger number was written by a newer
/// program.
pub(super) const FORMAT: i64 = 1;

/// Marks a file as ours: "WOS1".
const APPLICATION_ID: i64 = 0x574F_5331;

/// A file up to this size is read through at the start, so that damage is found before anybody writes to it.
const CHECKED_BYTES: u64 = 256 * 1024 * 1024;

/// How many pages a connection keeps while it reads a file through.
const PAGES_OF_A_CHECK: i64 = 32;

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 256;

/// Opens a file for writing, and makes it for its owner only when there is none.
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Opens the one connection of a process that writes to the file, and makes the file when there is none.
///
/// Call it at the head of the queue: two processes must not begin one file at the same time.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let refused = |error| failure::opening(path, error);
    let mut connection = connect(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )
    .map_err(refused)?;
    check_owner(&connection, path)?;
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"))
        .and_then(|()| connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024))
        .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", 4_000))
        // What a savepoint would roll back is kept in memory: in a file every page that a batch touches is written twice.
        .and_then(|()| connection.pragma_update(None, "temp_store", "MEMORY"))
        .map_err(refused)?;
    connection
        .busy_handler(Some(wait_for_the_lock))
        .map_err(refused)?;
    connection
        .execute_batch("BEGIN IMMEDIATE; COMMIT")
        .map_err(refused)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a file of ours to read one moment of it; its log is taken into account, and may be shared with others.
pub(super) fn open_source(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| failure::opening(path, error))?;
    check_marks(&connection, path)?;
    Ok(connection)
}

/// Opens a copy that nobody else uses, and reads it through.
pub(super) fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| failure::opening(path, error))?;
    check_marks(&connection, path)?;
    check_content(&connection, path)?;
    Ok(connection)
}

/// Marks a fresh file as ours; inside the transaction that makes its first tables.
pub(super) fn mark(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", FORMAT)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // The same plan for all values of a statement: else SQLite, which was built with statistics that we never gather,
    // plans a range anew whenever its bounds have changed.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Refuses a file that is not ours, that a newer program wrote, or that is damaged.
fn check_owner(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if number(connection, path, "SELECT count(*) FROM sqlite_schema")? == 0 {
        return Ok(());
    }
    check_marks(connection, path)?;
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    if bytes > CHECKED_BYTES {
        return Ok(());
    }
    check_content(connection, path)
}

fn number(connection: &Connection, path: &Path, sql: &str) -> Result<i64, StoreError> {
    connection
        .query_row(sql, [], |row| row.get(0))
        .map_err(|error| failure::opening(path, error))
}

fn check_marks(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if number(connection, path, "PRAGMA application_id")? != APPLICATION_ID {
        return Err(StoreError::refused(format!(
            "{} belongs to another program: move it away, or set another data directory",
            path.display()
        )));
    }
    let format = number(connection, path, "PRAGMA user_version")?;
    if format > FORMAT {
        return Err(StoreError::refused(format!(
            "{} was written by a newer version of WealthOS (format {format}, this program knows {FORMAT}): start the \
             newer version, or restore a backup made before the upgrade",
            path.display()
        )));
    }
    Ok(())
}

fn check_content(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict = read_through(connection).map_err(|error| failure::opening(path, error))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::refused(format!(
        "{} is damaged ({}): restore it from a backup, or move it away to begin anew",
        path.display(),
        verdict.lines().next_back().unwrap_or_default()
    )))
}

/// What SQLite says of the whole file. Each page is looked at once, and most are not needed soon: they are not kept.
fn read_through(connection: &Connection) -> Result<String, rusqlite::Error> {
    let pages: i64 = connection.query_row("PRAGMA cache_size", [], |row| row.get(0))?;
    connection.pragma_update(None, "cache_size", PAGES_OF_A_CHECK)?;
    let verdict = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    connection.pragma_update(None, "cache_size", pages)?;
    verdict
}

/// Looks again soon, so that a writer at the head of the queue gets the lock as soon as it is free.
fn wait_for_the_lock(attempts: i32) -> bool {
    const LOOK_AGAIN: Duration = Duration::from_micros(200);
    if u128::try_from(attempts).unwrap_or(0) * LOOK_AGAIN.as_micros() > PATIENCE.as_micros() {
        return false;
    }
    std::thread::sleep(LOOK_AGAIN);
    true
}
