use crate::{Collection, StoreError};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    digest, hmac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::TenantId;
use serde_json::{Map, Value};
use std::ops::Range;
use uuid::Uuid;

/// The marker in front of every encrypted value: `enc:<key id>:<nonce and ciphertext, base64url>`.
const MARKER: &str = "enc:";
const NONCE_BYTES: usize = 12;

struct KeyEntry {
    id: String,
    cipher: RandomizedNonceKey,
    mac: hmac::Key,
}

/// The keys for sensitive fields (AES-256-GCM), keyed look-ups and cursors. The first key encrypts; all decrypt.
pub struct Keyring {
    keys: Vec<KeyEntry>,
}

impl Keyring {
    /// A keyring; the first entry is the current key. At least one is needed; ids are short names without a colon.
    pub fn new(keys: &[(String, [u8; 32])]) -> Result<Self, StoreError> {
        if keys.is_empty() {
            return Err(StoreError::refused(
                "no encryption key is set: set ENCRYPTION_KEY",
            ));
        }
        let mut entries = Vec::with_capacity(keys.len());
        for (id, secret) in keys {
            if id.is_empty() || id.contains(':') {
                return Err(StoreError::refused(
                    "an encryption key needs a short id without a colon",
                ));
            }
            let cipher = RandomizedNonceKey::new(&AES_256_GCM, secret)
                .map_err(|_| StoreError::refused("an encryption key must have 32 bytes"))?;
            let master = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let derived = hmac::sign(&master, b"wealthos keyed hash");
            let mac = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
            entries.push(KeyEntry {
                id: id.clone(),
                cipher,
                mac,
            });
        }
        Ok(Self { keys: entries })
    }

    /// A keyring of texts of any length, the current one first. Key and id are derived from the text (SHA-256), so that
    /// every process that knows the text agrees.
    pub fn from_secrets(secrets: &[&str]) -> Result<Self, StoreError> {
        let derive = |label: &str, secret: &str| {
            digest::digest(
                &digest::SHA256,
                format!("wealthos {label}\u{0}{secret}").as_bytes(),
            )
        };
        let mut keys = Vec::with_capacity(secrets.len());
        for secret in secrets {
            let mut key = [0; 32];
            key.copy_from_slice(derive("encryption key", secret).as_ref());
            let id = hex::encode(&derive("encryption key id", secret).as_ref()[..4]);
            keys.push((id, key));
        }
        Self::new(&keys)
    }

    /// The id of the key that encrypts: tells keys apart and gives nothing away.
    pub fn current_id(&self) -> &str {
        self.keys.first().map_or("", |key| &key.id)
    }

    /// Encrypts the declared fields of a body in place and adds the keyed hashes of those that can be looked up.
    pub(crate) fn seal(
        &self,
        collection: &Collection,
        tenant: TenantId,
        id: Uuid,
        body: &mut Map<String, Value>,
    ) -> Result<(), StoreError> {
        for (field, lookup) in &collection.lookups {
            let hash = body
                .get(*field)
                .and_then(Value::as_str)
                .map(|text| self.lookup(collection, field, text));
            body.insert((*lookup).to_owned(), hash.map_or(Value::Null, Value::String));
        }
        for field in &collection.encrypted {
            let Some(value) = body.get(*field).filter(|value| !value.is_null()) else {
                continue;
            };
            let sealed = self.encrypt(&binding(collection, tenant, id, field), &value.to_string())?;
            body.insert((*field).to_owned(), Value::String(sealed));
        }
        Ok(())
    }

    /// Decrypts the declared fields of a body in place.
    pub(crate) fn open(
        &self,
        collection: &Collection,
        tenant: TenantId,
        id: Uuid,
        body: &mut Map<String, Value>,
    ) -> Result<(), StoreError> {
        if collection.encrypted.is_empty() {
            return Ok(());
        }
        let mut place = binding(collection, tenant, id, "");
        let start = place.len();
        for field in &collection.encrypted {
            let Some(value) = body.get_mut(*field) else {
                continue;
            };
            let Value::String(sealed) = value else {
                continue;
            };
            place.truncate(start);
            place.push_str(field);
            let (bytes, plain) = self.opened(&place, sealed)?;
            *value = serde_json::from_slice(&bytes[plain]).map_err(StoreError::internal)?;
        }
        Ok(())
    }

    /// Whether a sealed value is under the current key.
    pub(crate) fn is_current(&self, sealed: &str) -> bool {
        let id = sealed
            .strip_prefix(MARKER)
            .and_then(|rest| rest.split_once(':'))
            .map(|(id, _)| id);
        id.is_some() && id == self.keys.first().map(|key| key.id.as_str())
    }

    /// The keyed hash under which an encrypted text is written: of its folded form, in lower-case hex.
    pub fn lookup(&self, collection: &Collection, field: &str, text: &str) -> String {
        self.lookups(collection, field, text).next().unwrap_or_default()
    }

    /// The keyed hashes under which an encrypted text may stand, the current one first. While keys are changed there are
    /// several: documents keep the hash of an older key until they are encrypted anew.
    pub fn lookups(&self, collection: &Collection, field: &str, text: &str) -> impl Iterator<Item = String> {
        let message = format!(
            "lookup\u{0}{}\u{0}{field}\u{0}{}",
            collection.name(),
            kernel::fold(text)
        );
        self.keys
            .iter()
            .map(move |key| hex::encode(hmac::sign(&key.mac, message.as_bytes())))
    }

    /// A 16-byte authenticator of `message`, by the current key.
    pub(crate) fn authenticate(&self, message: &[u8]) -> Vec<u8> {
        self.keys
            .first()
            .map(|key| {
                hmac::sign(&key.mac, message)
                    .as_ref()
                    .iter()
                    .copied()
                    .take(16)
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Encrypts something for nobody. The first encryption of a process gathers randomness for tens of milliseconds:
    /// done beside the start, no request has to wait for it.
    pub fn warm_up(&self) {
        if let Err(error) = self.encrypt("warm-up", "") {
            tracing::error!(%error, "nothing can be encrypted");
        }
    }

    /// Encrypts a text, bound to `binding`: it opens nowhere else.
    pub(crate) fn encrypt(&self, binding: &str, plain: &str) -> Result<String, StoreError> {
        self.encrypt_bytes(binding, plain.as_bytes())
    }

    /// Encrypts bytes into a text, bound to `binding`: it opens nowhere else.
    pub(crate) fn encrypt_bytes(&self, binding: &str, plain: &[u8]) -> Result<String, StoreError> {
        let key = self
            .keys
            .first()
            .ok_or_else(|| StoreError::internal("empty keyring"))?;
        let mut bytes = plain.to_vec();
        let nonce = key
            .cipher
            .seal_in_place_append_tag(Aad::from(binding.as_bytes()), &mut bytes)
            .map_err(|_| StoreError::internal("encryption failed"))?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend_from_slice(&bytes);
        Ok(format!("{MARKER}{}:{}", key.id, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Decrypts what [`Keyring::encrypt`] or [`Keyring::encrypt_bytes`] made under the same binding.
    pub(crate) fn decrypt_bytes(&self, binding: &str, sealed: &str) -> Result<Vec<u8>, StoreError> {
        let (mut bytes, plain) = self.opened(binding, sealed)?;
        bytes.truncate(plain.end);
        bytes.drain(..plain.start);
        Ok(bytes)
    }

    /// What was encrypted, and where in these bytes it stands: opened in place, because a read opens many.
    fn opened(&self, binding: &str, sealed: &str) -> Result<(Vec<u8>, Range<usize>), StoreError> {
        let (key_id, text) = sealed
            .strip_prefix(MARKER)
            .and_then(|rest| rest.split_once(':'))
            .ok_or_else(broken)?;
        let key = self.keys.iter().find(|key| key.id == key_id).ok_or_else(|| {
            StoreError::internal(format!("the encryption key '{key_id}' is not in the keyring"))
        })?;
        let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
        let (nonce, payload) = bytes.split_at_mut_checked(NONCE_BYTES).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let length = key
            .cipher
            .open_in_place(nonce, Aad::from(binding.as_bytes()), payload)
            .map_err(|_| broken())?
            .len();
        Ok((bytes, NONCE_BYTES..NONCE_BYTES + length))
    }
}

fn broken() -> StoreError {
    StoreError::internal("an encrypted field cannot be opened: wrong key or changed data")
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("Keyring").field("ids", &ids).finish()
    }
}

fn binding(collection: &Collection, tenant: TenantId, id: Uuid, field: &str) -> String {
    format!("{tenant}/{}/{id}/{field}", collection.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(ids: &[&str]) -> Keyring {
        let keys: Vec<_> = ids
            .iter()
            .map(|id| ((*id).to_owned(), [u8::try_from(id.len()).unwrap(); 32]))
            .collect();
        Keyring::new(&keys).unwrap()
    }

    #[test]
    fn a_value_opens_only_where_it_was_sealed() {
        let keyring = keyring(&["k1"]);
        let sealed = keyring.encrypt("a/b/c/d", "secret").unwrap();
        assert!(!sealed.contains("secret"));
        assert_eq!(keyring.decrypt_bytes("a/b/c/d", &sealed).unwrap(), b"secret");
        assert!(keyring.decrypt_bytes("a/b/c/e", &sealed).is_err());
        let mut changed = sealed.clone();
        changed.replace_range(changed.len() - 2.., "AA");
        assert!(changed == sealed || keyring.decrypt_bytes("a/b/c/d", &changed).is_err());
    }

    #[test]
    fn an_old_key_still_opens_after_a_rotation() {
        let old = keyring(&["k1"]);
        let sealed = old.encrypt("x", "secret").unwrap();
        let rotated = Keyring::new(&[("k2".into(), [9; 32]), ("k1".into(), [2; 32])]).unwrap();
        assert_eq!(rotated.decrypt_bytes("x", &sealed).unwrap(), b"secret");
        assert!(rotated.encrypt("x", "secret").unwrap().starts_with("enc:k2:"));
        assert!(
            old.decrypt_bytes("x", &rotated.encrypt("x", "secret").unwrap())
                .is_err()
        );
    }
}
