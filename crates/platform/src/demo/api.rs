use super::people::DemoLogin;
use crate::PlatformError;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Somebody who is logged in.
pub(super) struct Session {
    pub(super) user_id: String,
    token: String,
}

/// The platform's own HTTP routes, as a user of the demo calls them.
pub(super) struct DemoApi {
    client: ::runtime::http::Client,
    base: String,
}

impl DemoApi {
    pub(super) fn new(address: SocketAddr) -> Result<Self, PlatformError> {
        Ok(Self {
            client: ::runtime::http::client()?,
            base: format!("http://{address}"),
        })
    }

    pub(super) async fn log_in(&self, login: &DemoLogin) -> Result<Session, PlatformError> {
        let body = json!({ "email": login.email, "password": login.password });
        let request = self.client.post(self.url("/api/auth/login")).json(&body);
        let answer = self.send("log in", request).await?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Session {
            user_id: text(answer.pointer("/user/id")),
            token: text(answer.get("access_token")),
        })
    }

    pub(super) async fn list(&self, session: &Session, path: &str) -> Result<Vec<Value>, PlatformError> {
        let request = self.client.get(self.url(path)).bearer_auth(&session.token);
        match self.send(path, request).await? {
            Value::Array(items) => Ok(items),
            _ => Err(PlatformError::Command(format!("{path} did not answer a list"))),
        }
    }

    pub(super) async fn post(
        &self,
        session: &Session,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Value, PlatformError> {
        let request = self
            .client
            .post(self.url(path))
            .bearer_auth(&session.token)
            .header("Idempotency-Key", key)
            .json(body);
        self.send(path, request).await
    }

    pub(super) async fn import(
        &self,
        session: &Session,
        account: &str,
        csv: &str,
    ) -> Result<Value, PlatformError> {
        let path = format!("/api/v1/transactions/import?account_id={account}");
        let request = self
            .client
            .post(self.url(&path))
            .bearer_auth(&session.token)
            .header("Content-Type", "text/csv")
            .body(csv.to_owned());
        self.send(&path, request).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(
        &self,
        what: &str,
        request: ::runtime::http::RequestBuilder,
    ) -> Result<Value, PlatformError> {
        let failed = |why: String| PlatformError::Command(format!("demo data: {what}: {why}"));
        let answer = request.send().await.map_err(|error| failed(error.to_string()))?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|error| failed(error.to_string()))?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(failed(format!("{status}: {body}")))
        }
    }
}
