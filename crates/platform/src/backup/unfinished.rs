//! A restore that was broken off must not look like a restored installation: some groups hold what was in the backup, others do not.

use super::unusable;
use crate::PlatformError;
use runtime::Settings;
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Lies in the data directory while a restore is under way.
const NAME: &str = "restore.unfinished";

/// Stands while the groups are put back one after the other.
pub(super) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// Says so, durably, before anything is changed.
    pub(super) fn begin(settings: &Settings, backup: &Path) -> Result<Self, PlatformError> {
        let directory = &settings.server.data_dir;
        std::fs::create_dir_all(directory).map_err(unusable(directory))?;
        let path = directory.join(NAME);
        let backup = std::path::absolute(backup).map_err(unusable(backup))?;
        let failed = unusable(&path);
        File::create(&path)
            .and_then(|mut file| {
                writeln!(file, "{}", backup.display())?;
                file.sync_all()
            })
            .and_then(|()| File::open(directory)?.sync_all())
            .map_err(failed)?;
        Ok(Self { path })
    }

    /// Everything is there.
    pub(super) fn end(self) -> Result<(), PlatformError> {
        std::fs::remove_file(&self.path).map_err(unusable(&self.path))
    }
}

/// Refused where a restore was begun and not ended.
pub(crate) fn refuse_unfinished(settings: &Settings) -> Result<(), PlatformError> {
    let path = settings.server.data_dir.join(NAME);
    match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable(&path)(error)),
        Ok(backup) => Err(PlatformError::Command(format!(
            "a restore was broken off here, and only some groups hold what is in the backup: stop every server and run \
             wealthctl restore {} --replace again",
            backup.trim()
        ))),
    }
}
