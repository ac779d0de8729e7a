use crate::{KeyError, PublicKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::EncodingKey;
use kernel::Entropy;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A pair of keys for access tokens (Ed25519): the private half mints, the public half proves.
pub struct TokenKeyPair {
    /// PKCS#8 in base64.
    private: SecretString,
    public: PublicKey,
}

impl TokenKeyPair {
    /// A fresh pair.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let mut seed = [0_u8; 32];
        entropy.fill(&mut seed);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Stored)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| KeyError::Stored)?;
        Self::read(&STANDARD.encode(pkcs8.as_ref()).into())
    }

    /// A pair as [`TokenKeyPair::private`] wrote it.
    pub fn read(private: &SecretString) -> Result<Self, KeyError> {
        let pkcs8 = STANDARD
            .decode(private.expose_secret())
            .map_err(|_| KeyError::Stored)?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| KeyError::Stored)?;
        let public = pair.public_key().as_ref();
        Ok(Self {
            private: private.clone(),
            public: public.try_into().map_err(|_| KeyError::Stored)?,
        })
    }

    /// The private half as text (PKCS#8 in base64), to be kept encrypted.
    pub fn private(&self) -> &SecretString {
        &self.private
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    pub(crate) fn encoding(&self) -> EncodingKey {
        let pkcs8 = STANDARD.decode(self.private.expose_secret()).unwrap_or_default();
        EncodingKey::from_ed_der(&pkcs8)
    }
}

impl fmt::Debug for TokenKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKeyPair({})", self.public.id())
    }
}
