use crate::{PublicKey, token_key::TokenKeyPair};
use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use parking_lot::RwLock;
use secrecy::{ExposeSecret, SecretString};
use std::{collections::HashMap, fmt, sync::Arc};

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
    /// What was stored is no key.
    #[error("a stored signing key cannot be read: make a new one with: wealthctl keys rotate")]
    Stored,
}

/// What signs and what verifies at one moment.
pub(crate) struct Ring {
    pub(crate) signing: Option<(String, EncodingKey)>,
    pub(crate) verifying: HashMap<String, DecodingKey>,
}

/// The keys of access tokens. Each is named in the token's header by an id that is derived from it, so that all
/// processes agree without being told. One kind of key is in use: a token signed the other way is never looked at.
///
/// - [`TokenKeys::new`]: secrets that sign and verify (HS256). The newest signs, the others only verify.
/// - [`TokenKeys::ed25519`]: key pairs (EdDSA). The process that mints has the private halves, the others the public
///   ones, so that they cannot mint. Keys come and go while it runs.
pub struct TokenKeys {
    algorithm: Algorithm,
    ring: RwLock<Arc<Ring>>,
}

impl TokenKeys {
    /// Keys of the newest secret and those before it.
    pub fn new(newest: &SecretString, older: &[SecretString]) -> Result<Self, KeyError> {
        Ok(Self::of(Algorithm::HS256, ring_of(newest, older)?))
    }

    /// From now on the one secret signs, and the others only verify. Key pairs are never replaced by secrets.
    pub fn change_secrets(&self, newest: &SecretString, others: &[SecretString]) -> Result<(), KeyError> {
        if !self.are_pairs() {
            *self.ring.write() = Arc::new(ring_of(newest, others)?);
        }
        Ok(())
    }

    /// No key pair yet: nothing is minted and nothing proven.
    pub fn ed25519() -> Self {
        let ring = Ring {
            signing: None,
            verifying: HashMap::new(),
        };
        Self::of(Algorithm::EdDSA, ring)
    }

    fn of(algorithm: Algorithm, ring: Ring) -> Self {
        Self {
            algorithm,
            ring: RwLock::new(Arc::new(ring)),
        }
    }

    /// The id of a secret: what tokens that it signs are headed with.
    pub fn id_of_secret(secret: &SecretString) -> String {
        id_of(secret.expose_secret().as_bytes())
    }

    /// Whether key pairs are used.
    pub fn are_pairs(&self) -> bool {
        self.algorithm == Algorithm::EdDSA
    }

    /// From now on this pair signs, and these public keys verify. Without a pair, what signs stays as it is: for
    /// processes that do not mint, nothing. Secrets are never replaced by pairs.
    pub fn replace(&self, signing: Option<&TokenKeyPair>, verifying: impl IntoIterator<Item = PublicKey>) {
        if !self.are_pairs() {
            return;
        }
        let verifying = verifying.into_iter().map(|key| (key.id(), key.decoding()));
        let verifying = verifying.collect();
        let mut ring = self.ring.write();
        let signing = match signing {
            Some(pair) => Some((pair.public().id(), pair.encoding())),
            None => ring.signing.clone(),
        };
        *ring = Arc::new(Ring { signing, verifying });
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn ring(&self) -> Arc<Ring> {
        self.ring.read().clone()
    }
}

fn ring_of(newest: &SecretString, older: &[SecretString]) -> Result<Ring, KeyError> {
    let mut verifying = HashMap::new();
    for secret in std::iter::once(newest).chain(older) {
        let bytes = bytes_of(secret)?;
        verifying.insert(id_of(bytes), DecodingKey::from_secret(bytes));
    }
    let bytes = bytes_of(newest)?;
    let signing = Some((id_of(bytes), EncodingKey::from_secret(bytes)));
    Ok(Ring { signing, verifying })
}

fn bytes_of(secret: &SecretString) -> Result<&[u8], KeyError> {
    match secret.expose_secret().as_bytes() {
        [] => Err(KeyError::Empty),
        bytes => Ok(bytes),
    }
}

fn id_of(secret: &[u8]) -> String {
    let fingerprint = digest(&SHA256, &[b"wealthos key id ", secret].concat());
    hex::encode(&fingerprint.as_ref()[..8])
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ring = self.ring();
        let signing = ring.signing.as_ref().map_or("nothing", |(id, _)| id);
        let verifying = ring.verifying.len();
        write!(
            f,
            "TokenKeys({:?}: {signing} signs, {verifying} verify)",
            self.algorithm
        )
    }
}
