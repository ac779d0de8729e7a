//! Service tokens as their callers see them.

use crate::site::*;
use chrono::TimeDelta;
use kernel::{Principal, SystemEntropy};
use trust::*;

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
fn neither_keys_nor_tokens_are_shown() {
    let site = Site::new();
    let tokens = site.tokens(&["auth"]);
    let token = text(&tokens, "auth", &system("auth"));
    let secret = ServiceSecret::new(&SECRET.into(), &[]).unwrap();
    let (key, _home) = own_key();
    let shown = format!("{tokens:?} {secret:?} {key:?} {:?}", site.verifier());
    assert!(!shown.contains(&token) && !shown.contains(SECRET), "{shown}");
}
