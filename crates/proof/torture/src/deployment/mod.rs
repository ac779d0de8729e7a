//! The processes of a run, the wires between them, and the ground they stand on.

mod broker;
mod database;
mod disk;
mod operator;
mod points;
mod server;
mod wiring;

pub(crate) use broker::Broker;
pub(crate) use database::Database;
pub(crate) use disk::way_to_fill;

use crate::{
    arguments::{StoreKind, Topology},
    dice::Dice,
    error::Error,
    load::Api,
    report::say,
};
use disk::Disk;
use points::Armed;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use testkit::{ServedProgram, Wire};
use wiring::{connect, wire_to};

/// The groups in the order in which they are started: whoever is called comes first. Each has a feed.
pub(crate) const GROUPS: [&str; 6] = [
    "auth",
    "advisory",
    "wealth",
    "finance",
    "integrations",
    "infrastructure",
];
/// The group that is elsewhere in a hybrid.
const APART: &str = "finance";
pub(crate) const FORWARDED: &str = "/api/";
pub(crate) const CALLED: &str = "/rpc/";
/// How long a process may take to be ready on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a process may take to say how it is when a run has failed.
const LAST_WORD: Duration = Duration::from_secs(3);
/// What all processes of a deployment know.
const SECRETS: [(&str, &str); 2] = [
    ("JWT_SECRET", "a secret for tests that is long enough 0123456789"),
    ("ENCRYPTION_KEY", "another secret for tests that is long enough"),
];

/// A running platform that can be broken.
pub(crate) struct Deployment {
    home: PathBuf,
    programs: PathBuf,
    pub(crate) disk: Option<Disk>,
    pub(crate) database: Option<Database>,
    pub(crate) broker: Option<Broker>,
    members: Vec<Member>,
    /// Between the clients and the process that they talk to.
    front: Wire,
    /// A mistake that every start plants.
    planted: Option<&'static str>,
    /// How many events the audit log had heard that are not in what was restored: it forgets nothing.
    pub(crate) audit_ahead: u64,
}

struct Member {
    name: &'static str,
    program: ServedProgram,
    /// Where it finds other groups: at the near ends of their wires.
    remotes: Vec<(&'static str, SocketAddr)>,
    /// The way to it for the others.
    wire: Option<Wire>,
    armed: Armed,
}

/// How a process ended by itself.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) name: &'static str,
    /// The fail point at which it was to die, if it died of that.
    pub(crate) point: Option<&'static str>,
    pub(crate) status: String,
}

impl Deployment {
    /// Prepares the processes and the ground below a directory; nothing runs yet.
    pub(crate) async fn prepare(
        home: &Path,
        programs: &Path,
        topology: Topology,
        store: StoreKind,
        planted: Option<&'static str>,
    ) -> Result<Self, Error> {
        let at = |name: &str| home.join(name);
        let member = |name: &'static str, program: &str| {
            let program = ServedProgram::new(programs.join(program), at(&format!("{name}.log")));
            Ok::<_, Error>(Member {
                name,
                program: program.map_err(|error| Error::at("find a free port", error))?,
                remotes: Vec::new(),
                wire: None,
                armed: Armed::default(),
            })
        };
        let mut members = match topology {
            Topology::Monolith => vec![member("monolith", "monolith")?],
            Topology::Hybrid => vec![member("monolith", "monolith")?, member(APART, "finance_service")?],
            Topology::Split => {
                let mut members = vec![member("gateway", "gateway")?];
                for group in GROUPS {
                    members.push(member(group, &format!("{group}_service"))?);
                }
                members
            }
        };
        connect(&mut members).await?;
        let front = wire_to(&members[0]).await?;
        let (disk, database) = match store {
            StoreKind::Sqlite => (Some(Disk::lay(&at("data")).await?), None),
            StoreKind::Mongodb => (None, Some(Database::new(home).await?)),
        };
        Ok(Self {
            home: home.to_owned(),
            programs: programs.to_owned(),
            disk,
            database,
            broker: None,
            members,
            front,
            planted,
            audit_ahead: 0,
        })
    }

    /// Has a broker stand beside the processes, which take commands from it. For what is not started yet.
    pub(crate) async fn with_broker(mut self) -> Result<Self, Error> {
        self.broker = Some(Broker::start(&self.home).await?);
        Ok(self)
    }

    /// The API as clients reach it.
    pub(crate) fn api(&self) -> Result<Api, Error> {
        Api::at(self.front.address())
    }

    /// The same with nothing in between.
    pub(crate) fn front(&self) -> Result<Api, Error> {
        Api::at(self.members[0].program.address())
    }

    /// The names of the processes; the one that clients talk to comes first.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.members.iter().map(|member| member.name).collect()
    }

    /// All wires that can be disturbed: to the clients, between processes, to the database.
    pub(crate) fn wires(&self) -> Vec<(&'static str, &Wire)> {
        let between = self
            .members
            .iter()
            .filter_map(|member| member.wire.as_ref().map(|wire| (member.name, wire)));
        let database = self.database.iter().map(|database| ("database", &database.wire));
        let broker = self.broker.iter().map(|broker| ("broker", &broker.wire));
        [("clients", &self.front)]
            .into_iter()
            .chain(between)
            .chain(database)
            .chain(broker)
            .collect()
    }

    /// Where a group's data lies, where it lies in files.
    pub(crate) fn files(&self) -> Option<PathBuf> {
        self.disk.as_ref().map(|disk| disk.place().to_owned())
    }

    /// Starts a process that does not run; answers what is armed in it. With dice it may die at a named point and meet
    /// small trouble everywhere.
    pub(crate) fn start(&mut self, name: &str, dice: Option<&Dice>) -> Result<Armed, Error> {
        let data = self.files().unwrap_or_else(|| self.home.join("data"));
        let database = self.database.as_ref().map(|database| database.url.clone());
        let broker = self.broker.as_ref().map(|broker| broker.wired_url.clone());
        let (home, planted) = (self.home.clone(), self.planted);
        let member = self.member(name)?;
        member.armed = dice.map_or_else(Armed::default, |dice| Armed::by(dice, planted));
        let points = member.armed.text();
        let advertised = member.wire.as_ref().map(Wire::address);
        let remotes = member.remotes.clone();
        let started = member.program.spawn(|command| {
            command
                .current_dir(&home)
                .envs(SECRETS)
                .env("METRICS_PORT", "0")
                .env("WEALTHOS__LIMITS__ENABLED", "false")
                .env("FAILPOINTS", points)
                .envs(database.map(|url| ("DATABASE_URL", url)))
                .arg("--data-dir")
                .arg(&data);
            if let Some(url) = broker {
                command
                    .env("RABBITMQ_URL", url)
                    .env("WEALTHOS__BRIDGES__RABBITMQ__CONSUME", "true");
            }
            if let Some(address) = advertised {
                command.env("WEALTHOS__TOPOLOGY__ADVERTISE", format!("http://{address}"));
            }
            for (group, address) in remotes {
                command.arg("--remote").arg(format!("{group}=http://{address}"));
            }
        });
        started.map_err(|error| Error::at(format!("start {name}"), error))?;
        Ok(self.member(name)?.armed.clone())
    }

    /// From the next start on the data lies in another, empty place.
    pub(crate) async fn move_to(&mut self, name: &str) -> Result<(), Error> {
        self.disk = Some(Disk::lay(&self.home.join(name)).await?);
        Ok(())
    }

    /// Ends a process at once.
    pub(crate) async fn kill(&mut self, name: &str) -> Result<(), Error> {
        let killed = self.member(name)?.program.kill().await;
        killed.map_err(|error| Error::at(format!("kill {name}"), error))
    }

    /// Ends a process at once and lets nobody hold its socket, so that connections to it are refused until its next start.
    pub(crate) async fn bury(&mut self, name: &str) -> Result<(), Error> {
        self.member(name)?.program.let_socket_go();
        self.kill(name).await
    }

    /// Replaces a process as a supervisor does: the old one is told to stop and finishes what it has, the new one takes over
    /// its socket and gets ready.
    pub(crate) async fn replace(&mut self, name: &'static str) -> Result<(), Error> {
        self.signal(name, "TERM").await;
        let stopping = self.member(name)?.program.wait();
        let status = tokio::time::timeout(PATIENCE, stopping)
            .await
            .map_err(|late| Error::at(format!("see {name} stop within {PATIENCE:?}"), late))?
            .map_err(|error| Error::at(format!("see {name} stop"), error))?;
        if !status.success() {
            return Err(Error::at(
                format!("see {name} stop gracefully"),
                status.to_string(),
            ));
        }
        self.start(name, None)?;
        self.ready().await
    }

    /// The wire to a process, which counts what is asked of it.
    pub(crate) fn wire(&self, name: &str) -> Result<&Wire, Error> {
        let found = self.wires().into_iter().find(|(place, _)| *place == name);
        let (_, wire) = found.ok_or_else(|| Error::at("find a wire", format!("none leads to {name}")))?;
        Ok(wire)
    }

    /// Ends all processes.
    pub(crate) async fn stop(&mut self) -> Result<(), Error> {
        for name in self.names() {
            self.kill(name).await?;
        }
        Ok(())
    }

    /// Sends a signal to a process that runs.
    pub(crate) async fn signal(&mut self, name: &str, signal: &str) {
        // One that has ended meanwhile needs none.
        if let Ok(member) = self.member(name) {
            let _ = member.program.signal(signal).await;
        }
    }

    /// The number of a process that runs.
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.members
            .iter()
            .filter_map(|member| member.program.id())
            .collect()
    }

    /// The processes that ended by themselves since this was asked last.
    pub(crate) fn ended(&mut self) -> Result<Vec<Ended>, Error> {
        let mut ended = Vec::new();
        for member in &mut self.members {
            let status = member
                .program
                .ended()
                .map_err(|error| Error::at(format!("look after {}", member.name), error))?;
            let Some(status) = status else { continue };
            ended.push(Ended {
                name: member.name,
                point: member.armed.death().filter(|_| is_abort(status)),
                status: status.to_string(),
            });
        }
        Ok(ended)
    }

    /// Waits until every process is ready and misses nothing.
    pub(crate) async fn ready(&self) -> Result<(), Error> {
        let end = Instant::now() + PATIENCE;
        for member in &self.members {
            let api = Api::at(member.program.address())?;
            loop {
                let last = match api.get("/ready", "").await {
                    Ok(reply) if reply.json()["degraded"] == serde_json::json!([]) => break,
                    Ok(reply) => reply.text,
                    Err(error) => error,
                };
                if Instant::now() > end {
                    let log = last_lines(&member.program.log_text(), 10);
                    let what = format!("see {} ready within {PATIENCE:?}", member.name);
                    return Err(Error::at(what, format!("{last}\n{log}")));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    /// Says how each process is and what it complained of last: for a run that did not end well.
    pub(crate) async fn tell_last_words(&mut self) {
        for member in &mut self.members {
            let condition = match (member.program.ended(), member.program.id()) {
                (Ok(Some(status)), _) => format!("ended with {status}"),
                (Ok(None), Some(_)) => "runs".to_owned(),
                (Ok(None), None) => "does not run".to_owned(),
                (Err(error), _) => error.to_string(),
            };
            let ready = match Api::at(member.program.address()) {
                Ok(api) => api.ask("/ready", "", LAST_WORD).await,
                Err(error) => Err(error.to_string()),
            };
            let ready = ready.map_or_else(|error| error, |reply| format!("{} {}", reply.status, reply.text));
            say(&format!("  {} {condition}; /ready: {ready}", member.name));
            for line in last_lines(&member.program.log_text(), 5).lines() {
                say(&format!("    {line}"));
            }
        }
        let broker = self.broker.as_ref().map(Broker::output).unwrap_or_default();
        for line in last_lines(&broker, 5).lines() {
            say(&format!("  RabbitMQ: {line}"));
        }
    }

    /// What the processes wrote that says that they panicked, with their names.
    pub(crate) fn panics(&self) -> Vec<String> {
        let logs = self
            .members
            .iter()
            .map(|member| (member.name, member.program.log_text()));
        logs.flat_map(|(name, log)| {
            let lines: Vec<String> = log
                .lines()
                .filter(|line| line.contains("panicked at"))
                .map(|line| format!("{name}: {line}"))
                .collect();
            lines
        })
        .collect()
    }

    fn member(&mut self, name: &str) -> Result<&mut Member, Error> {
        let found = self.members.iter_mut().find(|member| member.name == name);
        found.ok_or_else(|| Error::at("find a process", format!("there is no {name}")))
    }
}

fn is_abort(status: std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    const SIGABRT: i32 = 6;
    status.signal() == Some(SIGABRT)
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().rev().take(count).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
