use std::{
    fs::File,
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A broker in a process group of its own, with its data in a folder that goes away with it.
pub(super) struct Broker {
    kind: &'static str,
    pub(super) port: u16,
    directory: TempDir,
    child: Option<Child>,
}

impl Broker {
    pub(super) fn start(kind: &'static str) -> Self {
        let mut broker = Self {
            kind,
            port: free_port(),
            directory: tempfile::tempdir().unwrap(),
            child: None,
        };
        broker.start_again();
        broker
    }

    /// Starts the server on the data that it has.
    pub(super) fn start_again(&mut self) {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/broker-for-tests");
        let log = File::create(self.directory.path().join("output")).unwrap();
        let child = Command::new(script)
            .args([self.kind, &self.port.to_string()])
            .arg(self.directory.path().join("data"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn();
        self.child = Some(child.unwrap());
    }

    /// Ends it as a power cut would.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-9", "--", &group]).status();
            let _ = child.wait();
        }
    }
}

impl Drop for Broker {
    #[allow(clippy::print_stderr, reason = "a failed test shows what the broker said")]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let said = std::fs::read_to_string(self.directory.path().join("output"));
            eprintln!("{} said: {}", self.kind, said.unwrap_or_default());
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
