use crate::error::Error;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const NONCE: usize = 12;

/// Seals single fields: base64url of nonce, ciphertext and tag (AES-256-GCM), bound to what they belong to.
pub(crate) struct Seal(RandomizedNonceKey);

impl Seal {
    /// A seal with a key of 32 bytes in hex.
    pub(crate) fn new(hex_key: &str) -> Result<Self, Error> {
        let key = hex::decode(hex_key).map_err(|_| Error::Sealed)?;
        Ok(Self(
            RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| Error::Sealed)?,
        ))
    }

    pub(crate) fn seal(&self, bound_to: &str, plain: &str) -> Result<String, Error> {
        let mut sealed = plain.as_bytes().to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(bound_to), &mut sealed)
            .map_err(|_| Error::Sealed)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    pub(crate) fn open(&self, bound_to: &str, sealed: &str) -> Result<String, Error> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Error::Sealed)?;
        let (nonce, rest) = bytes.split_at_mut_checked(NONCE).ok_or(Error::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::Sealed)?;
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(bound_to), rest)
            .map_err(|_| Error::Sealed)?;
        String::from_utf8(plain.to_vec()).map_err(|_| Error::Sealed)
    }
}

/// What a field of a client is bound to.
pub(crate) fn binding(id: uuid::Uuid, field: &str) -> String {
    format!("clients/{id}/{field}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_where_it_belongs_and_nowhere_else() {
        let seal = Seal::new(&"7".repeat(64)).unwrap();
        let sealed = seal.seal("clients/1/email", "a@b.example").unwrap();
        assert_eq!(seal.open("clients/1/email", &sealed).unwrap(), "a@b.example");
        assert!(seal.open("clients/2/email", &sealed).is_err());
    }
}
