use crate::KeyError;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// What the processes of one installation share, and those that they shared before. Nothing is signed with it: each
/// use derives a key of its own, so that a proof made for one use is worth nothing for another.
#[derive(Clone)]
pub struct ServiceSecret {
    newest: SecretString,
    older: Vec<SecretString>,
}

/// What a derived key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Signs service tokens.
    ServiceToken,
    /// Seals hops.
    Hop,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Purpose::ServiceToken => b"service token v1",
            Purpose::Hop => b"hop v1",
        }
    }
}

impl ServiceSecret {
    /// The newest secret and those before it, which only verify.
    pub fn new(newest: &SecretString, older: &[SecretString]) -> Result<Self, KeyError> {
        let mut all = std::iter::once(newest).chain(older);
        if all.any(|secret| secret.expose_secret().is_empty()) {
            return Err(KeyError::Empty);
        }
        Ok(Self {
            newest: newest.clone(),
            older: older.to_vec(),
        })
    }

    /// The keys for a purpose, the newest first.
    pub(crate) fn keys(&self, purpose: Purpose) -> Result<Vec<[u8; 32]>, KeyError> {
        std::iter::once(&self.newest)
            .chain(&self.older)
            .map(|secret| derive(secret, purpose))
            .collect()
    }
}

fn derive(secret: &SecretString, purpose: Purpose) -> Result<[u8; 32], KeyError> {
    let mut key = [0; 32];
    Salt::new(HKDF_SHA256, b"wealthos")
        .extract(secret.expose_secret().as_bytes())
        .expand(&[purpose.label()], HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut key))
        .map_err(|_| KeyError::Derive)?;
    Ok(key)
}

impl fmt::Debug for ServiceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceSecret({} older)", self.older.len())
    }
}
