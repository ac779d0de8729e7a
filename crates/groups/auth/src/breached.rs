use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::{
    collections::HashSet,
    fmt,
    io::{self, BufRead, BufReader},
    path::Path,
    sync::Arc,
};

type Hash = [u8; 20];

/// Passwords that are known from breaches elsewhere: nobody may choose one of them. Empty unless a list is read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BreachedPasswords {
    hashes: Arc<HashSet<Hash>>,
}

impl BreachedPasswords {
    /// Reads a list: a password a line, or its SHA-1 in hex with or without `:count`, as haveibeenpwned.com has them.
    /// It is held in memory, 20 bytes an entry and a little more.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut hashes = HashSet::new();
        for line in BufReader::new(std::fs::File::open(path)?).split(b'\n') {
            let mut line = line?;
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            if !line.is_empty() {
                hashes.insert(listed(&line).unwrap_or_else(|| hash(&line)));
            }
        }
        Ok(Self {
            hashes: Arc::new(hashes),
        })
    }

    /// Whether the password stands in the list.
    pub fn contains(&self, password: &str) -> bool {
        !self.hashes.is_empty() && self.hashes.contains(&hash(password.as_bytes()))
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether none are known.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

impl fmt::Debug for BreachedPasswords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BreachedPasswords({})", self.len())
    }
}

/// The hash that a line is, if it is one.
fn listed(line: &[u8]) -> Option<Hash> {
    let text = line.split(|byte| *byte == b':').next()?;
    let mut hash = [0; 20];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

fn hash(password: &[u8]) -> Hash {
    let mut hash = [0; 20];
    hash.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, password).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::BreachedPasswords;

    #[test]
    fn plain_lines_and_hashes_are_read() {
        let file = std::env::temp_dir().join(format!("breached-{}.txt", std::process::id()));
        // The second line is the SHA-1 of "password".
        let text = "letmein123\r\n5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\n\n";
        std::fs::write(&file, text).unwrap();
        let list = BreachedPasswords::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(list.len(), 2);
        assert!(list.contains("letmein123") && list.contains("password"));
        assert!(!list.contains("correct horse"));
        assert!(!BreachedPasswords::default().contains("password"));
    }
}
