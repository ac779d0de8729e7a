use super::unusable;
use crate::StoreError;
use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter, Read, Write},
    path::{Component, Path, PathBuf},
};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    /// The path below the directory of the backup.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in lower-case hex.
    pub sha256: String,
}

impl BackupFile {
    /// Reads a file that was written by something else.
    pub(crate) fn of(directory: &Path, path: &str) -> Result<Self, StoreError> {
        let place = directory.join(path);
        let mut source = File::open(&place).map_err(unusable(&place))?;
        let mut nowhere = Digesting::new(std::io::sink());
        copy(&mut source, &mut nowhere).map_err(unusable(&place))?;
        let (bytes, sha256, _) = nowhere.finish();
        Ok(Self {
            path: path.to_owned(),
            bytes,
            sha256,
        })
    }

    /// Where it lies; refused when the path leads out of the directory.
    pub(crate) fn place(&self, directory: &Path) -> Result<PathBuf, StoreError> {
        let path = Path::new(&self.path);
        let stays = path.components().all(|part| matches!(part, Component::Normal(_)));
        if stays && !self.path.is_empty() {
            return Ok(directory.join(path));
        }
        Err(StoreError::refused(format!(
            "the manifest names the file '{}', which is not below the backup: take another backup",
            self.path
        )))
    }

    pub(crate) fn verify(&self, directory: &Path) -> Result<(), StoreError> {
        self.place(directory)?;
        let found = Self::of(directory, &self.path)?;
        self.must_be(&found)
    }

    /// Copies it to `target`, which must not be there, and makes sure of what was copied.
    pub(crate) fn copy_to(&self, directory: &Path, target: &Path) -> Result<(), StoreError> {
        let place = self.place(directory)?;
        let mut source = File::open(&place).map_err(unusable(&place))?;
        let mut writer = Digesting::new(create_new(target)?);
        copy(&mut source, &mut writer).map_err(unusable(target))?;
        let (bytes, sha256, file) = writer.finish();
        file.sync_all().map_err(unusable(target))?;
        self.must_be(&Self {
            path: self.path.clone(),
            bytes,
            sha256,
        })
    }

    fn must_be(&self, found: &Self) -> Result<(), StoreError> {
        if self == found {
            return Ok(());
        }
        Err(StoreError::refused(format!(
            "{} is not what was backed up (it has {} bytes and SHA-256 {}, the manifest says {} and {}): use another \
             copy of the backup",
            self.path, found.bytes, found.sha256, self.bytes, self.sha256
        )))
    }
}

fn copy(source: &mut impl Read, target: &mut impl Write) -> std::io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = source.read(&mut buffer)?;
        match buffer.get(..read) {
            Some([]) | None => return target.flush(),
            Some(filled) => target.write_all(filled)?,
        }
    }
}

/// Counts and hashes what is written.
pub(crate) struct Digesting<W> {
    inner: W,
    digest: Context,
    bytes: u64,
}

impl<W: Write> Digesting<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            digest: Context::new(&SHA256),
            bytes: 0,
        }
    }

    /// The length, the digest in hex, and what was written to.
    pub(crate) fn finish(self) -> (u64, String, W) {
        (self.bytes, hex::encode(self.digest.finish()), self.inner)
    }
}

impl Digesting<BufWriter<File>> {
    /// Begins a file that must not be there.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::new(BufWriter::with_capacity(CHUNK, create_new(path)?)))
    }

    /// Brings the file to the disk; `path` is its name in the manifest.
    pub(crate) fn into_file(mut self, path: String) -> std::io::Result<BackupFile> {
        self.flush()?;
        let (bytes, sha256, writer) = self.finish();
        let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(BackupFile { path, bytes, sha256 })
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A file of a backup that is read from its beginning.
pub(crate) type Reading = BufReader<File>;

/// Makes a file for its owner only; refused when there is one.
pub(crate) fn create_new(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(unusable(path))
}

/// Makes sure that the names in a directory survive a power cut.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(unusable(directory))
}
