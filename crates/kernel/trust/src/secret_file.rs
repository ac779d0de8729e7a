use kernel::Entropy;
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// What is long enough not to be guessed.
const STRONG_BYTES: usize = 32;

/// Why there is no secret. `Display` is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// None is set, and production makes none by itself.
    #[error(
        "{variable} is not set: production needs one of at least 32 bytes, made with: openssl rand -hex 32"
    )]
    Missing {
        /// The variable that would hold it.
        variable: &'static str,
    },
    /// Too short or too plain.
    #[error(
        "{variable} is too weak: it needs at least 32 bytes that are hard to guess, made with: openssl rand -hex 32"
    )]
    Weak {
        /// The variable that holds it.
        variable: &'static str,
    },
    /// The file holds something else.
    #[error("{} holds no usable secret: remove it and start again to have a new one made", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("the secret file {} cannot be used: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// A secret that is configured, or in development made once and kept in the data directory (mode 0600).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretFile {
    name: &'static str,
    variable: &'static str,
}

impl SecretFile {
    /// Signs access tokens: `JWT_SECRET`, else `jwt.secret`.
    pub const JWT: SecretFile = SecretFile {
        name: "jwt.secret",
        variable: "JWT_SECRET",
    };

    /// Encrypts sensitive fields: `ENCRYPTION_KEY`, else `encryption.key`.
    pub const ENCRYPTION: SecretFile = SecretFile {
        name: "encryption.key",
        variable: "ENCRYPTION_KEY",
    };

    /// The secret: what is configured, else what lies in the data directory, else a new one that is put there. When it
    /// is run for real (`production`) a missing or weak one is refused.
    ///
    /// Several processes may start at once on one directory: all get the same secret.
    pub fn resolve(
        &self,
        configured: Option<&SecretString>,
        data_dir: &Path,
        production: bool,
        entropy: &dyn Entropy,
    ) -> Result<SecretString, SecretError> {
        let variable = self.variable;
        let configured = configured.filter(|secret| !secret.expose_secret().is_empty());
        match configured {
            Some(secret) if is_strong(secret) => Ok(secret.clone()),
            Some(_) if production => Err(SecretError::Weak { variable }),
            Some(secret) => {
                tracing::warn!("{variable} is weak: good enough for development only");
                Ok(secret.clone())
            }
            None if production => Err(SecretError::Missing { variable }),
            None => self.kept(data_dir, entropy),
        }
    }

    fn kept(&self, data_dir: &Path, entropy: &dyn Entropy) -> Result<SecretString, SecretError> {
        let path = data_dir.join(self.name);
        let unusable = |source| SecretError::Unusable {
            path: path.clone(),
            source,
        };
        if let Some(secret) = read(&path)? {
            return Ok(secret);
        }
        fs::create_dir_all(data_dir).map_err(unusable)?;
        make(&path, entropy).map_err(unusable)?;
        read(&path)?.ok_or_else(|| SecretError::Corrupt { path: path.clone() })
    }
}

fn is_strong(secret: &SecretString) -> bool {
    let bytes = secret.expose_secret().as_bytes();
    bytes.len() >= STRONG_BYTES && bytes.iter().collect::<HashSet<_>>().len() >= 8
}

/// The secret in the file; none when there is no file. A file that others may read is closed to them.
fn read(path: &Path) -> Result<Option<SecretString>, SecretError> {
    let unusable = |source| SecretError::Unusable {
        path: path.to_owned(),
        source,
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(SecretError::Corrupt {
                path: path.to_owned(),
            });
        }
        Err(error) => return Err(unusable(error)),
    };
    let mut permissions = fs::metadata(path).map_err(unusable)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others could read this secret: closed to them now");
        permissions.set_mode(0o600);
        fs::set_permissions(path, permissions).map_err(unusable)?;
    }
    let secret = SecretString::from(text.trim().to_owned());
    if is_strong(&secret) {
        Ok(Some(secret))
    } else {
        Err(SecretError::Corrupt {
            path: path.to_owned(),
        })
    }
}

/// Writes a whole new secret beside the file and links it into place: whoever is first wins, and nobody ever sees half
/// of one.
fn make(path: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let mut bytes = [0_u8; 48];
    entropy.fill(&mut bytes);
    let (secret, mark) = bytes.split_at(32);
    let beside = path.with_extension(format!("{}-{}.new", hex::encode(mark), std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    let written = file
        .write_all(format!("{}\n", hex::encode(secret)).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&beside, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        });
    fs::remove_file(&beside)?;
    written
}
