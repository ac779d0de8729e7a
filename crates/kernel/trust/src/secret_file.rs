use crate::{SecretSeries, private_file};
use chrono::{DateTime, Utc};
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
        let series = self.series(configured, data_dir, production, entropy)?;
        let first = series.secrets().next().cloned();
        first.ok_or_else(|| SecretError::Corrupt {
            path: data_dir.join(self.name),
        })
    }

    /// The same where the secret of the data directory may be changed: all of them, in the order in which they sign.
    pub fn series(
        &self,
        configured: Option<&SecretString>,
        data_dir: &Path,
        production: bool,
        entropy: &dyn Entropy,
    ) -> Result<SecretSeries, SecretError> {
        let variable = self.variable;
        match configured.filter(|secret| is_set(secret)) {
            Some(secret) if is_strong(secret) => Ok(SecretSeries::of(secret.clone())),
            Some(_) if production => Err(SecretError::Weak { variable }),
            Some(secret) => {
                tracing::warn!("{variable} is weak: good enough for development only");
                Ok(SecretSeries::of(secret.clone()))
            }
            None if production => Err(SecretError::Missing { variable }),
            None => self.kept(data_dir, entropy),
        }
    }

    /// Adds a new secret to those of the data directory, where one is made first if there is none. It signs after
    /// [`SecretSeries::OVERLAP`]; processes read it by then.
    pub fn rotate(
        &self,
        data_dir: &Path,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Result<SecretSeries, SecretError> {
        let path = data_dir.join(self.name);
        let secret: [u8; 32] = random(entropy);
        let series = self.kept(data_dir, entropy)?;
        let series = series.with(hex::encode(secret).into(), now);
        private_file::replace(&path, series.text().expose_secret(), entropy)
            .map_err(|source| SecretError::Unusable { path, source })?;
        Ok(series)
    }

    fn kept(&self, data_dir: &Path, entropy: &dyn Entropy) -> Result<SecretSeries, SecretError> {
        let path = data_dir.join(self.name);
        let unusable = |source| SecretError::Unusable {
            path: path.clone(),
            source,
        };
        if let Some(series) = read(&path)? {
            return Ok(series);
        }
        let secret: [u8; 32] = random(entropy);
        private_file::make(&path, &format!("{}\n", hex::encode(secret)), entropy).map_err(unusable)?;
        read(&path)?.ok_or_else(|| SecretError::Corrupt { path: path.clone() })
    }
}

/// An empty variable is one that is not set.
fn is_set(secret: &SecretString) -> bool {
    !secret.expose_secret().is_empty()
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

/// The secrets in the file; none when there is no file.
fn read(path: &Path) -> Result<Option<SecretSeries>, SecretError> {
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
    let series = SecretSeries::parse(&text);
    if series.secrets().next().is_some() && series.secrets().all(is_strong) {
        Ok(Some(series))
    } else {
        Err(SecretError::Corrupt {
            path: path.to_owned(),
        })
    }
}
