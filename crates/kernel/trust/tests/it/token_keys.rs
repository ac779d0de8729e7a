//! Pairs of keys that come and go.

use crate::site::Site;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use std::sync::Arc;
use trust::*;

struct Pairs {
    site: Site,
    /// What the process that mints holds.
    private: Arc<TokenKeys>,
    /// What the others hold.
    public: Arc<TokenKeys>,
}

fn pair(site: &Site) -> TokenKeyPair {
    TokenKeyPair::generate(&**site.sources.entropy()).unwrap()
}

impl Pairs {
    fn new() -> Self {
        Self {
            site: Site::new(),
            private: Arc::new(TokenKeys::ed25519()),
            public: Arc::new(TokenKeys::ed25519()),
        }
    }

    fn token(&self) -> Result<String, IssueError> {
        let issuer = TokenIssuer::new(self.private.clone(), "wealthos", "api", self.site.sources.clone());
        let now = self.site.sources.now();
        let token = issuer.issue(&self.site.user(), now, MAX_LIFE)?;
        Ok(token.token.expose_secret().to_owned())
    }

    fn verifier(&self) -> TokenVerifier {
        TokenVerifier::new(
            self.public.clone(),
            "wealthos",
            "api",
            self.site.sources.clock().clone(),
            Arc::new(Revocations::new()),
            OnStale::Accept,
        )
    }
}

#[test]
fn the_public_half_proves_what_the_private_half_minted_and_cannot_mint() {
    let pairs = Pairs::new();
    let first = pair(&pairs.site);
    assert!(matches!(pairs.token(), Err(IssueError::NoKey)));
    pairs.private.replace(Some(&first), [first.public()]);
    let token = pairs.token().unwrap();
    assert_eq!(
        pairs.verifier().verify(&token),
        Err(TokenError::Invalid),
        "not known yet"
    );
    pairs.public.replace(None, [first.public()]);
    assert!(pairs.verifier().verify(&token).is_ok());
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    assert_eq!(kid, first.public().id());
}

#[test]
fn a_key_that_signs_no_more_verifies_until_it_is_taken_away() {
    let pairs = Pairs::new();
    let (first, second) = (pair(&pairs.site), pair(&pairs.site));
    pairs.private.replace(Some(&first), [first.public()]);
    let old = pairs.token().unwrap();
    pairs
        .private
        .replace(Some(&second), [first.public(), second.public()]);
    let new = pairs.token().unwrap();
    pairs.public.replace(None, [first.public(), second.public()]);
    let verifier = pairs.verifier();
    assert!(verifier.verify(&old).is_ok() && verifier.verify(&new).is_ok());
    pairs.public.replace(None, [second.public()]);
    let fresh = pairs.verifier();
    assert_eq!(fresh.verify(&old), Err(TokenError::Invalid));
    assert!(fresh.verify(&new).is_ok());
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    let pairs = Pairs::new();
    let first = pair(&pairs.site);
    pairs.private.replace(Some(&first), [first.public()]);
    pairs.public.replace(None, [first.public()]);
    let token = pairs.token().unwrap();
    let claims: serde_json::Value = {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let body = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
    };
    let header = Header {
        kid: Some(first.public().id()),
        ..Header::new(Algorithm::HS256)
    };
    for secret in [
        first.public().to_string().into_bytes(),
        first.public().to_base64url().into_bytes(),
    ] {
        let forged = encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap();
        assert_eq!(pairs.verifier().verify(&forged), Err(TokenError::Invalid));
    }
}

#[test]
fn a_stored_pair_reads_as_it_was_and_shows_nothing() {
    let site = Site::new();
    let made = pair(&site);
    let read = TokenKeyPair::read(made.private()).unwrap();
    assert_eq!(read.public(), made.public());
    assert!(!format!("{read:?}").contains(made.private().expose_secret()));
    assert!(matches!(
        TokenKeyPair::read(&"bm90IGEga2V5".into()),
        Err(KeyError::Stored)
    ));
}
