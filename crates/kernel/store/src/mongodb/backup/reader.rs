use crate::{
    StoreError,
    backup::{Reading, unusable},
};
use bson::RawDocumentBuf;
use std::{
    fs::File,
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

/// No document is larger than what a server keeps, and some room.
const LARGEST: usize = 17 * 1024 * 1024;

/// The documents of a file, one after the other.
pub(super) struct Documents {
    file: Reading,
    path: PathBuf,
}

impl Documents {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            file: Reading::new(File::open(path).map_err(unusable(path))?),
            path: path.to_owned(),
        })
    }

    /// The next documents: as many as that, or a few more bytes than that; none at the end of the file.
    pub(super) fn next_batch(
        &mut self,
        documents: usize,
        bytes: usize,
    ) -> Result<Vec<RawDocumentBuf>, StoreError> {
        let (mut batch, mut size) = (Vec::new(), 0);
        while batch.len() < documents && size < bytes {
            match self.next()? {
                Some(document) => {
                    size += document.as_bytes().len();
                    batch.push(document);
                }
                None => break,
            }
        }
        Ok(batch)
    }

    fn next(&mut self) -> Result<Option<RawDocumentBuf>, StoreError> {
        let path = self.path.clone();
        if self.file.fill_buf().map_err(unusable(&path))?.is_empty() {
            return Ok(None);
        }
        let mut prefix = [0; 4];
        self.file.read_exact(&mut prefix).map_err(unusable(&path))?;
        let length = usize::try_from(i32::from_le_bytes(prefix)).unwrap_or(0);
        if !(5..=LARGEST).contains(&length) {
            return Err(StoreError::refused(format!(
                "{} holds something that is no document: use another copy of the backup",
                path.display()
            )));
        }
        let mut bytes = prefix.to_vec();
        bytes.resize(length, 0);
        let rest = bytes.get_mut(4..).unwrap_or_default();
        self.file.read_exact(rest).map_err(unusable(&path))?;
        RawDocumentBuf::from_bytes(bytes).map(Some).map_err(|error| {
            StoreError::refused(format!(
                "{} holds something that is no document ({error}): use another copy of the backup",
                path.display()
            ))
        })
    }
}
