use crate::{
    deployment::{ADMIN, Conditions, Deployment, Topology},
    raw,
    transcript::{Exchange, Transcript},
};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use std::{ops::Index, time::Duration};

/// Everybody's.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// How long something that happens by itself may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Every consumer of events, and the feeds that it reads.
const CONSUMERS: [(&str, &str); 17] = [
    ("advisory.stamps", "advisory"),
    ("advisory.worth", "advisory"),
    ("advisory.worth", "finance"),
    ("advisory.worth", "wealth"),
    ("finance.book", "advisory"),
    ("finance.budget_alerts", "finance"),
    ("finance.chain", "finance"),
    ("finance.funding", "wealth"),
    ("auth.audit", "advisory"),
    ("auth.audit", "auth"),
    ("auth.audit", "finance"),
    ("auth.audit", "infrastructure"),
    ("auth.audit", "integrations"),
    ("auth.audit", "wealth"),
    ("wealth.book", "advisory"),
    ("wealth.offers", "wealth"),
    ("wealth.values", "wealth"),
];

/// A deployment as its users see it: an address to send requests to. What they saw stands in the transcript.
pub(crate) struct World {
    deployment: Deployment,
    topology: Topology,
    client: reqwest::Client,
    transcript: Transcript,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) exchange: Exchange,
    pub(crate) body: Value,
}

/// A request that is being filled in.
#[must_use = "a call is sent by what it expects"]
pub(crate) struct Call<'world> {
    world: &'world mut World,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl World {
    /// A fresh deployment without anybody but the admin.
    pub(crate) async fn start(topology: Topology, conditions: &Conditions) -> Self {
        Self {
            deployment: Deployment::start(topology, conditions).await,
            topology,
            client: runtime::http::client().unwrap(),
            transcript: Transcript::default(),
        }
    }

    /// Stops the deployment; answers what was seen of it.
    pub(crate) async fn stop(self) -> Transcript {
        self.deployment.stop().await;
        self.transcript
    }

    pub(crate) fn call(&mut self, method: Method, path: impl Into<String>) -> Call<'_> {
        Call {
            world: self,
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub(crate) fn get(&mut self, path: impl Into<String>) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(crate) fn post(&mut self, path: impl Into<String>, body: &Value) -> Call<'_> {
        self.call(Method::POST, path).json(body)
    }

    pub(crate) fn put(&mut self, path: impl Into<String>, body: &Value) -> Call<'_> {
        self.call(Method::PUT, path).json(body)
    }

    pub(crate) fn delete(&mut self, path: impl Into<String>) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    /// Sends bytes as they are, and takes whatever comes.
    pub(crate) async fn raw(&mut self, request: impl AsRef<[u8]>) -> Reply {
        self.tick();
        let exchange = raw::exchange(self.deployment.base_url(), request.as_ref()).await;
        self.transcript.0.push(exchange.clone());
        Reply::of(exchange)
    }

    /// A second passes with every step, so that nothing is ordered by chance.
    fn tick(&self) {
        self.deployment.clock().advance(TimeDelta::seconds(1));
    }

    /// Where users send their requests.
    pub(crate) fn base_url(&self) -> &str {
        self.deployment.base_url()
    }

    /// Where each process listens, the one that users talk to first.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.deployment.addresses()
    }

    /// A request to the address of all, for what goes on after its answer has begun.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.deployment.base_url()))
    }

    /// What each process has counted.
    pub(crate) async fn metrics(&self) -> Vec<String> {
        let mut all = Vec::new();
        for address in self.deployment.addresses() {
            let answer = self
                .client
                .get(format!("{address}/metrics"))
                .send()
                .await
                .unwrap();
            all.push(answer.text().await.unwrap());
        }
        all
    }

    /// More time passes.
    pub(crate) fn wait(&self, time: TimeDelta) {
        self.deployment.clock().advance(time);
    }

    /// What every clock of the deployment shows.
    pub(crate) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        kernel::Clock::now(self.deployment.clock().as_ref())
    }

    /// The code in the `nth` mail (from 1) to this address.
    pub(crate) async fn mailed_code(&self, nth: usize, address: &str) -> String {
        self.deployment.mail().nth_to(nth, address).await.code()
    }

    /// Registers somebody and logs them in.
    pub(crate) async fn newcomer(&mut self, name: &str, role: &str) -> User {
        let email = format!("{name}@example.com");
        let account =
            json!({ "email": email, "password": PASSWORD, "name": format!("New {name}"), "role": role });
        self.post("/api/auth/register", &account).expect(201).await;
        self.log_in(&email).await
    }

    pub(crate) async fn log_in(&mut self, email: &str) -> User {
        let proof = json!({ "email": email, "password": PASSWORD });
        let grant = self.post("/api/auth/login", &proof).expect(200).await;
        User::of(&grant)
    }

    pub(crate) async fn admin(&mut self) -> User {
        self.log_in(ADMIN).await
    }

    /// Waits until the consumers of every group have read every feed to its end. No time passes and nobody sees how
    /// long it takes; called right after what the consumers have to work on, so that they do it at its time.
    pub(crate) async fn settle(&mut self, admin: &User) {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !self.is_settled(admin).await {
            assert!(
                tokio::time::Instant::now() < end,
                "{:?}: the consumers did not catch up within {PATIENCE:?}",
                self.topology
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn is_settled(&mut self, admin: &User) -> bool {
        let consumers = self
            .unrecorded("/api/infrastructure/events/consumers", admin)
            .await;
        let consumers = consumers.as_array().unwrap();
        for (name, feed) in CONSUMERS {
            let of = |consumer: &&Value| consumer["consumer"] == name && consumer["feed"] == feed;
            // A consumer that has not begun does not stand there.
            let seq = consumers.iter().find(of).and_then(|found| found["seq"].as_u64());
            let seq = seq.unwrap_or_default();
            let rest = format!("/api/infrastructure/events?group={feed}&limit=1&after={seq}");
            if self.unrecorded(&rest, admin).await != json!([]) {
                return false;
            }
        }
        true
    }

    /// What a request answers that the comparison need not see.
    pub(crate) async fn unrecorded(&self, path: &str, user: &User) -> Value {
        let url = format!("{}{path}", self.deployment.base_url());
        let answer = self
            .client
            .get(url)
            .bearer_auth(&user.token)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{:?}: {path}", self.topology);
        answer.json().await.unwrap()
    }
}

impl User {
    /// Whom a grant of tokens is for.
    pub(crate) fn of(grant: &Reply) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&grant["user"]["id"]),
            email: text(&grant["user"]["email"]),
            token: text(&grant["access_token"]),
            refresh_token: text(&grant["refresh_token"]),
        }
    }
}

impl Call<'_> {
    /// In whose name.
    pub(crate) fn by(self, user: &User) -> Self {
        let token = format!("Bearer {}", user.token);
        self.header("authorization", token)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The intention that it stands for.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// The version that it believes to change.
    pub(crate) fn if_match(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string())
    }

    pub(crate) fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Sends it and takes whatever comes.
    pub(crate) async fn send(self) -> Reply {
        self.world.tick();
        let exchange = self.exchange().await;
        self.world.transcript.0.push(exchange.clone());
        Reply::of(exchange)
    }

    /// Sends it; the status must be this one.
    pub(crate) async fn expect(self, status: u16) -> Reply {
        let topology = self.world.topology;
        let reply = self.send().await;
        let exchange = &reply.exchange;
        assert_eq!(
            exchange.status, status,
            "{topology:?}: {}: {}",
            exchange.request, exchange.body
        );
        reply
    }

    /// Sends it; the status must be this one. The comparison need not see it.
    pub(crate) async fn unseen(self, status: u16) -> Reply {
        self.world.tick();
        let exchange = self.exchange().await;
        let topology = self.world.topology;
        assert_eq!(
            exchange.status, status,
            "{topology:?}: {}: {}",
            exchange.request, exchange.body
        );
        Reply::of(exchange)
    }

    /// Sends it again and again until the status is this one, and it is what is wanted. Only the last answer counts.
    pub(crate) async fn until(self, status: u16, wanted: impl Fn(&Reply) -> bool) -> Reply {
        self.world.tick();
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let exchange = self.exchange().await;
            let reply = Reply::of(exchange.clone());
            if exchange.status == status && wanted(&reply) {
                self.world.transcript.0.push(exchange);
                return reply;
            }
            assert!(
                tokio::time::Instant::now() < end,
                "{:?}: not what was wanted within {PATIENCE:?}: {exchange:?}",
                self.world.topology
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn exchange(&self) -> Exchange {
        let url = format!("{}{}", self.world.deployment.base_url(), self.path);
        let mut request = self.world.client.request(self.method.clone(), url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        let line = format!("{} {}", self.method, self.path);
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{:?}: {line}: no answer: {error:?}", self.world.topology));
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), crate::transcript::text(value.as_bytes())))
            .collect();
        let body = answer
            .bytes()
            .await
            .unwrap_or_else(|error| panic!("{:?}: {line}: half an answer: {error:?}", self.world.topology));
        Exchange::new(line, status, headers, &body)
    }
}

impl Reply {
    fn of(exchange: Exchange) -> Self {
        let body = serde_json::from_str(&exchange.body).unwrap_or(Value::Null);
        Self { exchange, body }
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.exchange.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The text in a field of the body.
    pub(crate) fn text(&self, field: &str) -> String {
        let found = self.body[field].as_str();
        found
            .unwrap_or_else(|| panic!("no {field} in {}", self.exchange.body))
            .to_owned()
    }

    /// Where the next page is.
    pub(crate) fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        Some(link.trim_start_matches('<').split('>').next()?.to_owned())
    }
}

impl Index<&str> for Reply {
    type Output = Value;
    fn index(&self, field: &str) -> &Value {
        &self.body[field]
    }
}
