use crate::private_file;
use kernel::Entropy;
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::HashSet,
    io,
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
    /// The key file is not there, and production makes none by itself.
    #[error(
        "the key file {} is not there: make one with: openssl genpkey -algorithm ed25519 -out {}",
        path.display(), path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The key file holds something else.
    #[error(
        "{} holds no Ed25519 key: it must be what is made with: openssl genpkey -algorithm ed25519 -out {}",
        path.display(), path.display()
    )]
    NotAKey {
        /// The file.
        path: PathBuf,
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

    /// What processes prove themselves to each other with: `SERVICE_SECRET`.
    pub const SERVICE: SecretFile = SecretFile {
        name: "service.secret",
        variable: "SERVICE_SECRET",
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
        let secret: [u8; 32] = random(entropy);
        private_file::make(&path, &format!("{}\n", hex::encode(secret)), entropy).map_err(unusable)?;
        read(&path)?.ok_or_else(|| SecretError::Corrupt { path: path.clone() })
    }
}

fn is_strong(secret: &SecretString) -> bool {
    let bytes = secret.expose_secret().as_bytes();
    bytes.len() >= STRONG_BYTES && bytes.iter().collect::<HashSet<_>>().len() >= 8
}

fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// The secret in the file; none when there is no file.
fn read(path: &Path) -> Result<Option<SecretString>, SecretError> {
    let text = match private_file::read(path) {
        Ok(None) => return Ok(None),
        Ok(Some(text)) => text,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(SecretError::Corrupt {
                path: path.to_owned(),
            });
        }
        Err(source) => {
            return Err(SecretError::Unusable {
                path: path.to_owned(),
                source,
            });
        }
    };
    let secret = SecretString::from(text.trim().to_owned());
    if is_strong(&secret) {
        Ok(Some(secret))
    } else {
        Err(SecretError::Corrupt {
            path: path.to_owned(),
        })
    }
}
