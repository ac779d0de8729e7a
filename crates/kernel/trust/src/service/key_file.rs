use crate::{SecretError, private_file};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use kernel::Entropy;
use std::{fmt, io, path::Path, str::FromStr};

/// What stands before the 32 bytes of an Ed25519 key in the form that OpenSSL writes (SubjectPublicKeyInfo, DER).
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The public half of a key (Ed25519).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The name of the key in the header of tokens: derived from it, so that all processes agree without being told.
    pub fn id(&self) -> String {
        super::keys::fingerprint(&self.0)
    }

    /// The 32 bytes in base64url, as a JSON Web Key has them.
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(crate) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_ed_der(&self.0)
    }
}

impl TryFrom<&[u8]> for PublicKey {
    type Error = NotAPublicKey;

    fn try_from(bytes: &[u8]) -> Result<Self, NotAPublicKey> {
        bytes.try_into().map(Self).map_err(|_| NotAPublicKey)
    }
}

/// The text is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an Ed25519 public key in base64, as written by: openssl pkey -in service.key -pubout (the line between \
     BEGIN and END)"
)]
pub struct NotAPublicKey;

impl FromStr for PublicKey {
    type Err = NotAPublicKey;

    /// Reads base64 of the 32 bytes themselves, or of the form that OpenSSL writes.
    fn from_str(text: &str) -> Result<Self, NotAPublicKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| NotAPublicKey)?;
        let bare = bytes.strip_prefix(&SPKI).unwrap_or(&bytes);
        bare.try_into().map(Self).map_err(|_| NotAPublicKey)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode([&SPKI[..], &self.0].concat()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A process's own key (Ed25519), from a file with mode 0600.
pub struct ServiceKey {
    pkcs8: Vec<u8>,
    public: PublicKey,
}

impl ServiceKey {
    /// The key in the file (PKCS#8 in PEM, as OpenSSL writes it). Where there is none, one is made; for real
    /// (`production`) that is refused.
    pub fn resolve(path: &Path, production: bool, entropy: &dyn Entropy) -> Result<Self, SecretError> {
        if let Some(key) = read(path)? {
            return Ok(key);
        }
        let path = path.to_owned();
        if production {
            return Err(SecretError::NoKey { path });
        }
        let pem = new_pem(entropy).ok_or_else(|| SecretError::NotAKey { path: path.clone() })?;
        private_file::make(&path, &pem, entropy).map_err(|source| SecretError::Unusable {
            path: path.clone(),
            source,
        })?;
        read(&path)?.ok_or(SecretError::NoKey { path })
    }

    /// Its public half, which the peers are told.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    pub(crate) fn encoding(&self) -> EncodingKey {
        EncodingKey::from_ed_der(&self.pkcs8)
    }

    fn of(pkcs8: Vec<u8>) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).ok()?;
        let public = pair.public_key().as_ref().try_into().ok().map(PublicKey)?;
        Some(Self { pkcs8, public })
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceKey({})", self.public)
    }
}

fn read(path: &Path) -> Result<Option<ServiceKey>, SecretError> {
    let not_a_key = || SecretError::NotAKey {
        path: path.to_owned(),
    };
    match private_file::read(path) {
        Ok(None) => Ok(None),
        Ok(Some(pem)) => of_pem(&pem)
            .and_then(ServiceKey::of)
            .map(Some)
            .ok_or_else(not_a_key),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(not_a_key()),
        Err(source) => Err(SecretError::Unusable {
            path: path.to_owned(),
            source,
        }),
    }
}

fn of_pem(pem: &str) -> Option<Vec<u8>> {
    let (body, _) = pem.split_once(BEGIN)?.1.split_once(END)?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}

fn new_pem(entropy: &dyn Entropy) -> Option<String> {
    let mut seed = [0_u8; 32];
    entropy.fill(&mut seed);
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
    let pkcs8 = pair.to_pkcs8v1().ok()?;
    Some(format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(pkcs8.as_ref())))
}
