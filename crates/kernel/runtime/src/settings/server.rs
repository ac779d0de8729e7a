use super::Problems;
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// Where the process listens and what it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// The address to listen on: an IP address or `localhost`.
    pub host: String,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The port that serves `/metrics` alone: unset is 8080 beside a process on 8000 and none beside others; 0 is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_port: Option<u16>,
    /// The address on which calls between processes (`/rpc`) are answered, and nothing else; they are then refused
    /// everywhere else. Unset answers them beside everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal_listen: Option<SocketAddr>,
    /// Threads that serve requests; 0 is one per core.
    pub workers: usize,
    /// The directory for databases and made secrets.
    pub data_dir: PathBuf,
    /// The groups to serve; empty is all that are built in.
    pub groups: Vec<String>,
    /// The route modules to serve; empty is all of the groups that are served.
    pub modules: Vec<String>,
    /// Put demo data into an empty store.
    pub demo: bool,
    /// Serve the API documentation at `/docs`.
    pub docs: bool,
    /// Seconds that requests in flight have to end when the process stops.
    pub stop_seconds: u64,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            metrics_port: None,
            internal_listen: None,
            workers: 0,
            data_dir: PathBuf::from("./data"),
            groups: Vec::new(),
            modules: Vec::new(),
            demo: false,
            docs: true,
            stop_seconds: 30,
        }
    }
}

impl ServerSettings {
    /// The port of the metrics listener, if there is to be one.
    pub fn metrics_port(&self) -> Option<u16> {
        match self.metrics_port {
            Some(0) => None,
            Some(port) => Some(port),
            None => (self.port == 8000).then_some(8080),
        }
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.host == "localhost" || self.host.parse::<IpAddr>().is_ok(),
            "server.host",
            "must be an IP address such as 127.0.0.1 or 0.0.0.0, or localhost",
        );
        problems.require(self.workers <= 1024, "server.workers", "must be 0 to 1024");
        problems.require(
            self.port == 0 || self.metrics_port() != Some(self.port),
            "server.metrics_port",
            "must differ from server.port; 0 turns the extra listener off",
        );
        problems.require(
            self.internal_listen.is_none_or(|address| {
                address.port() == 0
                    || (address.port() != self.port && self.metrics_port() != Some(address.port()))
            }),
            "server.internal_listen",
            "must have a port that differs from server.port and server.metrics_port",
        );
        problems.require(
            !self.data_dir.as_os_str().is_empty(),
            "server.data_dir",
            "must name a directory",
        );
        problems.require(
            self.groups.iter().all(|group| !group.trim().is_empty()),
            "server.groups",
            "must be names of groups separated by commas",
        );
        problems.require(
            self.modules.iter().all(|module| !module.trim().is_empty()),
            "server.modules",
            "must be names of route modules separated by commas",
        );
        problems.require(
            self.stop_seconds <= 3600,
            "server.stop_seconds",
            "must be 0 to 3600 seconds",
        );
    }
}
