use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    task::JoinHandle,
};

/// A monolith that runs as its own process on a free port.
pub(crate) struct Monolith {
    child: Child,
    base: String,
    client: reqwest::Client,
    stdout: Lines<BufReader<ChildStdout>>,
    /// Reads the log all the time, so that no line of it is lost.
    log: JoinHandle<String>,
}

/// Where a monolith keeps its data, beyond the life of the process.
pub(crate) struct Home {
    directory: TempDir,
    database: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Home {
    /// On the embedded store.
    pub(crate) fn sqlite() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            database: None,
        }
    }

    /// On the MongoDB server of the tests, in a database of its own.
    pub(crate) fn mongodb() -> Self {
        Self::on_mongodb(&mongodb_uri())
    }

    /// The same at another address.
    pub(crate) fn on_mongodb(server: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let unique = directory
            .path()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .replace(['.', '-'], "_");
        let (address, options) = server.split_once('?').unwrap_or((server, ""));
        let database = format!("{}/wealthos_{unique}?{options}", address.trim_end_matches('/'));
        Self {
            directory,
            database: Some(database),
        }
    }

    /// The database, where the data does not lie in the folder.
    pub(crate) fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.place().join("data")
    }

    /// The directory that goes away with it.
    pub(crate) fn place(&self) -> &Path {
        self.directory.path()
    }

    /// A program of this workspace, with a clean environment and this home.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(path_of(program));
        command
            .env_clear()
            .current_dir(self.directory.path())
            .kill_on_drop(true);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(database) = &self.database {
            command.env("DATABASE_URL", database);
        }
        command.arg("--data-dir").arg(self.data_dir());
        command
    }

    /// Starts a monolith here and waits until it says that it is ready.
    pub(crate) async fn start(&self) -> Monolith {
        self.start_with(&[]).await
    }

    /// The same with more in its environment.
    pub(crate) async fn start_with(&self, environment: &[(&str, &str)]) -> Monolith {
        let mut command = self.command("monolith");
        command.args(["--port", "0", "--log-format", "json"]);
        command
            .env("METRICS_PORT", "0")
            .env("WEALTHOS__LIMITS__ENABLED", "false")
            .envs(environment.iter().copied());
        Monolith::spawn(command).await
    }
}

impl Monolith {
    async fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stderr = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut log = Vec::new();
            let _ = stderr.read_to_end(&mut log).await;
            String::from_utf8_lossy(&log).into_owned()
        });
        let base = loop {
            match stdout.next_line().await.unwrap() {
                Some(line) => {
                    if let Some(address) = line.trim().strip_prefix("address") {
                        break address.trim().to_owned();
                    }
                }
                None => panic!("the monolith ended before it was ready: {}", log.await.unwrap()),
            }
        };
        Self {
            child,
            base,
            client: reqwest_client(),
            stdout,
            log,
        }
    }

    /// A client and the address, for tasks of their own.
    pub(crate) fn remote(&self) -> Remote {
        Remote {
            base: self.base.clone(),
            client: self.client.clone(),
        }
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.base.trim_start_matches("http://").parse().unwrap()
    }

    /// Ends it at once, as a power cut would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop; answers the exit code and what it wrote to the log.
    pub(crate) async fn terminate(mut self) -> (Option<i32>, String) {
        let id = self.child.id().unwrap().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(asked.success());
        let log = self.log.await.unwrap();
        while self.stdout.next_line().await.unwrap().is_some() {}
        (self.child.wait().await.unwrap().code(), log)
    }
}

/// Where the programs of this workspace lie.
pub(crate) fn path_of(program: &str) -> &'static str {
    match program {
        "advisory_service" => env!("CARGO_BIN_EXE_advisory_service"),
        "auth_service" => env!("CARGO_BIN_EXE_auth_service"),
        "finance_service" => env!("CARGO_BIN_EXE_finance_service"),
        "gateway" => env!("CARGO_BIN_EXE_gateway"),
        "infrastructure_service" => env!("CARGO_BIN_EXE_infrastructure_service"),
        "integrations_service" => env!("CARGO_BIN_EXE_integrations_service"),
        "monolith" => env!("CARGO_BIN_EXE_monolith"),
        "wealth_service" => env!("CARGO_BIN_EXE_wealth_service"),
        "wealthctl" => env!("CARGO_BIN_EXE_wealthctl"),
        other => panic!("there is no program {other}"),
    }
}

/// Where to send requests.
#[derive(Clone)]
pub(crate) struct Remote {
    base: String,
    client: reqwest::Client,
}

impl Remote {
    /// A process at an address, with connections of its own.
    pub(crate) fn at(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            client: reqwest_client(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        if token.is_empty() {
            request
        } else {
            request.bearer_auth(token)
        }
    }

    /// Sends a request; the error is what a client sees when the process dies under it.
    pub(crate) async fn try_send(&self, request: RequestBuilder) -> Result<Reply, reqwest::Error> {
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await?;
        Ok(Reply {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        })
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.try_send(self.request(Method::GET, path, token))
            .await
            .unwrap()
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        self.try_send(self.request(Method::POST, path, token).json(body))
            .await
            .unwrap()
    }

    /// Registers somebody and logs them in; answers the access token and the user's id.
    pub(crate) async fn newcomer(&self, email: &str, role: &str) -> (String, String) {
        let account = serde_json::json!({ "email": email, "password": "correct horse battery", "name": "New Comer", "role": role });
        let registered = self.post("/api/auth/register", "", &account).await;
        assert_eq!(registered.status, 201, "{}", registered.body);
        self.log_in(email).await
    }

    pub(crate) async fn log_in(&self, email: &str) -> (String, String) {
        let proof = serde_json::json!({ "email": email, "password": "correct horse battery" });
        let answer = self.post("/api/auth/login", "", &proof).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&answer.body["access_token"]),
            text(&answer.body["user"]["id"]),
        )
    }
}

/// The MongoDB server of the tests.
pub(crate) fn mongodb_uri() -> String {
    std::env::var("TEST_MONGODB_URI").expect(
        "TEST_MONGODB_URI is not set: run ./scripts/test, or eval \"$(scripts/mongodb-for-tests start)\"",
    )
}

/// Runs a program to its end: exit code, standard output, standard error.
pub(crate) async fn run(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A path that the tests may write to.
pub(crate) fn below(home: &Home, name: &str) -> PathBuf {
    let path: &Path = &home.data_dir();
    path.parent().unwrap().join(name)
}

fn reqwest_client() -> reqwest::Client {
    runtime::http::client().unwrap()
}
