use super::unusable;
use crate::PlatformError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fs::File, io::Write, path::Path};
use store::GroupBackup;

/// The form of a manifest that this program writes and reads.
const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";
/// No manifest of ours is longer.
const LONGEST: u64 = 16 * 1024 * 1024;

/// What a backup says of itself. It is written last: a directory without one is no backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the manifest.
    pub format: u32,
    /// The version of the program that took it.
    pub version: String,
    /// When it began and when it was done, UTC: each group's data is of a moment in between.
    pub began_at: DateTime<Utc>,
    /// When it was done, UTC.
    pub taken_at: DateTime<Utc>,
    /// Which key opens the sensitive fields; the key itself is no part of a backup.
    pub encryption_key: String,
    /// The groups, in the order in which they were taken.
    pub groups: Vec<GroupBackup>,
}

impl Manifest {
    pub(super) fn new(
        began_at: DateTime<Utc>,
        taken_at: DateTime<Utc>,
        encryption_key: &str,
        groups: Vec<GroupBackup>,
    ) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began_at,
            taken_at,
            encryption_key: encryption_key.to_owned(),
            groups,
        }
    }

    /// Writes it below the directory, all or nothing.
    pub(super) fn write(&self, directory: &Path) -> Result<(), PlatformError> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| PlatformError::Command(error.to_string()))?;
        let (beside, place) = (directory.join("manifest.json.part"), directory.join(NAME));
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &place)?;
            File::open(directory)?.sync_all()
        };
        write().map_err(unusable(&place))
    }

    /// Reads it, and every file that it names: refused when something is missing or is not what was written.
    pub fn verified(directory: &Path) -> Result<Self, PlatformError> {
        let manifest = Self::read(directory)?;
        for group in &manifest.groups {
            group
                .verify(directory)
                .map_err(|error| PlatformError::Command(format!("{}: {error}", directory.display())))?;
        }
        Ok(manifest)
    }

    fn read(directory: &Path) -> Result<Self, PlatformError> {
        let place = directory.join(NAME);
        let refused = |why: String| PlatformError::Command(format!("{}: {why}", place.display()));
        let length = std::fs::metadata(&place).map_err(|error| {
            refused(format!(
                "{error}: this is no finished backup; name the directory that wealthctl backup wrote"
            ))
        })?;
        if length.len() > LONGEST {
            return Err(refused("is no manifest of a backup".to_owned()));
        }
        let text = std::fs::read_to_string(&place).map_err(unusable(&place))?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| refused(format!("is no manifest of a backup: {error}")))?;
        if manifest.format > FORMAT {
            return Err(refused(format!(
                "was written by a newer version of WealthOS (format {}, this program knows {FORMAT}): use that version",
                manifest.format
            )));
        }
        Ok(manifest)
    }
}
