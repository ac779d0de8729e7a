//! Tokens of users and processes, and seals of forwarded requests: whatever is changed or made up is refused.

use crate::INPUTS;
use fuzz::spell;
use kernel::{Principal, Role, Sources, TenantId, UserId, UserPrincipal};
use runtime::settings::AuthSettings;
use secrecy::{ExposeSecret, SecretString};
use std::{panic::AssertUnwindSafe, sync::Arc};
use trust::{
    Hop, HopSeal, Revocations, ServiceIdentity, ServiceKeys, ServiceSecret, ServiceTokens, ServiceVerifier,
    Speakers, TokenIssuer, TokenKeys, TokenVerifier,
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const WORDS: [&str; 16] = [
    ".",
    "eyJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJub25lIn0",
    "e30",
    "=",
    "-",
    "_",
    "A",
    "z",
    "9",
    "..",
    "Bearer ",
    " ",
    "%00",
    "eyJzdWIiOiJhZG1pbiJ9",
    "/",
];

struct Desk {
    sources: Sources,
    keys: Arc<TokenKeys>,
    auth: AuthSettings,
}

impl Desk {
    fn new() -> Self {
        let secret: SecretString = SECRET.into();
        Self {
            sources: Sources::system(),
            keys: Arc::new(TokenKeys::new(&secret, &[]).unwrap()),
            auth: AuthSettings::default(),
        }
    }

    fn user(&self) -> UserPrincipal {
        UserPrincipal {
            user: UserId(self.sources.ids().next()),
            role: Role::Client,
            tenant: TenantId::DEFAULT,
            session: self.sources.ids().next(),
            role_version: 1,
            impersonator: None,
            scopes: None,
        }
    }
}

/// The text with one byte changed, or something made up. None when the change is none.
fn forged(genuine: &str, bytes: &[u8]) -> Option<String> {
    let [place, high, flip, rest @ ..] = bytes else {
        return Some(spell(bytes, &WORDS));
    };
    if flip % 4 == 0 {
        return Some(spell(rest, &WORDS));
    }
    let mut changed = genuine.as_bytes().to_vec();
    let place = (usize::from(*place) + 256 * usize::from(*high)) % changed.len();
    match flip % 4 {
        1 => changed[place] = b"ABCDEFGHabcdefgh0123-_."[usize::from(*flip) % 23],
        2 => changed.truncate(place),
        _ => changed.insert(place, b'A'),
    }
    let changed = String::from_utf8(changed).ok()?;
    (changed != genuine).then_some(changed)
}

#[test]
fn forged_access_tokens_are_refused() {
    let desk = Desk::new();
    let revocations = Arc::new(Revocations::new());
    let issuer = TokenIssuer::new(
        desk.keys.clone(),
        &desk.auth.issuer,
        &desk.auth.audience,
        desk.sources.clone(),
    );
    let verifier = TokenVerifier::new(
        desk.keys.clone(),
        &desk.auth.issuer,
        &desk.auth.audience,
        desk.sources.clock().clone(),
        revocations,
        desk.auth.on_stale,
    );
    let genuine = issuer
        .issue(&desk.user(), desk.sources.now(), chrono::TimeDelta::minutes(5))
        .unwrap();
    let genuine = genuine.token.expose_secret().to_owned();
    let believed = AssertUnwindSafe(|text: &str| verifier.verify(text).is_ok());
    assert!((*believed)(&genuine));
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        if let Some(text) = forged(&genuine, bytes) {
            assert!(!(*believed)(&text), "{text}");
        }
    });
}

#[test]
fn forged_service_tokens_are_refused() {
    let desk = Desk::new();
    let secret = ServiceSecret::new(&SECRET.into(), &[]).unwrap();
    let keys = Arc::new(ServiceKeys::shared(&secret).unwrap());
    let speakers = Speakers::of_groups([
        &auth_contract::INFO,
        &finance_contract::INFO,
        &advisory_contract::INFO,
    ]);
    let tokens = ServiceTokens::new(
        keys.clone(),
        ServiceIdentity::of_groups(["finance"]),
        speakers.clone(),
        desk.sources.clone(),
    );
    let verifier = ServiceVerifier::new(
        keys,
        speakers,
        desk.sources.clock().clone(),
        Arc::new(Revocations::new()),
        desk.auth.on_stale,
    );
    let genuine = tokens.token("auth", &Principal::User(desk.user())).unwrap();
    let genuine = genuine.expose_secret().to_owned();
    let believed = AssertUnwindSafe(|text: &str, group: &str| verifier.verify(text, group).is_ok());
    assert!((*believed)(&genuine, "auth"));
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        if let Some(text) = forged(&genuine, bytes) {
            assert!(!(*believed)(&text, "auth"), "{text}");
        }
        assert!(!(*believed)(
            &genuine,
            &spell(bytes, &["finance", "aut", "h ", "AUTH", ""])
        ));
    });
}

#[test]
fn forged_seals_are_not_believed() {
    let desk = Desk::new();
    let secret = ServiceSecret::new(&SECRET.into(), &[]).unwrap();
    let seal = HopSeal::new(&secret, desk.sources.clock().clone()).unwrap();
    let hop = Hop {
        client: "203.0.113.7".parse().unwrap(),
        scheme: "https".to_owned(),
        host: "wealth.example".to_owned(),
        limited: true,
        request_id: desk.sources.ids().next(),
    };
    let genuine = seal.seal(&hop, "finance");
    let believed = AssertUnwindSafe(|text: &str, group: &str| seal.open(text, group).is_some());
    assert!((*believed)(&genuine, "finance"));
    bolero::check!().with_iterations(INPUTS).for_each(|bytes: &[u8]| {
        if let Some(text) = forged(&genuine, bytes) {
            assert!(!(*believed)(&text, "finance"), "{text}");
        }
        assert!(!(*believed)(
            &genuine,
            &spell(bytes, &["auth", "financ", "e ", "FINANCE"])
        ));
    });
}
