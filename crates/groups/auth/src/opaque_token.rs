use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Sources;
use uuid::Uuid;

/// A new token that says nothing by itself: 256 random bits as base64url.
pub(crate) fn generate(sources: &Sources) -> String {
    URL_SAFE_NO_PAD.encode(sources.random::<32>())
}

/// The form in which such a token is stored, and the id under which it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Made of the first half of the hash.
    pub(crate) id: Uuid,
    /// SHA-256, lower-case hex.
    pub(crate) hash: String,
}

impl Fingerprint {
    pub(crate) fn of(token: &str) -> Self {
        let hash = digest(&SHA256, token.as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&hash.as_ref()[..16]);
        Self {
            id: uuid::Builder::from_custom_bytes(half).into_uuid(),
            hash: hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    /// Whether this is the hash, compared in constant time.
    pub(crate) fn matches(&self, hash: &str) -> bool {
        verify_slices_are_equal(self.hash.as_bytes(), hash.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn tokens_carry_256_bits_and_do_not_repeat() {
        let sources = Sources::system();
        let tokens: HashSet<_> = (0..1000).map(|_| generate(&sources)).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(
            tokens
                .iter()
                .all(|token| URL_SAFE_NO_PAD.decode(token).unwrap().len() == 32)
        );
    }

    #[test]
    fn a_fingerprint_is_the_same_each_time_and_shows_nothing() {
        let token = generate(&Sources::system());
        let fingerprint = Fingerprint::of(&token);
        assert_eq!(fingerprint, Fingerprint::of(&token));
        assert!(fingerprint.matches(&Fingerprint::of(&token).hash));
        assert!(!fingerprint.matches(&Fingerprint::of("another").hash));
        assert!(!fingerprint.hash.contains(&token));
    }
}
