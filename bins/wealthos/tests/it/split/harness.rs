use crate::process::{Home, Remote, path_of};
use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};
use tokio::process::{Child, Command};

/// The groups in the order in which a new version is rolled out: whoever is called comes first.
pub(super) const GROUPS: [&str; 5] = ["auth", "advisory", "finance", "integrations", "infrastructure"];
/// The process that users talk to.
pub(super) const GATEWAY: &str = "gateway";
/// How long a process may take to be ready on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Takes the socket, which comes as standard input, over as the first one that is passed on.
const PASS_ON: &str = r#"exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@""#;

/// Every group in a process of its own, and a gateway. What started them holds their sockets, as a supervisor does, so
/// that a process can be replaced without a connection being refused.
pub(super) struct Split {
    home: Home,
    members: BTreeMap<&'static str, Member>,
}

struct Member {
    program: String,
    address: SocketAddr,
    /// None while the socket is the process's alone and goes away with it.
    socket: Option<TcpListener>,
    child: Option<Child>,
}

impl Split {
    /// Starts all and waits until all are ready.
    pub(super) async fn start() -> Self {
        let mut members = BTreeMap::new();
        for name in GROUPS.into_iter().chain([GATEWAY]) {
            let socket = TcpListener::bind("127.0.0.1:0").unwrap();
            let program = match name {
                GATEWAY => name.to_owned(),
                group => format!("{group}_service"),
            };
            let member = Member {
                program,
                address: socket.local_addr().unwrap(),
                socket: Some(socket),
                child: None,
            };
            members.insert(name, member);
        }
        let mut split = Self {
            home: Home::sqlite(),
            members,
        };
        for name in GROUPS.into_iter().chain([GATEWAY]) {
            split.spawn(name);
        }
        for name in GROUPS.into_iter().chain([GATEWAY]) {
            split.ready(name).await;
        }
        split
    }

    /// The one address of all.
    pub(super) fn gateway(&self) -> Remote {
        self.remote(GATEWAY)
    }

    /// Where one process listens.
    pub(super) fn remote(&self, name: &str) -> Remote {
        Remote::at(&format!("http://{}", self.members[name].address))
    }

    /// Starts a process on its socket.
    pub(super) fn spawn(&mut self, name: &'static str) {
        let address = self.members[name].address;
        let kept = self.members[name]
            .socket
            .as_ref()
            .map(|socket| socket.try_clone().unwrap());
        // Nobody held the socket: the port is taken again.
        let socket = kept.unwrap_or_else(|| TcpListener::bind(address).unwrap());
        let child = self.command(name, socket).spawn().unwrap();
        self.member(name).child = Some(child);
    }

    fn command(&self, name: &str, socket: TcpListener) -> Command {
        let member = &self.members[name];
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log(name))
            .unwrap();
        let mut command = Command::new("sh");
        command
            .env_clear()
            .env("METRICS_PORT", "0")
            .env("WEALTHOS__LIMITS__ENABLED", "false")
            .env("JWT_SECRET", "a secret for tests that is long enough 0123456789")
            .env("ENCRYPTION_KEY", "another secret for tests that is long enough")
            .current_dir(self.home.place())
            .kill_on_drop(true)
            .stdin(Stdio::from(OwnedFd::from(socket)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(log))
            .args(["-c", PASS_ON, "sh", path_of(&member.program)])
            .arg("--data-dir")
            .arg(self.home.data_dir());
        for (group, other) in self
            .members
            .iter()
            .filter(|(group, _)| **group != name && **group != GATEWAY)
        {
            command
                .arg("--remote")
                .arg(format!("{group}=http://{}", other.address));
        }
        command
    }

    /// Waits until a process wants requests and misses nothing.
    pub(super) async fn ready(&self, name: &str) {
        let api = self.remote(name);
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let asked = api
                .try_send(api.request(reqwest::Method::GET, "/ready", ""))
                .await;
            let last = match asked {
                Ok(reply) if reply.status == 200 && reply.body["degraded"] == serde_json::json!([]) => return,
                Ok(reply) => reply.body.to_string(),
                Err(error) => format!("{error:?}"),
            };
            assert!(
                tokio::time::Instant::now() < end,
                "{name} is not ready after {PATIENCE:?}: {last}\n{}",
                self.last_words(name)
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends a process at once, as a crash would; nobody holds its socket then.
    pub(super) async fn kill(&mut self, name: &'static str) {
        let member = self.member(name);
        member.socket = None;
        let mut child = member.child.take().unwrap();
        child.kill().await.unwrap();
    }

    /// Replaces a process: the old one is told to stop and finishes what it has, the new one takes over its socket.
    pub(super) async fn replace(&mut self, name: &'static str) {
        self.signal(name, "TERM").await;
        let mut child = self.member(name).child.take().unwrap();
        let status = child.wait().await.unwrap();
        assert!(
            status.success(),
            "{name} did not stop gracefully: {status}\n{}",
            self.last_words(name)
        );
        self.spawn(name);
        self.ready(name).await;
    }

    /// Sends a signal to a process.
    pub(super) async fn signal(&mut self, name: &'static str, signal: &str) {
        let id = self.member(name).child.as_ref().and_then(Child::id).unwrap();
        let sent = Command::new("kill")
            .args([format!("-{signal}"), id.to_string()])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }

    fn member(&mut self, name: &str) -> &mut Member {
        self.members.get_mut(name).unwrap()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.home.place().join(format!("{name}.log"))
    }

    /// The end of what a process wrote.
    pub(super) fn last_words(&self, name: &str) -> String {
        let log = std::fs::read_to_string(self.log(name)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(10).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// No process may have panicked, and the gateway has no reason to complain of its own mistakes.
    pub(super) fn assert_calm(&self) {
        for name in self.members.keys() {
            let log = std::fs::read_to_string(self.log(name)).unwrap_or_default();
            assert!(
                !log.contains("panicked at"),
                "{name} panicked:\n{}",
                self.last_words(name)
            );
        }
    }
}
