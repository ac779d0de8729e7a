//! How soon what was taken back is refused by every process: in real time, on every kind of topology.

use crate::{
    deployment::{ADMIN, Conditions, Deployment, Topology},
    world::PASSWORD,
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What is promised.
const SOON: Duration = Duration::from_secs(1);
/// How often each is measured: a machine that was busy with something else does not decide.
const ROUNDS: usize = 5;
/// A route of every group that needs a log-in.
const GUARDED: [&str; 5] = [
    "/api/auth/me",
    "/api/v1/clients",
    "/api/v1/transactions",
    "/api/integrations/triplewhale/status",
    "/api/infrastructure/events",
];

struct Measured {
    deployment: Deployment,
    client: Client,
    admin: Value,
}

impl Measured {
    async fn start(topology: Topology) -> Self {
        let mut measured = Self {
            deployment: Deployment::start(topology, &Conditions::default()).await,
            client: runtime::http::client().unwrap(),
            admin: Value::Null,
        };
        measured.admin = measured.log_in(ADMIN).await;
        measured
    }

    async fn send(&self, method: Method, path: &str, by: &Value, body: Value) -> reqwest::Response {
        let url = format!("{}{path}", self.deployment.base_url());
        let mut request = self.client.request(method, url).json(&body);
        if let Some(token) = by["access_token"].as_str() {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    }

    async fn log_in(&self, email: &str) -> Value {
        let proof = json!({ "email": email, "password": PASSWORD });
        let answer = self
            .send(Method::POST, "/api/auth/login", &Value::Null, proof)
            .await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn newcomer(&self, email: &str) -> Value {
        let account = json!({ "email": email, "password": PASSWORD, "name": "Asha", "role": "advisor" });
        self.send(Method::POST, "/api/auth/register", &Value::Null, account)
            .await;
        self.log_in(email).await
    }

    async fn status(&self, path: &str, by: &Value) -> u16 {
        let url = format!("{}{path}", self.deployment.base_url());
        let token = by["access_token"].as_str().unwrap();
        self.client
            .get(url)
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    /// Waits until every group answers like this.
    async fn everywhere(&self, by: &Value, status: u16) {
        let end = Instant::now() + Duration::from_secs(30);
        for path in GUARDED {
            while self.status(path, by).await != status {
                assert!(Instant::now() < end, "{path} does not answer {status}");
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    }

    /// Takes something back and measures until no group lets the user in.
    async fn until_refused(&self, user: &Value, taken_back: &Taken) -> Duration {
        self.everywhere(user, 200).await;
        let id = user["user"]["id"].as_str().unwrap();
        let (method, path, by, body) = match taken_back {
            Taken::Session => (Method::POST, "/api/auth/logout".to_owned(), user, json!({})),
            Taken::User => {
                let path = format!("/api/v1/admin/users/{id}/suspend");
                (Method::POST, path, &self.admin, json!({}))
            }
            Taken::Role => {
                let path = format!("/api/auth/rbac/assignments/{id}");
                (Method::PUT, path, &self.admin, json!({ "role": "client" }))
            }
        };
        let answer = self.send(method, &path, by, body).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        // From the moment on when whoever asked for it was told that it is done.
        let done = Instant::now();
        self.everywhere(user, 401).await;
        done.elapsed()
    }
}

#[derive(Debug)]
enum Taken {
    Session,
    User,
    Role,
}

#[allow(clippy::print_stdout, reason = "figures for whoever runs it by hand")]
async fn measure(topology: Topology) {
    let measured = Measured::start(topology).await;
    for taken in [Taken::Session, Taken::User, Taken::Role] {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let user = measured.newcomer(&format!("{taken:?}{round}@example.com")).await;
            times.push(measured.until_refused(&user, &taken).await);
        }
        times.sort_unstable();
        println!("{topology:?}: {taken:?} is refused everywhere after {times:?}");
        assert!(times[ROUNDS / 2] <= SOON, "{topology:?}: {taken:?}: {times:?}");
    }
    measured.deployment.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_refused_within_a_second_by_a_monolith() {
    measure(Topology::Monolith).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_refused_within_a_second_by_every_service() {
    measure(Topology::Split).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_refused_within_a_second_by_a_hybrid() {
    measure(Topology::HybridWithout("auth")).await;
    measure(Topology::HybridWithout("finance")).await;
}
