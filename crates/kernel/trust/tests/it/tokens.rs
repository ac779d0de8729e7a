//! Tokens as a user of the crate sees them.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::{ManualClock, Role, SessionId, Sources, SystemEntropy, TenantId, UserId, UserPrincipal};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use trust::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

struct Firm {
    clock: Arc<ManualClock>,
    issuer: TokenIssuer,
    verifier: TokenVerifier,
    user: UserPrincipal,
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn firm_with(keys: TokenKeys, on_stale: OnStale) -> Firm {
    let clock = Arc::new(ManualClock::at(start()));
    let keys = Arc::new(keys);
    let sources = Sources::new(clock.clone(), Arc::new(SystemEntropy));
    let user = UserPrincipal {
        user: sources.ids().next::<UserId>(),
        role: Role::Advisor,
        tenant: TenantId::DEFAULT,
        session: sources.ids().next::<SessionId>(),
        role_version: 3,
        impersonator: None,
        scopes: None,
    };
    let revocations = Arc::new(Revocations::new());
    Firm {
        issuer: TokenIssuer::new(keys.clone(), "wealthos", "api", sources),
        verifier: TokenVerifier::new(keys, "wealthos", "api", clock.clone(), revocations, on_stale),
        clock,
        user,
    }
}

fn firm() -> Firm {
    firm_with(TokenKeys::new(&SECRET.into(), &[]).unwrap(), OnStale::Accept)
}

impl Firm {
    fn token(&self) -> String {
        let token = self.issuer.issue(&self.user, self.clock_now(), MAX_LIFE).unwrap();
        token.token.expose_secret().to_owned()
    }

    fn clock_now(&self) -> DateTime<Utc> {
        kernel::Clock::now(&*self.clock)
    }
}

#[test]
fn a_token_proves_whom_it_was_issued_for() {
    let firm = firm();
    let issued = firm
        .issuer
        .issue(&firm.user, start(), TimeDelta::minutes(2))
        .unwrap();
    assert_eq!(issued.expires_in, 120);
    let token = issued.token.expose_secret();
    assert_eq!(firm.verifier.verify(token).unwrap(), firm.user);
    assert_eq!(firm.verifier.verify(token).unwrap(), firm.user, "remembered");
}

#[test]
fn a_remembered_token_still_expires_by_the_injected_clock() {
    let firm = firm();
    let token = firm.token();
    assert!(firm.verifier.verify(&token).is_ok());
    firm.clock.advance(MAX_LIFE + TimeDelta::seconds(4));
    assert!(
        firm.verifier.verify(&token).is_ok(),
        "five seconds of drift are allowed"
    );
    firm.clock.advance(TimeDelta::seconds(1));
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Expired));
}

#[test]
fn a_token_from_the_future_is_refused() {
    let firm = firm();
    let token = firm.token();
    firm.clock.advance(TimeDelta::seconds(-6));
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::NotYet));
}

#[test]
fn garbage_is_refused() {
    let firm = firm();
    let token = firm.token();
    let long = "a".repeat(10_000_000);
    let (head, tail) = token.split_at(token.len() - 4);
    let changed = format!("{head}{}", if tail == "AAAA" { "BBBB" } else { "AAAA" });
    for text in [
        "",
        "x",
        "a.b.c",
        "....",
        "\u{0}",
        &long,
        &changed,
        &token[..token.len() - 1],
    ] {
        assert_eq!(firm.verifier.verify(text), Err(TokenError::Invalid));
    }
}

#[test]
fn the_algorithm_is_ours_to_choose() {
    let firm = firm();
    let genuine = firm.token();
    let kid = jsonwebtoken::decode_header(&genuine).unwrap().kid;
    let claims = claims(&firm);
    let stronger = Header {
        kid: kid.clone(),
        ..Header::new(Algorithm::HS512)
    };
    let token = encode(&stronger, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Invalid));

    let body = genuine.split('.').nth(1).unwrap();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    assert_eq!(firm.verifier.verify(&none), Err(TokenError::Invalid));
}

fn claims(firm: &Firm) -> Claims {
    let now = start().timestamp();
    Claims {
        sub: firm.user.user,
        role: firm.user.role,
        tenant_id: firm.user.tenant,
        sid: firm.user.session,
        rv: 3,
        iss: "wealthos".into(),
        aud: "api".into(),
        iat: now,
        nbf: now,
        exp: now + 60,
        jti: firm.user.session.0,
        act: None,
        scope: None,
    }
}

fn signed(firm: &Firm, claims: &impl serde::Serialize) -> String {
    let kid = jsonwebtoken::decode_header(firm.token()).unwrap().kid;
    let header = Header {
        kid,
        ..Header::new(Algorithm::HS256)
    };
    encode(&header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

#[test]
fn every_claim_is_required_and_right() {
    let firm = firm();
    assert!(firm.verifier.verify(&signed(&firm, &claims(&firm))).is_ok());
    let whole = serde_json::to_value(claims(&firm)).unwrap();
    for name in whole.as_object().unwrap().keys() {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(name);
        assert_eq!(
            firm.verifier.verify(&signed(&firm, &part)),
            Err(TokenError::Invalid),
            "{name}"
        );
    }
    let wrong = [
        ("iss", "other".into()),
        ("aud", "other".into()),
        ("exp", (start().timestamp() + 86_400).into()),
    ];
    for (name, value) in wrong {
        let mut other: serde_json::Value = whole.clone();
        other[name] = value;
        assert_eq!(
            firm.verifier.verify(&signed(&firm, &other)),
            Err(TokenError::Invalid),
            "{name}"
        );
    }
}

#[test]
fn an_older_secret_verifies_but_no_longer_signs() {
    let old: SecretString = "an older secret of thirty-two bytes!".into();
    let before = firm_with(TokenKeys::new(&old, &[]).unwrap(), OnStale::Accept);
    let after = firm_with(
        TokenKeys::new(&SECRET.into(), std::slice::from_ref(&old)).unwrap(),
        OnStale::Accept,
    );
    assert!(after.verifier.verify(&before.token()).is_ok());
    assert_eq!(before.verifier.verify(&after.token()), Err(TokenError::Invalid));
}

#[test]
fn what_was_taken_back_is_refused_at_once() {
    let firm = firm();
    let token = firm.token();
    assert!(firm.verifier.verify(&token).is_ok());
    let revocations = firm.verifier.revocations();
    let user = firm.user.user;

    revocations.apply(RevocationEvent::RoleChanged {
        user,
        role_version: 3,
        at: start(),
    });
    assert!(
        firm.verifier.verify(&token).is_ok(),
        "the same version still counts"
    );
    revocations.apply(RevocationEvent::UserBlocked { user, at: start() });
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Revoked));
    revocations.apply(RevocationEvent::UserRestored { user });
    assert!(firm.verifier.verify(&token).is_ok());
    revocations.apply(RevocationEvent::RoleChanged {
        user,
        role_version: 4,
        at: start(),
    });
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Revoked));
}

#[test]
fn a_snapshot_replaces_the_view_and_makes_it_fresh() {
    let firm = firm_with(TokenKeys::new(&SECRET.into(), &[]).unwrap(), OnStale::Refuse);
    let token = firm.token();
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Stale));
    firm.verifier.revocations().load(RevocationSnapshot::default());
    assert!(firm.verifier.verify(&token).is_ok());
    let session = firm.user.session;
    let events = vec![RevocationEvent::SessionRevoked { session, at: start() }];
    firm.verifier.revocations().load(RevocationSnapshot { events });
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Revoked));
    firm.verifier.revocations().set_fresh(false);
    assert_eq!(firm.verifier.verify(&token), Err(TokenError::Stale));
}

#[test]
fn revocations_are_forgotten_when_no_token_can_need_them() {
    let firm = firm();
    let revocations = firm.verifier.revocations();
    let ids = Sources::system();
    for _ in 0..10 {
        revocations.apply(RevocationEvent::SessionRevoked {
            session: ids.ids().next(),
            at: start(),
        });
    }
    let later = start() + TimeDelta::minutes(6);
    revocations.apply(RevocationEvent::SessionRevoked {
        session: ids.ids().next(),
        at: later,
    });
    assert_eq!(revocations.len(), 1);
}

#[test]
fn a_token_lives_no_longer_than_revocations_are_remembered() {
    let firm = firm();
    for life in [
        TimeDelta::zero(),
        TimeDelta::seconds(-1),
        MAX_LIFE + TimeDelta::seconds(1),
    ] {
        assert!(firm.issuer.issue(&firm.user, start(), life).is_err());
    }
    assert!(TokenKeys::new(&"".into(), &[]).is_err());
}
