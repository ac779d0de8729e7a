use super::{
    key_file::{PublicKey, ServiceKey},
    secret::{Purpose, ServiceSecret},
    speakers::ServiceIdentity,
};
use crate::KeyError;
use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use parking_lot::RwLock;
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

/// What signs service tokens and proves them: one key that all processes derive from what they share (HS256), or a key
/// of each process's own (EdDSA), so that none can speak as another. An installation uses one of the two: a token
/// signed the other way is never looked at.
pub struct ServiceKeys {
    algorithm: Algorithm,
    ring: RwLock<Arc<Ring>>,
}

/// What signs and what verifies at one moment.
pub(crate) struct Ring {
    pub(crate) signing_id: String,
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: HashMap<String, VerifyingKey>,
}

pub(crate) struct VerifyingKey {
    pub(crate) key: DecodingKey,
    /// Whose it is; none is everybody's.
    issuers: Option<BTreeSet<String>>,
}

impl VerifyingKey {
    pub(crate) fn speaks_as(&self, issuer: &str) -> bool {
        self.issuers
            .as_ref()
            .is_none_or(|issuers| issuers.contains(issuer))
    }
}

impl ServiceKeys {
    /// The key that every process derives from the same secret.
    pub fn shared(secret: &ServiceSecret) -> Result<Self, KeyError> {
        Ok(Self::of(Algorithm::HS256, ring_of(secret)?))
    }

    /// From now on this secret and those with it are what the processes share. A key of the process's own stays.
    pub fn change_secret(&self, secret: &ServiceSecret) -> Result<(), KeyError> {
        if self.algorithm == Algorithm::HS256 {
            *self.ring.write() = Arc::new(ring_of(secret)?);
        }
        Ok(())
    }

    fn of(algorithm: Algorithm, ring: Ring) -> Self {
        Self {
            algorithm,
            ring: RwLock::new(Arc::new(ring)),
        }
    }

    /// This process's own key, and the public keys of the others by the name that they issue under. A name may have
    /// several: while a key is changed, or where two processes run the same group.
    pub fn own<'a>(
        own: &ServiceKey,
        identity: &'a ServiceIdentity,
        peers: impl IntoIterator<Item = (&'a str, PublicKey)>,
    ) -> Self {
        let mine = identity.names().iter().map(|name| (name.as_str(), own.public()));
        let mut verifying: HashMap<String, VerifyingKey> = HashMap::new();
        for (issuer, key) in mine.chain(peers) {
            let known = verifying.entry(key.id()).or_insert_with(|| VerifyingKey {
                key: key.decoding(),
                issuers: Some(BTreeSet::new()),
            });
            known.issuers.get_or_insert_default().insert(issuer.to_owned());
        }
        let ring = Ring {
            signing_id: own.public().id(),
            signing: own.encoding(),
            verifying,
        };
        Self::of(Algorithm::EdDSA, ring)
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn ring(&self) -> Arc<Ring> {
        self.ring.read().clone()
    }
}

fn ring_of(secret: &ServiceSecret) -> Result<Ring, KeyError> {
    let keys = secret.keys(Purpose::ServiceToken)?;
    let newest = keys.first().ok_or(KeyError::Empty)?;
    let verifying = keys.iter().map(|key| {
        let verifying = VerifyingKey {
            key: DecodingKey::from_secret(key),
            issuers: None,
        };
        (fingerprint(key), verifying)
    });
    Ok(Ring {
        signing_id: fingerprint(newest),
        signing: EncodingKey::from_secret(newest),
        verifying: verifying.collect(),
    })
}

/// The id of a key: derived from it, so that all processes agree without being told.
pub(crate) fn fingerprint(key: &[u8]) -> String {
    let digest = digest(&SHA256, &[b"wealthos service key id ", key].concat());
    hex::encode(&digest.as_ref()[..8])
}

impl fmt::Debug for ServiceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ring = self.ring();
        let (signs, verify) = (&ring.signing_id, ring.verifying.len());
        write!(f, "ServiceKeys({:?} {signs}, {verify} verify)", self.algorithm)
    }
}
