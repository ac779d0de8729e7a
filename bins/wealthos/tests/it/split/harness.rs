use crate::process::{Home, Remote, path_of};
use std::{collections::BTreeMap, net::SocketAddr, path::Path, time::Duration};
use testkit::ServedProgram;
use tokio::process::Command;

/// The groups in the order in which a new version is rolled out: whoever is called comes first.
pub(super) const GROUPS: [&str; 6] = [
    "auth",
    "advisory",
    "finance",
    "wealth",
    "integrations",
    "infrastructure",
];
/// The process that users talk to.
pub(super) const GATEWAY: &str = "gateway";
/// A second process of finance.
pub(super) const TWIN: &str = "twin";
/// A third, which nobody is told of.
pub(super) const FOUND: &str = "found";
/// How long a process may take to be ready on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// What all processes of a deployment know.
const SECRETS: [(&str, &str); 2] = [
    ("JWT_SECRET", "a secret for tests that is long enough 0123456789"),
    ("ENCRYPTION_KEY", "another secret for tests that is long enough"),
];

/// The processes of a deployment, one of which users talk to. What started them holds their sockets, as a supervisor does, so
/// that a process can be replaced without a connection being refused.
pub(super) struct Split {
    home: Home,
    members: BTreeMap<&'static str, Member>,
}

struct Member {
    program: ServedProgram,
    /// Where it finds other groups.
    remotes: Vec<(&'static str, SocketAddr)>,
    /// The route modules that it serves; empty is all of its groups.
    modules: &'static str,
}

impl Member {
    /// A program, under the name that it has in the deployment.
    fn new(home: &Home, name: &str, program: &str) -> Self {
        let log = home.place().join(format!("{name}.log"));
        Self {
            program: ServedProgram::new(path_of(program), log).unwrap(),
            remotes: Vec::new(),
            modules: "",
        }
    }

    fn service(home: &Home, group: &str) -> Self {
        Self::new(home, group, &format!("{group}_service"))
    }

    fn address(&self) -> SocketAddr {
        self.program.address()
    }
}

impl Split {
    /// Starts a process for each group and the gateway, and waits until all are ready.
    pub(super) async fn start() -> Self {
        Self::start_at(Home::sqlite()).await
    }

    /// The same over the data of this home.
    pub(super) async fn start_at(home: Home) -> Self {
        let services = GROUPS.map(|group| (group, Member::service(&home, group)));
        let addresses = services
            .each_ref()
            .map(|(group, member)| (*group, member.address()));
        let gateway = (GATEWAY, Member::new(&home, GATEWAY, GATEWAY));
        let mut split = Self::of(home, services.into_iter().chain([gateway]));
        for (name, member) in &mut split.members {
            member.remotes = addresses
                .iter()
                .filter(|(group, _)| group != name)
                .copied()
                .collect();
        }
        split.start_all().await;
        split
    }

    /// Starts a monolith with every group, which is the gateway, and beside it a process that could serve one of them.
    pub(super) async fn beside(group: &'static str) -> Self {
        let home = Home::sqlite();
        let monolith = Member::new(&home, GATEWAY, "monolith");
        let mut service = Member::service(&home, group);
        let others = GROUPS.into_iter().filter(|other| *other != group);
        service.remotes = others.map(|other| (other, monolith.address())).collect();
        let mut split = Self::of(home, [(GATEWAY, monolith), (group, service)]);
        split.start_all().await;
        split
    }

    /// Finance in two processes on one store behind the gateway, `finance` and [`TWIN`]; and a third, [`FOUND`], of which the
    /// topology knows nothing and which is not started.
    pub(super) async fn sharing(home: Home) -> Self {
        let services = GROUPS.map(|group| (group, Member::service(&home, group)));
        let twins = [TWIN, FOUND].map(|name| (name, Member::new(&home, name, "finance_service")));
        let addresses = services
            .each_ref()
            .map(|(group, member)| (*group, member.address()));
        let second = ("finance", twins[0].1.address());
        let gateway = (GATEWAY, Member::new(&home, GATEWAY, GATEWAY));
        let mut split = Self::of(home, services.into_iter().chain(twins).chain([gateway]));
        for (name, member) in &mut split.members {
            let group = if [TWIN, FOUND].contains(name) {
                "finance"
            } else {
                *name
            };
            let all = addresses.iter().chain([&second]);
            member.remotes = all.filter(|(other, _)| *other != group).copied().collect();
        }
        let names: Vec<&'static str> = split.members.keys().copied().collect();
        for name in names.iter().filter(|name| **name != FOUND) {
            split.spawn(name);
        }
        for name in names.iter().filter(|name| **name != FOUND) {
            split.ready(name).await;
        }
        split
    }

    /// A monolith, and beside it a process for each of these modules of finance alone, named like it.
    pub(super) async fn modules(modules: &[&'static str]) -> Self {
        let home = Home::sqlite();
        let monolith = Member::new(&home, GATEWAY, "monolith");
        let front = monolith.address();
        let services = modules.iter().map(|module| {
            let mut member = Member::new(&home, module, "finance_service");
            let others = GROUPS.into_iter().filter(|group| *group != "finance");
            member.remotes = others.map(|other| (other, front)).collect();
            member.modules = *module;
            (*module, member)
        });
        let services: Vec<_> = services.collect();
        let mut split = Self::of(home, services.into_iter().chain([(GATEWAY, monolith)]));
        split.start_all().await;
        split
    }

    /// The same, and the monolith sends each module's paths to its process. `twin` serves the first of them as well, is told to
    /// nobody, and is not started.
    pub(super) async fn forwarded_modules(
        modules: &[(&'static str, &'static str)],
        twin: &'static str,
    ) -> Self {
        let home = Home::sqlite();
        let mut monolith = Member::new(&home, GATEWAY, "monolith");
        let front = monolith.address();
        let twins = modules.first().map(|(module, _)| (twin, *module));
        let named = modules.iter().map(|(module, _)| (*module, *module));
        let services = named.chain(twins).map(|(name, module)| {
            let mut member = Member::new(&home, name, "finance_service");
            let others = GROUPS.into_iter().filter(|group| *group != "finance");
            member.remotes = others.map(|other| (other, front)).collect();
            member.modules = module;
            (name, member)
        });
        let services: Vec<_> = services.collect();
        let places = modules.iter().zip(&services);
        monolith.remotes = places
            .map(|((_, setting), (_, member))| (*setting, member.address()))
            .collect();
        let mut split = Self::of(home, services.into_iter().chain([(GATEWAY, monolith)]));
        let names: Vec<&'static str> = split.members.keys().copied().collect();
        for name in names.iter().filter(|name| **name != twin) {
            split.spawn(name);
        }
        for name in names.iter().filter(|name| **name != twin) {
            split.ready(name).await;
        }
        split
    }

    fn of(home: Home, members: impl IntoIterator<Item = (&'static str, Member)>) -> Self {
        Self {
            home,
            members: members.into_iter().collect(),
        }
    }

    async fn start_all(&mut self) {
        let names: Vec<&'static str> = self.members.keys().copied().collect();
        for name in &names {
            self.spawn(name);
        }
        for name in names {
            self.ready(name).await;
        }
    }

    /// Where one process listens, as in `http://127.0.0.1:8011`.
    pub(super) fn address(&self, name: &str) -> String {
        format!("http://{}", self.members[name].address())
    }

    /// The operator's tool, at the same data and with the same secrets.
    pub(super) fn operator(&self) -> Command {
        let mut command = self.home.command("wealthctl");
        command.envs(SECRETS);
        command
    }

    /// Where a file of the operator may lie.
    pub(super) fn place(&self) -> &Path {
        self.home.place()
    }

    /// The one address of all.
    pub(super) fn gateway(&self) -> Remote {
        self.remote(GATEWAY)
    }

    /// Where one process listens.
    pub(super) fn remote(&self, name: &str) -> Remote {
        Remote::at(&self.address(name))
    }

    /// Starts a process on its socket.
    pub(super) fn spawn(&mut self, name: &'static str) {
        let home = &self.home;
        let member = self.members.get_mut(name).unwrap();
        let (remotes, modules) = (&member.remotes, member.modules);
        let started = member.program.spawn(|command| {
            command
                .env("METRICS_PORT", "0")
                .env("WEALTHOS__LIMITS__ENABLED", "false")
                .envs(SECRETS)
                .envs(home.database().map(|url| ("DATABASE_URL", url)))
                .current_dir(home.place())
                .arg("--data-dir")
                .arg(home.data_dir());
            if !modules.is_empty() {
                command.args(["--modules", modules]);
            }
            for (group, address) in remotes {
                command.arg("--remote").arg(format!("{group}=http://{address}"));
            }
        });
        started.unwrap();
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
        let program = &mut self.member(name).program;
        program.let_socket_go();
        program.kill().await.unwrap();
    }

    /// Replaces a process: the old one is told to stop and finishes what it has, the new one takes over its socket.
    pub(super) async fn replace(&mut self, name: &'static str) {
        self.signal(name, "TERM").await;
        let status = self.member(name).program.wait().await.unwrap();
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
        self.members[name].program.signal(signal).await.unwrap();
    }

    fn member(&mut self, name: &str) -> &mut Member {
        self.members.get_mut(name).unwrap()
    }

    /// What a process wrote.
    pub(super) fn log_of(&self, name: &str) -> String {
        self.members[name].program.log_text()
    }

    /// The end of what a process wrote.
    fn last_words(&self, name: &str) -> String {
        let log = self.log_of(name);
        let lines: Vec<&str> = log.lines().rev().take(10).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// No process may have panicked, and the gateway has no reason to complain of its own mistakes.
    pub(super) fn assert_calm(&self) {
        for name in self.members.keys() {
            let log = self.log_of(name);
            assert!(
                !log.contains("panicked at"),
                "{name} panicked:\n{}",
                self.last_words(name)
            );
        }
    }
}

/// A test that fails shows what the processes complained of.
#[allow(
    clippy::print_stderr,
    reason = "it is read by whoever looks at a test that failed"
)]
impl Drop for Split {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for name in self.members.keys() {
            let log = self.log_of(name);
            // Until a process is ready it says so with 503, which is no complaint.
            let complaints = log
                .lines()
                .filter(|line| line.contains(r#""level":"WARN""#) || line.contains(r#""level":"ERROR""#))
                .filter(|line| !line.contains(r#""path":"/ready""#));
            for line in complaints.take(40) {
                eprintln!("{name}: {line}");
            }
        }
    }
}
