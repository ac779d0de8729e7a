//! A running shell on a free port, and a client of it.

use crate::{
    desk::{DOCUMENT, Desk, GROUPS, SECRET, hops, keys},
    group::{Gate, mount},
};
use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{ErrorBody, Role, SessionId, Sources, Tasks, TenantId, UserId, UserPrincipal};
use parking_lot::Mutex;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use runtime::{Settings, metrics::Registry};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::{net::SocketAddr, sync::Arc};
use trust::{OnStale, Revocations, ServiceVerifier, Speakers, TokenIssuer, TokenKeys, TokenVerifier};
use web::{Health, HealthSource, Listeners, Readiness, RunningServer, Shell, ShellParts};

pub struct Fakes {
    pub health: Mutex<Health>,
    pub ready: Mutex<Readiness>,
}

#[async_trait]
impl HealthSource for Fakes {
    async fn health(&self) -> Health {
        self.health.lock().clone()
    }
    async fn ready(&self) -> Readiness {
        self.ready.lock().clone()
    }
}

pub struct Site {
    pub address: SocketAddr,
    pub metrics_address: Option<SocketAddr>,
    pub client: reqwest::Client,
    pub server: RunningServer,
    pub gate: Arc<Gate>,
    pub desk: Arc<Desk>,
    pub fakes: Arc<Fakes>,
    pub tasks: Tasks,
    pub user: UserPrincipal,
    pub verifier: Arc<TokenVerifier>,
    issuer: TokenIssuer,
    sources: Sources,
}

/// Settings for tests: any free port, few workers, no limits unless a test is about them.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.server.port = 0;
    settings.server.workers = 2;
    settings.limits.enabled = false;
    settings
}

pub async fn site() -> Site {
    site_with(settings()).await
}

pub async fn site_with(settings: Settings) -> Site {
    site_on(settings.clone(), free(&settings)).await
}

fn free(settings: &Settings) -> Listeners {
    let mut listeners = Listeners::bind(&settings.server).unwrap();
    listeners.metrics = Some(std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners
}

pub async fn site_on(settings: Settings, listeners: Listeners) -> Site {
    let gate = Arc::new(Gate::default());
    let mounts = vec![mount(gate.clone())];
    serve(settings, listeners, gate, mounts, Arc::default()).await
}

/// A site that serves these mounts and forwards as the table says.
pub async fn site_of(
    settings: Settings,
    gate: Arc<Gate>,
    mounts: Vec<web::Mount>,
    forward: Arc<web::ForwardTable>,
) -> Site {
    let listeners = free(&settings);
    serve(settings, listeners, gate, mounts, forward).await
}

async fn serve(
    settings: Settings,
    listeners: Listeners,
    gate: Arc<Gate>,
    mounts: Vec<web::Mount>,
    forward: Arc<web::ForwardTable>,
) -> Site {
    crate::logs::capture();
    let secret: SecretString = SECRET.into();
    let keys = Arc::new(TokenKeys::new(&secret, &[]).unwrap());
    let sources = Sources::system();
    let revocations = Arc::new(Revocations::new());
    let clock = sources.clock().clone();
    let verifier = Arc::new(TokenVerifier::new(
        keys.clone(),
        "wealthos",
        "api",
        clock,
        revocations,
        OnStale::Accept,
    ));
    let desk = Arc::new(Desk::default());
    let fakes = Arc::new(Fakes {
        health: Mutex::new(Health {
            operational: true,
            details: json!({"store": "up"}),
        }),
        ready: Mutex::new(Readiness {
            ready: true,
            ..Readiness::default()
        }),
    });
    let tasks = Tasks::new();
    let shell = Shell::new(ShellParts {
        settings,
        services: services(&verifier),
        hops: Arc::new(hops(SECRET)),
        calls: vec![desk.clone()],
        contracts: vec![(
            "notes".to_owned(),
            web::ContractDocument::new(Box::new(|| DOCUMENT.into())),
        )],
        verifier: verifier.clone(),
        registry: Registry::new(),
        mounts,
        sources: sources.clone(),
        tasks: tasks.clone(),
        health: fakes.clone(),
        forward,
    })
    .unwrap();
    let server = shell.serve(listeners).unwrap();
    Site {
        address: server.addrs()[0],
        metrics_address: server.metrics_addr(),
        client: runtime::http::client().unwrap(),
        server,
        gate,
        desk,
        fakes,
        tasks,
        user: UserPrincipal {
            user: sources.ids().next::<UserId>(),
            role: Role::Advisor,
            tenant: TenantId::DEFAULT,
            session: sources.ids().next::<SessionId>(),
            role_version: 1,
            impersonator: None,
            scopes: None,
        },
        verifier,
        issuer: TokenIssuer::new(keys, "wealthos", "api", sources.clone()),
        sources,
    }
}

pub fn services(users: &TokenVerifier) -> Arc<ServiceVerifier> {
    Arc::new(ServiceVerifier::new(
        keys(SECRET),
        Speakers::of_groups(&GROUPS),
        Sources::system().clock().clone(),
        users.revocations().clone(),
        OnStale::Accept,
    ))
}

impl Site {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.url(path))
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client
            .request(Method::from_bytes(method.as_bytes()).unwrap(), self.url(path))
    }

    pub async fn post_json(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.post(path).header("content-type", "application/json");
        request.body(body).send().await.unwrap()
    }

    pub fn token(&self, age: TimeDelta) -> String {
        self.token_of(&self.user, age)
    }

    pub fn token_of(&self, user: &UserPrincipal, age: TimeDelta) -> String {
        let issued = self.sources.now() - age;
        let token = self.issuer.issue(user, issued, TimeDelta::minutes(5)).unwrap();
        token.token.expose_secret().to_owned()
    }
}

/// Reads an answer that must be an error in the contract.
pub async fn refused(answer: Response, status: u16) -> ErrorBody {
    assert_eq!(
        answer.status(),
        StatusCode::from_u16(status).unwrap(),
        "{answer:?}"
    );
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.headers().contains_key("x-request-id"));
    let text = answer.text().await.unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["details", "error", "message"], "{text}");
    serde_json::from_value(value).unwrap()
}

/// The fields that an error names.
pub fn fields(error: &ErrorBody) -> Vec<&str> {
    error
        .details
        .iter()
        .flatten()
        .map(|detail| detail.field.as_str())
        .collect()
}

/// Sends bytes as they are and reads until the server closes.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    raw_until(address, bytes, None).await
}

/// Sends bytes as they are and reads until the answer contains `enough` or the server closes.
pub async fn raw_until(address: SocketAddr, bytes: &[u8], enough: Option<&str>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let reading = async {
        // A reset after the answer is no matter: what was read counts.
        while let Ok(1..) = stream.read_buf(&mut answer).await {
            let text = String::from_utf8_lossy(&answer);
            if enough.is_some_and(|enough| text.contains(enough)) {
                break;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), reading)
        .await
        .expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}
