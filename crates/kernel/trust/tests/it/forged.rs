//! Service tokens as an attacker would have them.

use crate::site::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::Principal;
use proptest::{prop_assert, prop_assert_eq, proptest, sample::Index};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;
use trust::*;

/// Claims that pass, to be changed.
fn claims(site: &Site) -> Value {
    let now = start().timestamp();
    json!({
        "iss": "service:finance", "aud": "group:auth", "for": Principal::User(site.user()),
        "iat": now, "nbf": now, "exp": now + 60, "jti": site.sources.ids().next::<uuid::Uuid>(),
    })
}

/// The key that processes derive, worked out apart from the code.
fn derived(label: &[u8]) -> Vec<u8> {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    let extracted = sign(&Key::new(HMAC_SHA256, b"wealthos"), SECRET.as_bytes());
    let block = [label, &[1]].concat();
    let key = sign(&Key::new(HMAC_SHA256, extracted.as_ref()), &block);
    key.as_ref().to_vec()
}

fn kid(site: &Site) -> Option<String> {
    let token = text(&site.tokens(&["auth"]), "auth", &system("auth"));
    jsonwebtoken::decode_header(token).unwrap().kid
}

fn signed(site: &Site, kind: &str, claims: &Value) -> String {
    let header = Header {
        typ: Some(kind.to_owned()),
        kid: kid(site),
        ..Header::new(Algorithm::HS256)
    };
    let key = EncodingKey::from_secret(&derived(b"service token v1"));
    encode(&header, claims, &key).unwrap()
}

const TYPE: &str = "wealthos-service+jwt";

#[test]
fn every_claim_is_required_and_right() {
    let site = Site::new();
    let verifier = site.verifier();
    let whole = claims(&site);
    assert!(verifier.verify(&signed(&site, TYPE, &whole), "auth").is_ok());
    for name in whole.as_object().unwrap().keys() {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(name);
        assert_eq!(
            verifier.verify(&signed(&site, TYPE, &part), "auth"),
            Err(ServiceRefusal::Invalid),
            "{name}"
        );
    }
    let day = start().timestamp() + 86_400;
    for (name, value) in [
        ("iss", json!("finance")),
        ("iss", json!(["service:finance"])),
        ("aud", json!("auth")),
        ("aud", json!(["group:auth", "group:finance"])),
        ("exp", json!(day)),
        ("for", json!({ "kind": "root" })),
        ("for", json!("system/auth")),
    ] {
        let mut other = whole.clone();
        other[name] = value;
        assert_eq!(
            verifier.verify(&signed(&site, TYPE, &other), "auth"),
            Err(ServiceRefusal::Invalid),
            "{name}"
        );
    }
}

#[test]
fn the_table_says_who_may_speak_for_whom() {
    let site = Site::new();
    let verifier = site.verifier();
    let user = Principal::User(site.user());
    for (issuer, principal) in [
        ("service:finance", system("auth")),
        ("service:gateway", system("finance")),
        ("service:gateway", user.clone()),
        ("service:gateway", Principal::Anonymous),
        ("service:nightly", user.clone()),
        ("service:stranger", user),
        ("service:stranger", system("stranger")),
        ("service:", system("")),
    ] {
        let mut other = claims(&site);
        other["iss"] = json!(issuer);
        other["for"] = json!(principal);
        let refusal = verifier.verify(&signed(&site, TYPE, &other), "auth").unwrap_err();
        assert!(
            matches!(refusal, ServiceRefusal::NotPermitted { .. }),
            "{issuer} {principal:?}"
        );
    }
}

#[test]
fn the_algorithm_and_the_type_are_ours_to_choose() {
    let site = Site::new();
    let verifier = site.verifier();
    let claims = claims(&site);
    for kind in ["JWT", "", "at+jwt"] {
        let token = signed(&site, kind, &claims);
        assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::Invalid));
    }
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: kid(&site),
        ..Header::new(Algorithm::HS512)
    };
    let key = EncodingKey::from_secret(&derived(b"service token v1"));
    let stronger = encode(&header, &claims, &key).unwrap();
    assert_eq!(verifier.verify(&stronger, "auth"), Err(ServiceRefusal::Invalid));

    let genuine = signed(&site, TYPE, &claims);
    let body = genuine.split('.').nth(1).unwrap();
    for algorithm in ["none", "None", "NONE", "EdDSA"] {
        let head = json!({ "alg": algorithm, "typ": TYPE, "kid": kid(&site) });
        let head = URL_SAFE_NO_PAD.encode(head.to_string());
        for token in [format!("{head}.{body}."), format!("{head}.{body}")] {
            assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::Invalid));
        }
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let site = Site::new();
    let (finance, _home) = own_key();
    let header = jsonwebtoken::decode_header(text(
        &site.tokens_with(own(&finance, "finance", &[]), &["finance"]),
        "auth",
        &system("finance"),
    ))
    .unwrap();
    // What anybody may read, taken for what HS256 signs with.
    let public = base64::engine::general_purpose::STANDARD
        .decode(finance.public().to_string())
        .unwrap();
    for bytes in [&public[..], &public[12..]] {
        let confused = Header {
            alg: Algorithm::HS256,
            ..header.clone()
        };
        let token = encode(&confused, &claims(&site), &EncodingKey::from_secret(bytes)).unwrap();
        let verifier = site.verifier_with(own(&finance, "finance", &[]), OnStale::Accept);
        assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::Invalid));
    }
}

#[test]
fn a_users_token_and_a_services_token_are_worth_nothing_for_each_other() {
    let site = Site::new();
    let secret: SecretString = SECRET.into();
    let keys = Arc::new(TokenKeys::new(&secret, &[]).unwrap());
    let issuer = TokenIssuer::new(keys.clone(), "wealthos", "wealthos", site.sources.clone());
    let users = TokenVerifier::new(
        keys,
        "wealthos",
        "wealthos",
        site.clock.clone(),
        site.revocations.clone(),
        OnStale::Accept,
    );
    let user = site.user();
    let access = issuer.issue(&user, start(), MAX_LIFE).unwrap().token;
    assert!(users.verify(access.expose_secret()).is_ok());
    assert_eq!(
        site.verifier().verify(access.expose_secret(), "auth"),
        Err(ServiceRefusal::Invalid)
    );
    let service = text(&site.tokens(&["auth"]), "auth", &Principal::User(user));
    assert_eq!(users.verify(&service), Err(TokenError::Invalid));

    // Even with the users' own key a service's claims open nothing, and the other way round.
    let id = jsonwebtoken::decode_header(access.expose_secret()).unwrap().kid;
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: id,
        ..Header::new(Algorithm::HS256)
    };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let mixed = encode(&header, &claims(&site), &key).unwrap();
    assert_eq!(
        site.verifier().verify(&mixed, "auth"),
        Err(ServiceRefusal::Invalid)
    );
    assert_eq!(users.verify(&mixed), Err(TokenError::Invalid));
    let key = EncodingKey::from_secret(&derived(b"hop v1"));
    let header = Header {
        kid: kid(&site),
        ..header
    };
    let mixed = encode(&header, &claims(&site), &key).unwrap();
    assert_eq!(
        site.verifier().verify(&mixed, "auth"),
        Err(ServiceRefusal::Invalid)
    );
}

#[test]
fn oversized_tokens_are_not_looked_at() {
    let site = Site::new();
    let verifier = site.verifier();
    let mut large = claims(&site);
    large["more"] = json!("x".repeat(8000));
    let token = signed(&site, TYPE, &large);
    assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::Invalid));
    let long = "a".repeat(10_000_000);
    for text in ["", "x", "a.b.c", "....", "\u{0}", &long] {
        assert_eq!(verifier.verify(text, "auth"), Err(ServiceRefusal::Invalid));
    }
}

proptest! {
    #[test]
    fn no_garbage_is_a_token(text in "\\PC{0,400}", dots in "[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,200}\\.[A-Za-z0-9_-]{0,80}") {
        let verifier = Site::new().verifier();
        prop_assert_eq!(verifier.verify(&text, "auth"), Err(ServiceRefusal::Invalid));
        prop_assert_eq!(verifier.verify(&dots, "auth"), Err(ServiceRefusal::Invalid));
    }

    #[test]
    fn no_changed_token_is_believed(place: Index, bit in 0_u8..7) {
        let site = Site::new();
        let token = text(&site.tokens(&["auth"]), "auth", &system("auth"));
        let mut bytes = token.clone().into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(site.verifier().verify(&changed, "auth").is_err(), "{} at {}", token, place);
    }
}
