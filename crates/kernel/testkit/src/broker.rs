use kernel::{Entropy, SystemEntropy};
use std::{
    fs::OpenOptions,
    io,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// How many pairs of ports there are to choose from.
const PAIRS: u16 = 9_000;

/// A message broker as a real process, in a process group of its own, on data that outlives it.
pub struct BrokerServer {
    kind: &'static str,
    script: PathBuf,
    directory: PathBuf,
    port: u16,
    child: Option<Child>,
    /// Whether the script starts several kinds, and has to be told which.
    pub(crate) is_named: bool,
}

impl BrokerServer {
    /// A broker (`rabbitmq` or `redis`) that does not run yet, on a free port, with its data and what it says below
    /// `directory`. `script` is the repository's `scripts/broker-for-tests`.
    pub fn new(kind: &'static str, script: &Path, directory: &Path) -> io::Result<Self> {
        Ok(Self {
            kind,
            script: script.to_owned(),
            directory: directory.to_owned(),
            port: free_port()?,
            child: None,
            is_named: true,
        })
    }

    /// Starts it on the data that it has. It takes seconds until it lets anybody in.
    pub fn start(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let log = options.create(true).append(true).open(self.output_path())?;
        let child = Command::new(&self.script)
            .args(self.is_named.then_some(self.kind))
            .arg(self.port.to_string())
            .arg(self.directory.join("data"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Ends it as a power cut would, and waits until nothing of it is left.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let group = format!("-{}", child.id());
            let outside = outside_the_group(child.id());
            let _ = Command::new("kill")
                .args(["-9", "--", &group])
                .args(&outside)
                .status();
            let _ = child.wait();
            for process in outside {
                // One that has ended and that nobody has buried has no program any more.
                while std::fs::read_link(format!("/proc/{process}/exe")).is_ok() {
                    std::thread::yield_now();
                }
            }
        }
    }

    /// Where it listens, on the loopback interface.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it is.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What it has said so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.output_path()).unwrap_or_default()
    }

    fn output_path(&self) -> PathBuf {
        self.directory.join(format!("{}.log", self.kind))
    }
}

impl Drop for BrokerServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The children of a process that lead groups of their own, as each backend of PostgreSQL does: one that lives on for a
/// moment keeps a server that is started again from its data.
fn outside_the_group(process: u32) -> Vec<String> {
    let children = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    children
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// A port that nobody has, nor the one after it. Below those that the system hands out by itself: a broker takes seconds
/// until it listens, and again when it is started once more, and meanwhile any connection of this machine could be given
/// a port of those.
fn free_port() -> io::Result<u16> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut begin = [0; 2];
    SystemEntropy.fill(&mut begin);
    let begin = u16::from_le_bytes(begin) % PAIRS;
    let mut ports = (0..PAIRS).map(|step| 10_000 + 2 * ((begin + step) % PAIRS));
    let free = ports.find(|port| is_free(*port) && is_free(port + 1));
    free.ok_or_else(|| io::Error::from(io::ErrorKind::AddrInUse))
}
