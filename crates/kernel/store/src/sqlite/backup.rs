//! A file as a backup: a copy of one moment, made by SQLite itself while others write.

use super::{failure, file, turn::Turn};
use crate::{
    StoreError,
    backup::{BackupFile, Engine, GroupBackup, create_new, sync_directory, unusable},
};
use rusqlite::{Connection, ErrorCode};
use std::{
    collections::BTreeMap,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

/// The newest layout that this program reads.
pub(crate) const LAYOUT: u64 = file::FORMAT.unsigned_abs();

/// How long other processes may take to let go of a file.
const LETTING_GO: Duration = Duration::from_secs(2);

/// Whether there is anything at the path.
pub(crate) fn holds_data(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// Copies one moment of the file into `directory`.
pub(crate) fn back_up(group: &str, source: &Path, directory: &Path) -> Result<GroupBackup, StoreError> {
    if !holds_data(source) {
        return Err(StoreError::refused(format!(
            "there is no data of '{group}' at {}: name the groups that are kept here with --groups, or set --data-dir",
            source.display()
        )));
    }
    let name = format!("{group}.sqlite3");
    let target = directory.join(&name);
    // SQLite fills a file that is there and empty: this one is for its owner only.
    drop(create_new(&target)?);
    copy(source, &target)?;
    File::open(&target)
        .and_then(|file| file.sync_all())
        .map_err(unusable(&target))?;
    let copy = file::open_copy(&target)?;
    let found = inspect(group, &copy, &target)?;
    drop(copy);
    Ok(GroupBackup {
        files: vec![BackupFile::of(directory, &name)?],
        ..found
    })
}

fn copy(source: &Path, target: &Path) -> Result<(), StoreError> {
    let connection = file::open_source(source)?;
    let Some(name) = target.to_str() else {
        return Err(StoreError::refused("the path of a backup must be text"));
    };
    connection
        .execute("VACUUM INTO ?", [name])
        .map(drop)
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => failure::opening(source, error),
            _ => StoreError::refused(format!(
                "{} cannot be copied to {}: {error}",
                source.display(),
                target.display()
            )),
        })
}

/// What the copy says of itself; refused unless it is whole, the group's own, and its feed has no gap.
fn inspect(group: &str, copy: &Connection, path: &Path) -> Result<GroupBackup, StoreError> {
    let failed = |error| failure::opening(path, error);
    let number = |sql: &str| -> Result<u64, StoreError> {
        let found: i64 = copy.query_row(sql, [], |row| row.get(0)).map_err(failed)?;
        u64::try_from(found).map_err(StoreError::internal)
    };
    let owner: String = copy
        .query_row("SELECT group_name FROM owner", [], |row| row.get(0))
        .map_err(failed)?;
    if owner != group {
        return Err(StoreError::refused(format!(
            "{} belongs to the group '{owner}', not to '{group}'",
            path.display()
        )));
    }
    let (last, events) = (
        number("SELECT coalesce(max(seq), 0) FROM outbox")?,
        number("SELECT count(*) FROM outbox")?,
    );
    if last != events {
        return Err(StoreError::refused(format!(
            "the feed of '{group}' has gaps: {events} events up to {last}; keep an older backup and have the file looked \
             at"
        )));
    }
    let names: Vec<String> = copy
        .prepare("SELECT DISTINCT collection FROM declared_fields ORDER BY 1")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .map_err(failed)?;
    let mut documents = BTreeMap::new();
    for name in names {
        let count = number(&format!("SELECT count(*) FROM {}", super::column::quoted(&name)))?;
        documents.insert(name, count);
    }
    Ok(GroupBackup {
        group: group.to_owned(),
        engine: Engine::Sqlite,
        layout: number("PRAGMA user_version")?,
        feed_position: last,
        documents,
        files: Vec::new(),
    })
}

/// Refused while a process has the file open: it would go on writing to what was thrown away.
pub(crate) fn check_unused(path: &Path) -> Result<(), StoreError> {
    if !holds_data(path) {
        return Ok(());
    }
    let alone = file::open_source(path).map(|connection| {
        let exclusively = connection
            .busy_timeout(LETTING_GO)
            .and_then(|()| connection.pragma_update(None, "locking_mode", "EXCLUSIVE"))
            .and_then(|()| connection.execute_batch("BEGIN EXCLUSIVE; COMMIT"));
        !matches!(
            exclusively.map_err(|error| error.sqlite_error_code()),
            Err(Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
        )
    });
    match alone {
        Ok(false) => Err(StoreError::refused(format!(
            "a process has {} open: stop every server of this installation first",
            path.display()
        ))),
        // What cannot be opened is what a restore is for.
        Ok(true) | Err(_) => Ok(()),
    }
}

/// Puts the copy at `target`, all or nothing.
pub(crate) fn restore(backup: &GroupBackup, directory: &Path, target: &Path) -> Result<(), StoreError> {
    let [copy] = backup.files.as_slice() else {
        return Err(StoreError::refused(format!(
            "the backup of '{}' must hold one file: take another backup",
            backup.group
        )));
    };
    let beside = with_ending(target, "-restoring");
    remove(&beside)?;
    copy.copy_to(directory, &beside)?;
    let opened = file::open_copy(&beside)?;
    let found = inspect(&backup.group, &opened, &beside)?;
    drop(opened);
    if found.feed_position != backup.feed_position || found.documents != backup.documents {
        return Err(StoreError::refused(format!(
            "the manifest does not describe {}: use another copy of the backup",
            copy.path
        )));
    }
    // Whoever opens the file queues up first, so nobody sees it half-way.
    let queue = Turn::open(target).map_err(StoreError::unavailable)?;
    let _first = queue.take()?;
    check_unused(target)?;
    // A log of other data must never meet the new file.
    remove(&with_ending(target, "-wal"))?;
    remove(&with_ending(target, "-shm"))?;
    std::fs::rename(&beside, target).map_err(unusable(target))?;
    match target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => sync_directory(parent),
        None => sync_directory(Path::new(".")),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(path)(error)),
        _ => Ok(()),
    }
}
