use super::{Manifest, chosen, of_group, place_of, refuse_unfinished, unusable};
use crate::{PlatformError, assembly::keyring};
use kernel::Sources;
use runtime::Settings;
use std::path::Path;

/// Writes the data of the named groups, or of all, below a new directory. Servers may go on working on it.
pub(crate) async fn take(
    settings: &Settings,
    names: &[String],
    directory: &Path,
) -> Result<Manifest, PlatformError> {
    refuse_unfinished(settings)?;
    let sources = Sources::system();
    let keyring = keyring(settings, &sources)?;
    let groups = chosen(names)?;
    make_empty(directory)?;
    let began_at = sources.now();
    let mut taken = Vec::with_capacity(groups.len());
    for info in groups {
        let place = place_of(settings, info)?;
        tracing::info!(group = info.name, place = place.describe(), "taking a backup");
        taken.push(place.back_up(directory).await.map_err(of_group(info.name))?);
    }
    let manifest = Manifest::new(began_at, sources.now(), keyring.current_id(), taken);
    manifest.write(directory)?;
    Ok(manifest)
}

/// Makes the directory for its owner only; one that holds anything is refused.
fn make_empty(directory: &Path) -> Result<(), PlatformError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(directory).map_err(unusable(directory))?;
    let mut entries = std::fs::read_dir(directory).map_err(unusable(directory))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(PlatformError::Command(format!(
            "{} is not empty: name a directory that is not there yet",
            directory.display()
        ))),
    }
}
