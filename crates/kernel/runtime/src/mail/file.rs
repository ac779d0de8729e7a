use super::MailError;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Writes each mail into a file of its own, for its owner only: mails hold codes.
pub(super) struct FileSink {
    directory: PathBuf,
}

impl FileSink {
    pub(super) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Writes `<id>.eml`: beside it first and then in place, so that nobody reads half of one.
    pub(super) async fn write(&self, id: &str, bytes: &[u8]) -> Result<(), MailError> {
        let (directory, id, bytes) = (self.directory.clone(), id.to_owned(), bytes.to_owned());
        let written = tokio::task::spawn_blocking(move || write(&directory, &id, &bytes)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(MailError::Later(error.into())),
            Err(error) => Err(MailError::Later(error.into())),
        }
    }
}

fn write(directory: &Path, id: &str, bytes: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let beside = directory.join(format!(".{id}.new"));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, directory.join(format!("{id}.eml")))
}
