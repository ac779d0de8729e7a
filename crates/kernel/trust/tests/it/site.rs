//! A clock, keys, and processes that know each other.

use chrono::{DateTime, Utc};
use kernel::{GroupInfo, ManualClock, Principal, Role, Sources, SystemEntropy, TenantId, UserPrincipal};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use trust::*;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

pub(crate) const fn group(name: &'static str, prefixes: &'static [&'static str]) -> GroupInfo {
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

pub(crate) static GROUPS: [GroupInfo; 3] = [
    group("auth", &["/api/auth"]),
    group("finance", &["/api/finance"]),
    group("nightly", &[]),
];

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(crate) struct Site {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sources: Sources,
    pub(crate) revocations: Arc<Revocations>,
}

impl Site {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at(start()));
        Self {
            sources: Sources::new(clock.clone(), Arc::new(SystemEntropy)),
            clock,
            revocations: Arc::new(Revocations::new()),
        }
    }

    pub(crate) fn tokens_with(&self, keys: ServiceKeys, groups: &[&str]) -> ServiceTokens {
        ServiceTokens::new(
            Arc::new(keys),
            ServiceIdentity::of_groups(groups.iter().copied()),
            Speakers::of_groups(&GROUPS),
            self.sources.clone(),
        )
    }

    pub(crate) fn tokens(&self, groups: &[&str]) -> ServiceTokens {
        self.tokens_with(shared(SECRET, &[]), groups)
    }

    pub(crate) fn verifier_with(&self, keys: ServiceKeys, on_stale: OnStale) -> ServiceVerifier {
        ServiceVerifier::new(
            Arc::new(keys),
            Speakers::of_groups(&GROUPS),
            self.clock.clone(),
            self.revocations.clone(),
            on_stale,
        )
    }

    pub(crate) fn verifier(&self) -> ServiceVerifier {
        self.verifier_with(shared(SECRET, &[]), OnStale::Accept)
    }

    pub(crate) fn user(&self) -> UserPrincipal {
        UserPrincipal {
            user: self.sources.ids().next(),
            role: Role::Advisor,
            tenant: TenantId::DEFAULT,
            session: self.sources.ids().next(),
            role_version: 3,
            impersonator: None,
            scopes: None,
        }
    }
}

pub(crate) fn shared(secret: &str, older: &[&str]) -> ServiceKeys {
    let older: Vec<SecretString> = older.iter().map(|text| (*text).into()).collect();
    ServiceKeys::shared(&ServiceSecret::new(&secret.into(), &older).unwrap()).unwrap()
}

pub(crate) fn system(group: &str) -> Principal {
    Principal::System {
        group: group.to_owned(),
        tenant: TenantId::DEFAULT,
    }
}

pub(crate) fn text(tokens: &ServiceTokens, group: &str, principal: &Principal) -> String {
    let token = tokens.token(group, principal).unwrap();
    token.expose_secret().to_owned()
}

pub(crate) fn own_key() -> (ServiceKey, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("service.key");
    (ServiceKey::resolve(&path, false, &SystemEntropy).unwrap(), home)
}

pub(crate) fn own(key: &ServiceKey, name: &str, peers: &[(&str, PublicKey)]) -> ServiceKeys {
    let identity = ServiceIdentity::of_groups([name]);
    ServiceKeys::own(key, &identity, peers.iter().copied())
}
