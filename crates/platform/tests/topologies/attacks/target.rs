use crate::{
    deployment::{ADMIN, Conditions, Deployment, Topology},
    world::PASSWORD,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::Reply;

/// A deployment as an attacker sees it: the address that is public, and those behind it.
pub(super) struct Target {
    pub(super) deployment: Deployment,
    client: reqwest::Client,
}

impl Target {
    pub(super) async fn start(topology: Topology, conditions: &Conditions) -> Self {
        Self {
            deployment: Deployment::start(topology, conditions).await,
            client: runtime::http::client().unwrap(),
        }
    }

    /// A request to the public address; without a token when it is empty.
    pub(super) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.at(self.deployment.base_url(), method, path);
        match token {
            "" => request,
            token => request.bearer_auth(token),
        }
    }

    /// A request to any address.
    pub(super) fn at(&self, base_url: &str, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{base_url}{path}"))
    }

    pub(super) async fn get(&self, path: &str, token: &str) -> Reply {
        answer(self.request(Method::GET, path, token)).await
    }

    pub(super) async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        answer(self.request(Method::POST, path, token).json(body)).await
    }

    /// Registers somebody and logs them in; answers what log-in answers.
    pub(super) async fn newcomer(&self, email: &str, role: &str) -> Value {
        let account = json!({ "email": email, "password": PASSWORD, "name": "New Comer", "role": role });
        let registered = self.post("/api/auth/register", "", &account).await;
        assert_eq!(registered.status, 201, "{}", registered.text);
        self.log_in(email).await
    }

    /// What log-in answers.
    pub(super) async fn log_in(&self, email: &str) -> Value {
        let proof = json!({ "email": email, "password": PASSWORD });
        let login = self.post("/api/auth/login", "", &proof).await;
        assert_eq!(login.status, 200, "{}", login.text);
        login.body
    }

    pub(super) async fn admin(&self) -> Value {
        self.log_in(ADMIN).await
    }
}

/// The access token of a log-in.
pub(super) fn access(login: &Value) -> &str {
    login["access_token"].as_str().unwrap()
}

/// Sends a request and reads the answer; of a stream, which has no end, what comes first.
pub(super) async fn answer(request: RequestBuilder) -> Reply {
    try_answer(request).await.unwrap()
}

/// The same where no answer is a finding.
pub(super) async fn try_answer(request: RequestBuilder) -> Result<Reply, String> {
    let told = |error| format!("{error:?}");
    let mut reply = request.send().await.map_err(told)?;
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    let is_stream = headers
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let text = match is_stream {
        true => {
            let first = reply.chunk().await.map_err(told)?.unwrap_or_default();
            String::from_utf8_lossy(&first).into_owned()
        }
        false => reply.text().await.map_err(told)?,
    };
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Reply {
        status,
        headers,
        text,
        body,
    })
}
