use std::path::PathBuf;
use tempfile::TempDir;
use testkit::BrokerServer;

/// A broker with its data in a folder that goes away with it.
pub(crate) struct Broker {
    pub(crate) port: u16,
    server: BrokerServer,
    _directory: TempDir,
}

impl Broker {
    pub(crate) fn start(kind: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/broker-for-tests");
        let mut server = BrokerServer::new(kind, &script, directory.path()).unwrap();
        server.start().unwrap();
        Self {
            port: server.port(),
            server,
            _directory: directory,
        }
    }

    /// Starts the server on the data that it has.
    pub(crate) fn start_again(&mut self) {
        self.server.start().unwrap();
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.server.kill();
    }
}

impl Drop for Broker {
    #[allow(clippy::print_stderr, reason = "a failed test shows what the broker said")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} said: {}", self.server.kind(), self.server.output());
        }
    }
}
