use super::{
    key_file::{PublicKey, ServiceKey},
    secret::{Purpose, ServiceSecret},
    speakers::ServiceIdentity,
};
use crate::KeyError;
use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

/// What signs service tokens and proves them: one key that all processes derive from what they share (HS256), or a key
/// of each process's own (EdDSA), so that none can speak as another. An installation uses one of the two: a token
/// signed the other way is never looked at.
pub struct ServiceKeys {
    algorithm: Algorithm,
    signing_id: String,
    signing: EncodingKey,
    verifying: HashMap<String, VerifyingKey>,
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
        let keys = secret.keys(Purpose::ServiceToken)?;
        let newest = keys.first().ok_or(KeyError::Empty)?;
        let verifying = keys.iter().map(|key| {
            let verifying = VerifyingKey {
                key: DecodingKey::from_secret(key),
                issuers: None,
            };
            (fingerprint(key), verifying)
        });
        Ok(Self {
            algorithm: Algorithm::HS256,
            signing_id: fingerprint(newest),
            signing: EncodingKey::from_secret(newest),
            verifying: verifying.collect(),
        })
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
        Self {
            algorithm: Algorithm::EdDSA,
            signing_id: own.public().id(),
            signing: own.encoding(),
            verifying,
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn signing(&self) -> (&str, &EncodingKey) {
        (&self.signing_id, &self.signing)
    }

    pub(crate) fn verifying(&self, id: &str) -> Option<&VerifyingKey> {
        self.verifying.get(id)
    }
}

/// The id of a key: derived from it, so that all processes agree without being told.
pub(crate) fn fingerprint(key: &[u8]) -> String {
    let digest = digest(&SHA256, &[b"wealthos service key id ", key].concat());
    hex::encode(&digest.as_ref()[..8])
}

impl fmt::Debug for ServiceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ServiceKeys({:?} {}, {} verify)",
            self.algorithm,
            self.signing_id,
            self.verifying.len()
        )
    }
}
