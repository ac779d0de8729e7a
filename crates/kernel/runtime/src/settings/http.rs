use super::Problems;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The HTTP edge. Sizes are bytes, times are seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// The name of the API in its documentation.
    pub title: String,
    /// The origins whose pages may call the API from a browser, as in `http://localhost:5173`.
    pub cors_origins: Vec<String>,
    /// The most bytes of a request body.
    pub body_limit: usize,
    /// The most bytes of an import.
    pub import_body_limit: usize,
    /// The most bytes of the arguments of a call between processes.
    pub rpc_body_limit: usize,
    /// The most bytes of bodies that the process holds while they are being received, all clients together; beyond, who
    /// comes later is told to come back.
    pub body_memory: usize,
    /// The time that a client has to send the head of a request.
    pub header_timeout_seconds: u64,
    /// The time that a client has to send a body.
    pub body_timeout_seconds: u64,
    /// The time that a client has to send an import.
    pub import_timeout_seconds: u64,
    /// The time that a handler has to begin its answer, once the body is there.
    pub request_timeout_seconds: u64,
    /// How long a client may read nothing of an answer that waits for it.
    pub read_timeout_seconds: u64,
    /// How long an idle connection is kept open.
    pub keep_alive_seconds: u64,
    /// The most connections that one worker holds at once.
    pub max_connections: usize,
    /// How often a stream of server-sent events says again what has not changed.
    pub events_interval_seconds: u64,
    /// Proxies (addresses or networks such as `10.0.0.0/8`) whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            title: "WealthOS API".to_owned(),
            cors_origins: vec!["http://localhost:5173".to_owned()],
            body_limit: 1 << 20,
            import_body_limit: 32 << 20,
            rpc_body_limit: 16 << 20,
            body_memory: 256 << 20,
            header_timeout_seconds: 10,
            body_timeout_seconds: 15,
            import_timeout_seconds: 120,
            request_timeout_seconds: 30,
            read_timeout_seconds: 30,
            keep_alive_seconds: 15,
            max_connections: 10_000,
            events_interval_seconds: 30,
            trusted_proxies: Vec::new(),
        }
    }
}

impl HttpSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            (1..=3600).contains(&self.events_interval_seconds),
            "http.events_interval_seconds",
            "must be 1 to 3600",
        );
        problems.require(!self.title.trim().is_empty(), "http.title", "must not be empty");
        for origin in &self.cors_origins {
            problems.require(
                is_origin(origin),
                "http.cors_origins",
                "must be a list of origins such as [\"http://localhost:5173\"]: scheme, host and port, no path, no *",
            );
        }
        let sizes = [
            ("http.body_limit", self.body_limit),
            ("http.import_body_limit", self.import_body_limit),
            ("http.rpc_body_limit", self.rpc_body_limit),
            ("http.body_memory", self.body_memory),
        ];
        for (place, size) in sizes {
            problems.require(
                (1024..=1 << 30).contains(&size),
                place,
                "must be 1024 bytes to 1 GiB",
            );
        }
        let times = [
            ("http.header_timeout_seconds", self.header_timeout_seconds),
            ("http.body_timeout_seconds", self.body_timeout_seconds),
            ("http.import_timeout_seconds", self.import_timeout_seconds),
            ("http.request_timeout_seconds", self.request_timeout_seconds),
            ("http.read_timeout_seconds", self.read_timeout_seconds),
            ("http.keep_alive_seconds", self.keep_alive_seconds),
        ];
        for (place, seconds) in times {
            problems.require((1..=3600).contains(&seconds), place, "must be 1 to 3600 seconds");
        }
        problems.require(
            (1..=1_000_000).contains(&self.max_connections),
            "http.max_connections",
            "must be 1 to 1000000",
        );
        problems.require(
            self.trusted_proxies.iter().all(|proxy| is_network(proxy)),
            "http.trusted_proxies",
            "must be addresses or networks such as 10.0.0.0/8",
        );
    }
}

fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}
