use super::Request;
use crate::error::Error;
use reqwest::Method;
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};

/// How long a client waits for an answer before it takes it for lost.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a question of the examiner may take.
const LONG: Duration = Duration::from_secs(30);
const PASSWORD: &str = "correct horse battery";

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
    /// Where the next page is.
    pub(crate) next: Option<String>,
    pub(crate) etag: Option<String>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

/// What became of a request.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// An answer that says what became of it: done, or refused.
    Answered(Reply),
    /// No answer, or one that leaves open whether anything was done.
    Unknown(String),
}

/// The public API, as one client sees it. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    base: String,
    client: reqwest::Client,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) email: String,
    pub(crate) user: String,
    pub(crate) token: String,
}

impl Api {
    pub(crate) fn at(address: SocketAddr) -> Result<Self, Error> {
        Ok(Self {
            base: format!("http://{address}"),
            client: runtime::http::client().map_err(|error| Error::at("make an HTTP client", error))?,
        })
    }

    /// Sends a request once.
    pub(crate) async fn send(&self, session: &Session, request: &Request) -> Outcome {
        match self.answer_to(session, request, PATIENCE).await {
            // Who one is may be in doubt for a moment, or the way there cut: nothing is known of the request.
            Ok(reply) if matches!(reply.status, 401 | 403 | 404 | 408 | 429 | 500..) => {
                Outcome::Unknown(format!("{} {}", reply.status, reply.text))
            }
            Ok(reply) => Outcome::Answered(reply),
            Err(error) => Outcome::Unknown(error),
        }
    }

    /// The answer to a request, whatever its status is.
    pub(crate) async fn answer_to(
        &self,
        session: &Session,
        request: &Request,
        patience: Duration,
    ) -> Result<Reply, String> {
        let (media, body) = request.body();
        let mut asked = self
            .client
            .request(request.method(), format!("{}{}", self.base, request.path()))
            .timeout(patience)
            .bearer_auth(&session.token)
            .header("Idempotency-Key", &request.key)
            .header("Content-Type", media)
            .body(body);
        if let super::What::Rename { version, .. } = request.what {
            asked = asked.header("If-Match", format!("\"{version}\""));
        }
        read(asked).await.map_err(|error| with_causes(&error))
    }

    /// The answer to a question, whatever its status is.
    pub(crate) async fn ask(&self, path: &str, token: &str, patience: Duration) -> Result<Reply, String> {
        let asked = self.client.get(format!("{}{path}", self.base)).timeout(patience);
        let asked = match token {
            "" => asked,
            token => asked.bearer_auth(token),
        };
        read(asked).await.map_err(|error| with_causes(&error))
    }

    /// Reads something; the error says why there is no 200.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Result<Reply, String> {
        let reply = self.ask(path, token, LONG).await?;
        match reply.status {
            200 => Ok(reply),
            status => Err(format!("GET {path}: {status} {}", reply.text)),
        }
    }

    /// All items of a list.
    pub(crate) async fn list(&self, path: &str, token: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        let mut place = Some(path.to_owned());
        while let Some(path) = place {
            let page = self.get(&path, token).await?;
            items.extend(page.json().as_array().cloned().unwrap_or_default());
            place = page.next;
        }
        Ok(items)
    }

    /// Posts JSON and wants the answer to have this status.
    pub(crate) async fn post(
        &self,
        path: &str,
        token: &str,
        body: &Value,
        status: u16,
    ) -> Result<Value, String> {
        self.tell(Method::POST, path, token, body, status).await
    }

    /// Puts JSON and wants the answer to have this status.
    pub(crate) async fn put(
        &self,
        path: &str,
        token: &str,
        body: &Value,
        status: u16,
    ) -> Result<Value, String> {
        self.tell(Method::PUT, path, token, body, status).await
    }

    async fn tell(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
        status: u16,
    ) -> Result<Value, String> {
        let asked = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .timeout(LONG)
            .json(body);
        let asked = match token {
            "" => asked,
            token => asked.bearer_auth(token),
        };
        let reply = read(asked).await.map_err(|error| with_causes(&error))?;
        match reply.status == status {
            true => Ok(reply.json()),
            false => Err(format!("{method} {path}: {} {}", reply.status, reply.text)),
        }
    }

    /// Takes something away; that it is gone already is as good.
    pub(crate) async fn delete(&self, path: &str, token: &str) -> Result<(), String> {
        let asked = self.client.delete(format!("{}{path}", self.base)).timeout(LONG);
        let reply = read(asked.bearer_auth(token))
            .await
            .map_err(|error| with_causes(&error))?;
        match reply.status {
            204 | 404 => Ok(()),
            status => Err(format!("DELETE {path}: {status} {}", reply.text)),
        }
    }

    /// Registers somebody.
    pub(crate) async fn register(&self, email: &str, role: &str) -> Result<Session, String> {
        let account = json!({ "email": email, "password": PASSWORD, "name": "Money Mover", "role": role });
        self.post("/api/auth/register", "", &account, 201).await?;
        self.log_in(email).await
    }

    pub(crate) async fn log_in(&self, email: &str) -> Result<Session, String> {
        let proof = json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/api/auth/login", "", &proof, 200).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Session {
            email: email.to_owned(),
            user: text(&answer["user"]["id"]),
            token: text(&answer["access_token"]),
        })
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let header = |name: &str| {
        let value = answer.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let etag = header("etag");
    let next = header("link").and_then(|link| {
        let (place, _) = link.trim_start_matches('<').split_once('>')?;
        Some(place.to_owned())
    });
    let text = answer.text().await?;
    Ok(Reply {
        status,
        text,
        next,
        etag,
    })
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
