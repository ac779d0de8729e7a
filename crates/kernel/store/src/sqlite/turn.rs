use super::file::create_private;
use crate::StoreError;
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long a writer waits for the other processes of the file before it gives up.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How long it sleeps between two looks.
const LOOK_AGAIN: Duration = Duration::from_micros(200);

/// The queue in front of a file's write lock: who waits for the lock holds the queue, so that a busy process, which
/// must queue up again for its next commit, cannot overtake. The operating system frees it when a process dies.
pub(super) struct Turn {
    file: File,
    path: PathBuf,
}

/// The place at the head of the queue; dropping it lets the next process in.
pub(super) struct Held<'a>(&'a File);

impl Turn {
    /// The queue of the database at `database`.
    pub(super) fn open(database: &Path) -> std::io::Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-queue");
        let path = PathBuf::from(path);
        let file = create_private(&path)?;
        Ok(Self { file, path })
    }

    /// Waits for the head of the queue, for [`PATIENCE`] at most.
    pub(super) fn take(&self) -> Result<Held<'_>, StoreError> {
        let start = Instant::now();
        loop {
            match self.file.try_lock() {
                Ok(()) => return Ok(Held(&self.file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => std::thread::sleep(LOOK_AGAIN),
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::unavailable(format!(
                        "{}: another process has held the file for {} s",
                        self.path.display(),
                        PATIENCE.as_secs()
                    )));
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::unavailable(error)),
            }
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the queue of a database file could not be left");
        }
    }
}
