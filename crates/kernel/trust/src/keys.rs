use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Why secrets cannot be keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// An empty secret signs nothing.
    #[error(
        "a signing secret is empty: set JWT_SECRET to at least 32 bytes, made with: openssl rand -hex 32"
    )]
    Empty,
    /// The cryptographic library refuses.
    #[error(
        "no key can be derived from the secret: set SERVICE_SECRET to one made with: openssl rand -hex 32"
    )]
    Derive,
}

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Key {
    fn of(secret: &SecretString) -> Result<Self, KeyError> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.is_empty() {
            return Err(KeyError::Empty);
        }
        let fingerprint = digest(&SHA256, &[b"wealthos key id ", bytes].concat());
        Ok(Self {
            id: hex::encode(&fingerprint.as_ref()[..8]),
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
        })
    }
}

/// The secrets that sign and verify (HS256). The newest signs; older ones only verify. Each is named in the token's
/// header by an id that is derived from it, so that all processes agree without being told.
pub struct TokenKeys {
    newest: Key,
    older: Vec<Key>,
}

impl TokenKeys {
    /// Keys of the newest secret and those before it.
    pub fn new(newest: &SecretString, older: &[SecretString]) -> Result<Self, KeyError> {
        Ok(Self {
            newest: Key::of(newest)?,
            older: older.iter().map(Key::of).collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn signing(&self) -> (&str, &EncodingKey) {
        (&self.newest.id, &self.newest.encoding)
    }

    pub(crate) fn verifying(&self, id: &str) -> Option<&DecodingKey> {
        std::iter::once(&self.newest)
            .chain(&self.older)
            .find(|key| key.id == id)
            .map(|key| &key.decoding)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TokenKeys(newest {}, {} older)",
            self.newest.id,
            self.older.len()
        )
    }
}
