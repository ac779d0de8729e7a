use platform::{Platform, PlatformParts, RunningPlatform};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use runtime::Settings;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A platform that is served on a free port, with a directory that goes away with it.
pub(crate) struct Served {
    running: RunningPlatform,
    client: reqwest::Client,
    pub(crate) directory: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

/// Settings on a directory: a free port, no limits, one worker.
pub(crate) fn settings(directory: &TempDir) -> Settings {
    let mut settings = Settings::default();
    settings.server.data_dir = directory.path().to_owned();
    settings.server.port = 0;
    settings.server.metrics_port = Some(0);
    settings.server.workers = 1;
    settings.limits.enabled = false;
    settings
}

impl Served {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = settings(&directory);
        change(&mut settings);
        let platform = Platform::assemble(PlatformParts::of_process(settings))
            .await
            .unwrap();
        let running = platform.serve().await.unwrap();
        Self {
            running,
            client: runtime::http::client().unwrap(),
            directory,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self
            .client
            .request(method, format!("http://{}{path}", self.running.address()));
        if token.is_empty() {
            request
        } else {
            request.bearer_auth(token)
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let is_stream =
            |value: &reqwest::header::HeaderValue| value.as_bytes().starts_with(b"text/event-stream");
        let text = match headers.get("content-type").is_some_and(is_stream) {
            // It has no end: what comes first is what is looked at.
            true => first_of(answer).await,
            false => answer.text().await.unwrap(),
        };
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply {
            status,
            headers,
            text,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(self.request(Method::GET, path, token)).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path, token).json(body))
            .await
    }

    /// Registers somebody and logs them in; answers what log-in answers.
    pub(crate) async fn newcomer(&self, email: &str, role: &str) -> Value {
        let account =
            json!({ "email": email, "password": "correct horse battery", "name": "New Comer", "role": role });
        let registered = self.post("/api/auth/register", "", &account).await;
        assert_eq!(registered.status, 201, "{}", registered.text);
        let proof = json!({ "email": email, "password": "correct horse battery" });
        let login = self.post("/api/auth/login", "", &proof).await;
        assert_eq!(login.status, 200, "{}", login.text);
        login.body
    }

    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}

/// The access token of a log-in.
pub(crate) fn access(login: &Value) -> &str {
    login["access_token"].as_str().unwrap()
}

async fn first_of(mut answer: reqwest::Response) -> String {
    let first = answer.chunk().await.unwrap().unwrap_or_default();
    String::from_utf8(first.to_vec()).unwrap()
}
