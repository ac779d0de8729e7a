use super::{Manifest, Reader, known, of_group, place_of, settle::settle, unfinished::Unfinished};
use crate::{PlatformError, assembly::keyring, groups::groups_are_linked};
use kernel::Sources;
use runtime::Settings;
use std::path::Path;
use store::{DataPlace, GroupBackup};

/// What is to be restored, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restoring<'a> {
    /// Where the backup lies.
    pub(crate) directory: &'a Path,
    /// Which groups; all of the backup when none is named.
    pub(crate) names: &'a [String],
    /// Whether data that is there may be thrown away.
    pub(crate) replace: bool,
    /// Only look whether it could be done.
    pub(crate) check: bool,
}

/// Puts a backup back. Everything is looked at before anything is changed. Answers what was restored, and which readers
/// of events stood beyond the end of a feed.
pub(crate) async fn restore(
    settings: &Settings,
    restoring: Restoring<'_>,
) -> Result<(Vec<GroupBackup>, Vec<Reader>), PlatformError> {
    let Restoring {
        directory, replace, ..
    } = restoring;
    let manifest = Manifest::verified(directory)?;
    let backups = chosen(&manifest, restoring.names)?;
    same_key(settings, &manifest)?;
    let mut placed = Vec::with_capacity(backups.len());
    for backup in backups {
        let place = place_for(settings, backup)?;
        place
            .accepts(backup, replace)
            .await
            .map_err(of_group(place.group()))?;
        placed.push((place, backup));
    }
    let readers = match restoring.check {
        true => Vec::new(),
        false => put_back(settings, directory, &placed).await?,
    };
    let restored = placed.into_iter().map(|(_, backup)| backup.clone()).collect();
    Ok((restored, readers))
}

/// Puts the groups back, one after the other. Each is all or nothing; until the last one is there, nobody may work on them.
async fn put_back(
    settings: &Settings,
    directory: &Path,
    placed: &[(DataPlace, &GroupBackup)],
) -> Result<Vec<Reader>, PlatformError> {
    let unfinished = Unfinished::begin(settings, directory)?;
    for (place, backup) in placed {
        place
            .restore(backup, directory)
            .await
            .map_err(of_group(place.group()))?;
        tracing::info!(
            group = place.group(),
            feed_position = backup.feed_position,
            "restored"
        );
    }
    let readers = settle(settings).await?;
    unfinished.end()?;
    Ok(readers)
}

/// The backups of the named groups, or all.
fn chosen<'a>(manifest: &'a Manifest, names: &[String]) -> Result<Vec<&'a GroupBackup>, PlatformError> {
    let held = || -> Vec<&str> {
        manifest
            .groups
            .iter()
            .map(|backup| backup.group.as_str())
            .collect()
    };
    if let Some(absent) = names.iter().find(|name| !held().contains(&name.as_str())) {
        return Err(PlatformError::Command(format!(
            "the backup holds no data of '{absent}': choose from {}",
            held().join(", ")
        )));
    }
    Ok(manifest
        .groups
        .iter()
        .filter(|backup| names.is_empty() || names.contains(&backup.group))
        .collect())
}

fn place_for(settings: &Settings, backup: &GroupBackup) -> Result<DataPlace, PlatformError> {
    groups_are_linked(std::slice::from_ref(&backup.group))?;
    let info = known(&backup.group)
        .ok_or_else(|| PlatformError::Command(format!("there is no group '{}'", backup.group)))?;
    place_of(settings, info)
}

/// Data whose sensitive fields nobody can open is not restored.
fn same_key(settings: &Settings, manifest: &Manifest) -> Result<(), PlatformError> {
    let keyring = keyring(settings, &Sources::system())?;
    if keyring.current_id() == manifest.encryption_key {
        return Ok(());
    }
    Err(PlatformError::Command(format!(
        "the sensitive fields of the backup were encrypted with another key ({}, here it is {}): set ENCRYPTION_KEY to \
         that of the installation it was taken from, or put its encryption.key into the data directory",
        manifest.encryption_key,
        keyring.current_id()
    )))
}
