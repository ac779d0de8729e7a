//! Keys change while everything runs: pairs, of which only auth can mint, and the secret in the data directory; the one in
//! the environment from one start to the next.

use crate::served::settings;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{ManualClock, Role, Sources, SystemEntropy};
use platform::{Platform, PlatformParts, Program, RunningPlatform};
use runtime::{Settings, metrics::Registry, settings::TokenAlgorithm};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use trust::{OnStale, SecretFile};
use web::Listeners;

const ADMIN: &str = "admin@example.com";
const PASSWORD: &str = "correct horse battery";

/// Auth in one process and infrastructure in another.
struct Site {
    directory: TempDir,
    clock: Arc<ManualClock>,
    client: reqwest::Client,
    auth: Option<RunningPlatform>,
    other: Option<RunningPlatform>,
    on_stale: OnStale,
    algorithm: TokenAlgorithm,
}

impl Site {
    async fn start() -> Self {
        Self::with(OnStale::Accept, TokenAlgorithm::Eddsa).await
    }

    async fn with(on_stale: OnStale, algorithm: TokenAlgorithm) -> Self {
        let start: DateTime<Utc> = "2026-01-15T06:30:00Z".parse().unwrap();
        let mut site = Self {
            directory: tempfile::tempdir().unwrap(),
            clock: Arc::new(ManualClock::at(start)),
            client: runtime::http::client().unwrap(),
            auth: None,
            other: None,
            on_stale,
            algorithm,
        };
        let listeners = || Listeners::bind(&site.settings().server).unwrap();
        let (at_auth, at_other) = (listeners(), listeners());
        let address = |listeners: &Listeners| format!("http://{}", listeners.main[0].local_addr().unwrap());
        let (auth, other) = (address(&at_auth), address(&at_other));
        let platform = site
            .assemble(Program::Service("auth"), &[("infrastructure", &other)])
            .await;
        platform
            .ensure_user(ADMIN, PASSWORD, "Admin", Role::Admin)
            .await
            .unwrap();
        site.auth = Some(platform.serve_on(at_auth).await.unwrap());
        let platform = site
            .assemble(Program::Service("infrastructure"), &[("auth", &auth)])
            .await;
        site.other = Some(platform.serve_on(at_other).await.unwrap());
        site
    }

    fn settings(&self) -> Settings {
        let mut settings = settings(&self.directory);
        settings.auth.algorithm = self.algorithm;
        settings.auth.on_stale = self.on_stale;
        if self.algorithm == TokenAlgorithm::Eddsa {
            settings.auth.service_secret = Some("a secret between processes 0123456789".into());
        }
        settings
    }

    /// A platform on the data of this site.
    async fn assemble(&self, program: Program, remotes: &[(&str, &str)]) -> Platform {
        let mut settings = self.settings();
        for (name, address) in remotes {
            let addresses = vec![(*address).to_owned()];
            settings.topology.remotes.insert((*name).to_owned(), addresses);
        }
        Platform::assemble(PlatformParts {
            settings,
            sources: Sources::new(self.clock.clone(), Arc::new(SystemEntropy)),
            registry: Registry::new(),
            program,
        })
        .await
        .unwrap()
    }

    fn at(&self, process: Option<&RunningPlatform>, path: &str) -> String {
        format!("http://{}{path}", process.unwrap().address())
    }

    async fn log_in(&self) -> String {
        let proof = json!({ "email": ADMIN, "password": PASSWORD });
        let login = self.at(self.auth.as_ref(), "/api/auth/login");
        let answer = self.client.post(login).json(&proof).send().await.unwrap();
        let grant: Value = answer.json().await.unwrap();
        grant["access_token"].as_str().unwrap().to_owned()
    }

    /// What the process that cannot mint says to a token.
    async fn elsewhere(&self, token: &str) -> u16 {
        let events = self.at(
            self.other.as_ref(),
            "/api/infrastructure/events?group=infrastructure",
        );
        let answer = self.client.get(events).bearer_auth(token).send().await.unwrap();
        answer.status().as_u16()
    }

    async fn shown_keys(&self) -> Vec<String> {
        let jwks = self.at(self.auth.as_ref(), "/api/auth/jwks.json");
        let set: Value = self.client.get(jwks).send().await.unwrap().json().await.unwrap();
        let keys = set["keys"].as_array().unwrap();
        keys.iter()
            .map(|key| {
                assert_eq!((&key["kty"], &key["alg"]), (&json!("OKP"), &json!("EdDSA")));
                assert!(key.get("d").is_none());
                key["kid"].as_str().unwrap().to_owned()
            })
            .collect()
    }
}

fn header_of(token: &str) -> jsonwebtoken::Header {
    jsonwebtoken::decode_header(token).unwrap()
}

/// Looks again and again, for half a minute at most.
async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    for _ in 0..300 {
        if look().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("did not happen: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_while_every_process_goes_on() {
    let site = Site::start().await;
    let old = site.log_in().await;
    until("the other process knows the keys", async || {
        site.elsewhere(&old).await == 200
    })
    .await;
    let first = header_of(&old).kid.unwrap();
    assert_eq!(header_of(&old).alg, jsonwebtoken::Algorithm::EdDSA);
    assert_eq!(site.shown_keys().await, std::slice::from_ref(&first));

    // As wealthctl does it: beside the servers, on the same data.
    let beside = site.assemble(Program::Service("auth"), &[]).await;
    let keys = beside.token_keys(true).await.unwrap();
    let states: Vec<&str> = keys.iter().map(|key| key.state.as_str()).collect();
    assert_eq!(states, ["signs", "next"]);
    assert_eq!(site.shown_keys().await.len(), 2);
    let still = header_of(&site.log_in().await).kid.unwrap();
    assert_eq!(still, first, "the new one is only shown yet");

    site.clock.advance(TimeDelta::seconds(31));
    until("the new key signs", async || {
        header_of(&site.log_in().await).kid.unwrap() != first
    })
    .await;
    let new = site.log_in().await;
    until("the other process has read it", async || {
        site.elsewhere(&new).await == 200
    })
    .await;
    assert_eq!(site.elsewhere(&old).await, 200, "nobody is logged out");
    let keys = beside.token_keys(false).await.unwrap();
    let states: Vec<&str> = keys.iter().map(|key| key.state.as_str()).collect();
    assert_eq!(states, ["verifies", "signs"]);
    site.clock.advance(TimeDelta::minutes(6));
    assert_eq!(site.shown_keys().await.len(), 1);
    beside.stop().await;
    for process in [site.other, site.auth].into_iter().flatten() {
        process.stop().await;
    }
}

/// A process that hears no more of what is taken back says so; the strict refuse until they hear again.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_cut_off_from_the_news_says_so_and_the_strict_refuse() {
    for (on_stale, answered) in [(OnStale::Accept, 200), (OnStale::Refuse, 503)] {
        let mut site = Site::with(on_stale, TokenAlgorithm::Eddsa).await;
        let token = site.log_in().await;
        until("the other process knows the keys", async || {
            site.elsewhere(&token).await == 200
        })
        .await;
        until("it is ready", async || {
            let ready = site.at(site.other.as_ref(), "/ready");
            site.client.get(ready).send().await.unwrap().status() == 200
        })
        .await;
        site.auth.take().unwrap().stop().await;
        until("it says what it does without", async || {
            let ready = site.at(site.other.as_ref(), "/ready");
            let ready: Value = site.client.get(ready).send().await.unwrap().json().await.unwrap();
            let degraded = ready["degraded"].as_array();
            degraded.is_some_and(|without| without.contains(&json!("revocations")))
        })
        .await;
        assert_eq!(site.elsewhere(&token).await, answered, "{on_stale:?}");
        site.other.take().unwrap().stop().await;
    }
}

/// What whoever has a secret makes of a token that it signed: good from now on for a minute, and another one each time, so
/// that none is remembered.
fn forged(token: &str, secret: &str, now: DateTime<Utc>) -> String {
    let part = token.split('.').nth(1).unwrap();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    for (name, seconds) in [("iat", 0), ("nbf", 0), ("exp", 60)] {
        claims[name] = json!(now.timestamp() + seconds);
    }
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    claims["jti"] = json!(format!("0190a5c0-0000-7000-8000-{number:012}"));
    let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&header_of(token), &claims, &key).unwrap()
}

/// The secret in the data directory, as `wealthctl keys rotate` changes it: every process reads the new one, which signs
/// after half a minute; what the one before signed is good until its tokens are over, and then no more.
#[tokio::test(flavor = "multi_thread")]
async fn the_secret_in_the_data_directory_changes_while_every_process_goes_on() {
    let site = Site::with(OnStale::Accept, TokenAlgorithm::Hs256).await;
    let data = site.directory.path();
    let before = std::fs::read_to_string(data.join("jwt.secret")).unwrap();
    let before = before.trim();
    let old = site.log_in().await;
    let first = header_of(&old).kid.unwrap();
    assert_eq!(site.elsewhere(&old).await, 200);

    let now = || kernel::Clock::now(&*site.clock);
    SecretFile::JWT.rotate(data, now(), &SystemEntropy).unwrap();
    let still = header_of(&site.log_in().await).kid.unwrap();
    assert_eq!(still, first, "the new one is only known yet");
    site.clock.advance(TimeDelta::seconds(31));
    until("the new secret signs", async || {
        header_of(&site.log_in().await).kid.unwrap() != first
    })
    .await;
    let new = site.log_in().await;
    until("the other process has read it", async || {
        site.elsewhere(&new).await == 200
    })
    .await;
    assert_eq!(site.elsewhere(&old).await, 200, "nobody is logged out");
    assert_eq!(site.elsewhere(&forged(&old, before, now())).await, 200);

    // A process that starts now and those that run understand each other.
    let late = site.assemble(Program::Service("infrastructure"), &[]).await;
    late.stop().await;
    until("the processes believe each other", async || {
        let ready = site.at(site.other.as_ref(), "/ready");
        let ready: Value = site.client.get(ready).send().await.unwrap().json().await.unwrap();
        ready["degraded"] == json!([])
    })
    .await;

    site.clock.advance(TimeDelta::seconds(5 * 60 + 11));
    let new = site.log_in().await;
    until("the old secret is over", async || {
        site.elsewhere(&forged(&old, before, now())).await == 401
    })
    .await;
    assert_eq!(site.elsewhere(&new).await, 200);
    for process in [site.other, site.auth].into_iter().flatten() {
        process.stop().await;
    }
}

/// The secret in the environment, in the two steps that `wealthctl keys rotate` prints, and the third.
#[tokio::test(flavor = "multi_thread")]
async fn the_secret_in_the_environment_changes_from_one_start_to_the_next() {
    const OLD: &str = "the old secret of this installation 0123456789";
    const NEW: &str = "the new secret of this installation 9876543210";
    let directory = tempfile::tempdir().unwrap();
    let client = runtime::http::client().unwrap();
    let start = async |secret: &str, previous: &[&str]| {
        let mut settings = settings(&directory);
        settings.auth.jwt_secret = Some(secret.into());
        settings.auth.jwt_previous_secrets = previous.iter().map(|text| (*text).into()).collect();
        let platform = Platform::assemble(PlatformParts::of_process(settings))
            .await
            .unwrap();
        platform
            .ensure_user(ADMIN, PASSWORD, "Admin", Role::Admin)
            .await
            .unwrap();
        platform.serve().await.unwrap()
    };
    let log_in = async |process: &RunningPlatform| {
        let login = format!("http://{}/api/auth/login", process.address());
        let proof = json!({ "email": ADMIN, "password": PASSWORD });
        let grant: Value = client
            .post(login)
            .json(&proof)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        grant["access_token"].as_str().unwrap().to_owned()
    };
    let seen = async |process: &RunningPlatform, token: &str| {
        let me = format!("http://{}/api/auth/me", process.address());
        client
            .get(me)
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let process = start(OLD, &[]).await;
    let old = log_in(&process).await;
    process.stop().await;

    let process = start(OLD, &[NEW]).await;
    let still = log_in(&process).await;
    assert_eq!(header_of(&still).kid, header_of(&old).kid);
    process.stop().await;

    let process = start(NEW, &[OLD]).await;
    let new = log_in(&process).await;
    assert_ne!(header_of(&new).kid, header_of(&old).kid);
    assert_eq!(
        (seen(&process, &old).await, seen(&process, &new).await),
        (200, 200)
    );
    process.stop().await;

    let process = start(NEW, &[]).await;
    assert_eq!(
        (seen(&process, &old).await, seen(&process, &new).await),
        (401, 200)
    );
    process.stop().await;
}
