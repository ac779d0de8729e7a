use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use std::{net::SocketAddr, ops::Index};
use web::RunningServer;

/// A server on a free port, and a client for it.
pub struct TestServer {
    running: RunningServer,
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes as text.
    pub text: String,
    /// The text as JSON; null when it is none.
    pub body: Value,
}

impl TestServer {
    pub(crate) fn new(running: RunningServer) -> Self {
        Self {
            running,
            client: runtime::http::client().unwrap(),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.addrs()[0]
    }

    /// A request, to be filled and sent with [`TestServer::send`].
    pub fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self
            .client
            .request(method, format!("http://{}{path}", self.address()));
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply {
            status,
            headers,
            text,
            body,
        }
    }

    /// `GET`.
    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(self.request(Method::GET, path, Some(token))).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path, Some(token)).json(body))
            .await
    }

    /// `PUT` of JSON.
    pub async fn put(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PUT, path, Some(token)).json(body))
            .await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str, token: &str) -> Reply {
        self.send(self.request(Method::DELETE, path, Some(token))).await
    }

    /// Stops gracefully; answers whether every request was finished.
    pub async fn stop(self) -> bool {
        self.running.stop(true).await
    }
}

impl Reply {
    /// Checks that it is an error of the contract with this status and code.
    pub fn assert_error(&self, status: u16, code: &str) -> &Self {
        assert_eq!(
            (self.status, self.body["error"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert!(
            self.body["message"].is_string() && self.body.get("details").is_some(),
            "{}",
            self.text
        );
        self
    }

    /// The fields that `details` names.
    pub fn fields(&self) -> Vec<&str> {
        let details = self.body["details"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        details
            .iter()
            .filter_map(|detail| detail["field"].as_str())
            .collect()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Index<&str> for Reply {
    type Output = Value;
    fn index(&self, key: &str) -> &Value {
        &self.body[key]
    }
}
