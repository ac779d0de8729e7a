//! Service tokens as their callers see them, and as an attacker would.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::{GroupInfo, ManualClock, Principal, Role, Sources, SystemEntropy, TenantId, UserPrincipal};
use proptest::{prop_assert, prop_assert_eq, proptest, sample::Index};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;
use trust::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

const fn group(name: &'static str, prefixes: &'static [&'static str]) -> GroupInfo {
    GroupInfo {
        name,
        summary: "",
        default_port: 1,
        prefixes,
        modules: &[],
        calls: &[],
        asks: &[],
        hears: &[],
        rates: &[],
        openapi: "",
    }
}

static GROUPS: [GroupInfo; 3] = [
    group("auth", &["/api/auth"]),
    group("finance", &["/api/finance"]),
    group("nightly", &[]),
];

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

struct Site {
    clock: Arc<ManualClock>,
    sources: Sources,
    revocations: Arc<Revocations>,
}

impl Site {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        Self {
            sources: Sources::new(clock.clone(), Arc::new(SystemEntropy)),
            clock,
            revocations: Arc::new(Revocations::new()),
        }
    }

    fn tokens_with(&self, keys: ServiceKeys, groups: &[&str]) -> ServiceTokens {
        ServiceTokens::new(
            Arc::new(keys),
            ServiceIdentity::of_groups(groups.iter().copied()),
            Speakers::of_groups(&GROUPS),
            self.sources.clone(),
        )
    }

    fn tokens(&self, groups: &[&str]) -> ServiceTokens {
        self.tokens_with(shared(SECRET, &[]), groups)
    }

    fn verifier_with(&self, keys: ServiceKeys, on_stale: OnStale) -> ServiceVerifier {
        ServiceVerifier::new(
            Arc::new(keys),
            Speakers::of_groups(&GROUPS),
            self.clock.clone(),
            self.revocations.clone(),
            on_stale,
        )
    }

    fn verifier(&self) -> ServiceVerifier {
        self.verifier_with(shared(SECRET, &[]), OnStale::Accept)
    }

    fn user(&self) -> UserPrincipal {
        UserPrincipal {
            user: self.sources.ids().next(),
            role: Role::Advisor,
            tenant: TenantId::DEFAULT,
            session: self.sources.ids().next(),
            role_version: 3,
        }
    }
}

fn shared(secret: &str, older: &[&str]) -> ServiceKeys {
    let older: Vec<SecretString> = older.iter().map(|text| (*text).into()).collect();
    ServiceKeys::shared(&ServiceSecret::new(&secret.into(), &older).unwrap()).unwrap()
}

fn system(group: &str) -> Principal {
    Principal::System {
        group: group.to_owned(),
        tenant: TenantId::DEFAULT,
    }
}

fn text(tokens: &ServiceTokens, group: &str, principal: &Principal) -> String {
    let token = tokens.token(group, principal).unwrap();
    token.expose_secret().to_owned()
}

#[test]
fn a_token_says_who_calls_and_in_whose_name() {
    let site = Site::new();
    let (tokens, verifier) = (site.tokens(&["finance"]), site.verifier());
    for principal in [
        Principal::User(site.user()),
        Principal::Anonymous,
        system("finance"),
        system("platform"),
    ] {
        let token = text(&tokens, "auth", &principal);
        for _ in 0..2 {
            let caller = verifier.verify(&token, "auth").unwrap();
            assert_eq!(caller.issuer, "finance");
            assert_eq!(caller.principal, principal);
        }
    }
}

#[test]
fn a_token_is_used_again_while_it_has_time_left() {
    let site = Site::new();
    let (tokens, verifier) = (site.tokens(&["finance"]), site.verifier());
    let principal = Principal::User(site.user());
    let first = text(&tokens, "auth", &principal);
    assert_eq!(first, text(&tokens, "auth", &principal));
    assert_ne!(first, text(&tokens, "finance", &principal), "one for each group");
    assert_ne!(
        first,
        text(&tokens, "auth", &Principal::User(site.user())),
        "and user"
    );
    site.clock.advance(TimeDelta::seconds(44));
    assert_eq!(first, text(&tokens, "auth", &principal));
    site.clock.advance(TimeDelta::seconds(1));
    let second = text(&tokens, "auth", &principal);
    assert_ne!(first, second, "one that would expire under way is not handed out");
    assert!(verifier.verify(&first, "auth").is_ok());
    site.clock.advance(TimeDelta::seconds(20));
    assert_eq!(verifier.verify(&first, "auth"), Err(ServiceRefusal::Expired));
    assert!(verifier.verify(&second, "auth").is_ok());
}

#[test]
fn times_are_judged_with_the_injected_clock() {
    let site = Site::new();
    let verifier = site.verifier();
    let token = text(&site.tokens(&["auth"]), "auth", &system("auth"));
    site.clock.advance(TimeDelta::seconds(-5));
    assert!(
        verifier.verify(&token, "auth").is_ok(),
        "five seconds of drift are allowed"
    );
    site.clock.advance(TimeDelta::seconds(-1));
    assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::NotYet));
    site.clock.advance(TimeDelta::seconds(6 + 64));
    assert!(verifier.verify(&token, "auth").is_ok());
    site.clock.advance(TimeDelta::seconds(1));
    assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::Expired));
}

#[test]
fn a_token_for_one_group_opens_no_other() {
    let site = Site::new();
    let verifier = site.verifier();
    let token = text(&site.tokens(&["finance"]), "auth", &system("finance"));
    assert!(verifier.verify(&token, "auth").is_ok());
    let refusal = verifier.verify(&token, "advisory").unwrap_err();
    assert!(matches!(refusal, ServiceRefusal::OtherGroup { .. }));
    assert!(refusal.reason().contains("auth"), "the log is told");
    assert_eq!(
        refusal.to_string(),
        ServiceRefusal::Invalid.to_string(),
        "the caller is not"
    );
}

#[test]
fn a_process_speaks_for_what_it_runs_only() {
    let site = Site::new();
    let both = site.tokens(&["auth", "finance"]);
    let verifier = site.verifier();
    let issuer = |tokens: &ServiceTokens, principal: &Principal| {
        let token = text(tokens, "auth", principal);
        verifier.verify(&token, "auth").unwrap().issuer.clone()
    };
    assert_eq!(issuer(&both, &system("finance")), "finance");
    assert_eq!(issuer(&both, &system("auth")), "auth");
    assert_eq!(issuer(&both, &system("platform")), "auth");
    let gateway = site.tokens(&[]);
    assert_eq!(issuer(&gateway, &system("platform")), GATEWAY);
    for (tokens, principal) in [
        (&site.tokens(&["finance"]), system("auth")),
        (&gateway, system("finance")),
        (&gateway, Principal::User(site.user())),
        (&gateway, Principal::Anonymous),
        (&site.tokens(&["nightly"]), Principal::User(site.user())),
        (&site.tokens(&["stranger"]), system("stranger")),
    ] {
        let error = tokens.token("auth", &principal).unwrap_err();
        assert!(
            matches!(error, ServiceTokenError::NotPermitted { .. }),
            "{tokens:?} {principal:?}"
        );
    }
}

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
fn an_older_secret_verifies_but_no_longer_signs() {
    let site = Site::new();
    let old = "an older secret of thirty-two bytes!";
    let before = text(
        &site.tokens_with(shared(old, &[]), &["auth"]),
        "auth",
        &system("auth"),
    );
    let changing = || shared(SECRET, &[old]);
    let after = text(&site.tokens_with(changing(), &["auth"]), "auth", &system("auth"));
    let verifier = site.verifier_with(changing(), OnStale::Accept);
    assert!(verifier.verify(&before, "auth").is_ok());
    assert!(verifier.verify(&after, "auth").is_ok());
    let behind = site.verifier_with(shared(old, &[]), OnStale::Accept);
    assert_eq!(behind.verify(&after, "auth"), Err(ServiceRefusal::Invalid));
    assert!(ServiceSecret::new(&"".into(), &[]).is_err());
    assert!(ServiceSecret::new(&SECRET.into(), &["".into()]).is_err());
}

#[test]
fn a_user_who_is_revoked_stops_being_spoken_for() {
    let site = Site::new();
    let (tokens, verifier) = (site.tokens(&["finance"]), site.verifier());
    let user = site.user();
    let principal = Principal::User(user.clone());
    let token = text(&tokens, "auth", &principal);
    assert!(verifier.verify(&token, "auth").is_ok());
    site.revocations.apply(RevocationEvent::RoleChanged {
        user: user.user,
        role_version: 4,
        at: start(),
    });
    assert_eq!(verifier.verify(&token, "auth"), Err(ServiceRefusal::Revoked));

    let other = site.user();
    let token = text(&tokens, "auth", &Principal::User(other.clone()));
    assert!(verifier.verify(&token, "auth").is_ok());
    site.revocations.apply(RevocationEvent::SessionRevoked {
        session: other.session,
        at: start(),
    });
    let refusal = verifier.verify(&token, "auth").unwrap_err();
    assert_eq!(refusal, ServiceRefusal::Revoked);
    assert_eq!(kernel::Fault::code(&refusal), ServiceVerifier::REVOKED);
    let own = text(&tokens, "auth", &system("finance"));
    assert!(
        verifier.verify(&own, "auth").is_ok(),
        "the group's own work goes on"
    );
}

#[test]
fn where_stale_news_refuse_users_the_watch_itself_still_gets_through() {
    let site = Site::new();
    let verifier = site.verifier_with(shared(SECRET, &[]), OnStale::Refuse);
    let tokens = site.tokens(&["finance"]);
    let user = text(&tokens, "auth", &Principal::User(site.user()));
    assert_eq!(verifier.verify(&user, "auth"), Err(ServiceRefusal::Stale));
    let watch = text(&tokens, "auth", &system("platform"));
    assert!(verifier.verify(&watch, "auth").is_ok());
    site.revocations.load(RevocationSnapshot::default());
    assert!(verifier.verify(&user, "auth").is_ok());
}

fn own_key() -> (ServiceKey, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("service.key");
    (ServiceKey::resolve(&path, false, &SystemEntropy).unwrap(), home)
}

fn own(key: &ServiceKey, name: &str, peers: &[(&str, PublicKey)]) -> ServiceKeys {
    let identity = ServiceIdentity::of_groups([name]);
    ServiceKeys::own(key, &identity, peers.iter().copied())
}

#[test]
fn with_keys_of_their_own_nobody_speaks_as_another() {
    let site = Site::new();
    let ((auth, _a), (finance, _b), (stranger, _c)) = (own_key(), own_key(), own_key());
    let peers = [("finance", finance.public())];
    let verifier = site.verifier_with(own(&auth, "auth", &peers), OnStale::Accept);

    let tokens = site.tokens_with(own(&finance, "finance", &[]), &["finance"]);
    let caller = verifier.verify(&text(&tokens, "auth", &system("finance")), "auth");
    assert_eq!(caller.unwrap().issuer, "finance");

    let posing = site.tokens_with(own(&finance, "auth", &[]), &["auth"]);
    let refusal = verifier.verify(&text(&posing, "auth", &system("auth")), "auth");
    assert!(matches!(refusal, Err(ServiceRefusal::NotPermitted { .. })));

    let unknown = site.tokens_with(own(&stranger, "finance", &[]), &["finance"]);
    let refusal = verifier.verify(&text(&unknown, "auth", &system("finance")), "auth");
    assert_eq!(refusal, Err(ServiceRefusal::Invalid));

    let to_itself = site.tokens_with(own(&auth, "auth", &[]), &["auth"]);
    assert!(
        verifier
            .verify(&text(&to_itself, "auth", &system("auth")), "auth")
            .is_ok()
    );

    let shared = text(&site.tokens(&["finance"]), "auth", &system("finance"));
    assert_eq!(verifier.verify(&shared, "auth"), Err(ServiceRefusal::Invalid));
    let changing = [("finance", stranger.public()), ("finance", finance.public())];
    let verifier = site.verifier_with(own(&auth, "auth", &changing), OnStale::Accept);
    for tokens in [&tokens, &unknown] {
        assert!(
            verifier
                .verify(&text(tokens, "auth", &system("finance")), "auth")
                .is_ok()
        );
    }
}

#[test]
fn a_key_file_is_made_once_and_read_as_openssl_writes_it() {
    let (key, home) = own_key();
    let path = home.path().join("service.key");
    let again = ServiceKey::resolve(&path, true, &SystemEntropy).unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(key.public().to_string().parse(), Ok(key.public()));

    // openssl genpkey -algorithm ed25519; openssl pkey -pubout
    let theirs = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    std::fs::write(&path, theirs).unwrap();
    let key = ServiceKey::resolve(&path, true, &SystemEntropy).unwrap();
    let public = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    assert_eq!(key.public().to_string(), public);
    assert_eq!(
        "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=".parse(),
        Ok(key.public())
    );

    for wrong in ["", "abc", "!", &public[..20], "////"] {
        assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
    }
    for content in [
        &b""[..],
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        b"\xff",
    ] {
        std::fs::write(&path, content).unwrap();
        let message = ServiceKey::resolve(&path, false, &SystemEntropy)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("service.key") && message.contains("openssl"),
            "{message}"
        );
    }
    let absent = home.path().join("absent.key");
    let message = ServiceKey::resolve(&absent, true, &SystemEntropy)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("openssl genpkey") && !absent.exists(),
        "{message}"
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

#[test]
fn neither_keys_nor_tokens_are_shown() {
    let site = Site::new();
    let tokens = site.tokens(&["auth"]);
    let token = text(&tokens, "auth", &system("auth"));
    let secret = ServiceSecret::new(&SECRET.into(), &[]).unwrap();
    let (key, _home) = own_key();
    let shown = format!("{tokens:?} {secret:?} {key:?} {:?}", site.verifier());
    assert!(!shown.contains(&token) && !shown.contains(SECRET), "{shown}");
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

    #[test]
    fn no_changed_seal_is_believed(place: Index, bit in 0_u8..7, garbage in "\\PC{0,200}") {
        let site = Site::new();
        let seal = HopSeal::new(&ServiceSecret::new(&SECRET.into(), &[]).unwrap(), site.clock.clone()).unwrap();
        let mut bytes = seal.seal(&hop(&site), "auth").into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(seal.open(&changed, "auth").is_none());
        prop_assert!(seal.open(&garbage, "auth").is_none());
    }
}

fn hop(site: &Site) -> Hop {
    Hop {
        client: "2001:db8::7".parse().unwrap(),
        scheme: "https".to_owned(),
        host: "wealth.example:8443".to_owned(),
        limited: true,
        request_id: site.sources.ids().next(),
    }
}

#[test]
fn a_hop_is_believed_by_the_group_it_was_sealed_for_and_not_for_long() {
    let site = Site::new();
    let old: SecretString = "an older secret of thirty-two bytes!".into();
    let seal = |newest: &str, older: &[SecretString]| {
        let secret = ServiceSecret::new(&newest.into(), older).unwrap();
        HopSeal::new(&secret, site.clock.clone()).unwrap()
    };
    let (edge, hop) = (seal(SECRET, &[]), hop(&site));
    let sealed = edge.seal(&hop, "auth");
    assert!(sealed.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(edge.open(&sealed, "auth"), Some(hop.clone()));
    assert_eq!(edge.open(&sealed, "finance"), None);
    assert_eq!(
        seal("another secret of thirty-two byte", &[]).open(&sealed, "auth"),
        None
    );

    let before = seal(old.expose_secret(), &[]).seal(&hop, "auth");
    assert_eq!(
        seal(SECRET, std::slice::from_ref(&old)).open(&before, "auth"),
        Some(hop.clone())
    );
    for text in ["", ".", "a.b", &"a".repeat(5000), &sealed[..sealed.len() - 1]] {
        assert_eq!(edge.open(text, "auth"), None, "{text}");
    }
    site.clock.advance(TimeDelta::seconds(34));
    assert!(
        edge.open(&sealed, "auth").is_some(),
        "five seconds of drift are allowed"
    );
    site.clock.advance(TimeDelta::seconds(1));
    assert_eq!(edge.open(&sealed, "auth"), None);
    site.clock.advance(TimeDelta::seconds(-35 - 6));
    assert_eq!(edge.open(&sealed, "auth"), None, "from the future");
}
