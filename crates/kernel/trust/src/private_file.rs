//! Files that nobody else may read.

use kernel::Entropy;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The text in the file; none when there is no file. A file that others may read is closed to them.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could read this secret: closed to them now");
        permissions.set_mode(0o600);
        fs::set_permissions(path, permissions)?;
    }
    Ok(Some(text))
}

/// Writes the whole text beside the file and links it into place: whoever is first wins, and nobody ever sees half of
/// one. A file that is there already is left as it is.
pub(crate) fn make(path: &Path, text: &str, entropy: &dyn Entropy) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let beside = write_beside(path, text, entropy)?;
    let linked = match fs::hard_link(&beside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&beside)?;
    linked
}

/// Puts the whole text in the place of what the file holds: whoever reads meanwhile gets the one or the other.
pub(crate) fn replace(path: &Path, text: &str, entropy: &dyn Entropy) -> io::Result<()> {
    fs::rename(write_beside(path, text, entropy)?, path)
}

fn write_beside(path: &Path, text: &str, entropy: &dyn Entropy) -> io::Result<PathBuf> {
    let mut mark = [0_u8; 16];
    entropy.fill(&mut mark);
    let beside = path.with_extension(format!("{}-{}.new", hex::encode(mark), std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    match written {
        Ok(()) => Ok(beside),
        Err(error) => {
            fs::remove_file(&beside)?;
            Err(error)
        }
    }
}
