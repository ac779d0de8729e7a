//! Data as files, and back.

use super::output::{self, Format};
use crate::{
    PlatformError,
    backup::{self, Manifest, Reader, Restoring},
    cli::say,
};
use runtime::Settings;
use serde::Serialize;
use std::path::PathBuf;
use store::GroupBackup;

/// Where the backup goes, and of what.
#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// A directory that is not there yet, or is empty.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Only these groups; without it all whose data this installation keeps.
    #[arg(long, value_delimiter = ',', value_name = "GROUP,GROUP")]
    groups: Vec<String>,
}

/// Which backup, and what of it.
#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The directory that `wealthctl backup` wrote.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Only these groups; without it all that the backup holds.
    #[arg(long, value_delimiter = ',', value_name = "GROUP,GROUP")]
    groups: Vec<String>,
    /// Throw away the data that is there. Without it a place that is not empty is refused.
    #[arg(long)]
    replace: bool,
    /// Only read the backup through and look whether it could be restored here; change nothing.
    #[arg(long)]
    check: bool,
}

/// Takes a backup while the servers work.
pub(super) async fn back_up(
    settings: Settings,
    args: BackupArgs,
    format: Format,
) -> Result<(), PlatformError> {
    let manifest = backup::take(&settings, &args.groups, &args.directory).await?;
    match format {
        Format::Json => as_json(&manifest),
        Format::Table => groups_of(&manifest),
    }
}

#[derive(Serialize)]
struct Restored<'a> {
    restored: &'a [GroupBackup],
    readers: &'a [Reader],
}

/// Puts a backup back while nothing works.
pub(super) async fn restore(
    settings: Settings,
    args: RestoreArgs,
    format: Format,
) -> Result<(), PlatformError> {
    let restoring = Restoring {
        directory: &args.directory,
        names: &args.groups,
        replace: args.replace,
        check: args.check,
    };
    let (restored, readers) = backup::restore(&settings, restoring).await?;
    if format == Format::Json {
        return as_json(&Restored {
            restored: &restored,
            readers: &readers,
        });
    }
    print_groups(&restored)?;
    for reader in &readers {
        let what = match reader.rebuilt {
            true => "is rebuilt from the first event",
            false => "goes on with the next event",
        };
        say(&format!(
            "{} of '{}' stood at {} of the feed of '{}', which ends at {}: it {what}",
            reader.consumer, reader.group, reader.stood_at, reader.feed, reader.feed_ends_at
        ));
    }
    Ok(())
}

fn groups_of(manifest: &Manifest) -> Result<(), PlatformError> {
    print_groups(&manifest.groups)
}

fn print_groups(groups: &[GroupBackup]) -> Result<(), PlatformError> {
    let header = ["GROUP", "ENGINE", "EVENTS", "DOCUMENTS", "BYTES"];
    output::print(Format::Table, groups, &header, |backup| {
        vec![
            backup.group.clone(),
            backup.engine.name().to_owned(),
            backup.feed_position.to_string(),
            backup.documents.values().sum::<u64>().to_string(),
            backup
                .files
                .iter()
                .map(|file| file.bytes)
                .sum::<u64>()
                .to_string(),
        ]
    })
}

fn as_json(value: &impl Serialize) -> Result<(), PlatformError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| PlatformError::Command(error.to_string()))?;
    say(&text);
    Ok(())
}
