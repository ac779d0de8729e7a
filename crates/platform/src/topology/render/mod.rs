//! What deployments need, made from the same two sources as the platform itself: what groups are, and where the topology
//! places them. The files are committed; a test compares them with what is rendered.

mod compose;
mod kong;
mod kubernetes;
mod nginx;
mod prometheus;

use super::{PlacedGroup, Placement, Topology};
use clap::ValueEnum;

/// What to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Docker compose: one process, finance apart, every group apart, production.
    Compose,
    /// Kubernetes: one process, and every group apart.
    Kubernetes,
    /// nginx before the services.
    Nginx,
    /// Kong before the services, declarative.
    Kong,
    /// What Prometheus is to scrape.
    Prometheus,
    /// All of them.
    All,
}

impl Target {
    /// The word on the command line.
    fn word(self) -> &'static str {
        match self {
            Target::Compose => "compose",
            Target::Kubernetes => "kubernetes",
            Target::Nginx => "nginx",
            Target::Kong => "kong",
            Target::Prometheus => "prometheus",
            Target::All => "all",
        }
    }
}

/// A file of `deploy/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Where it goes, below `deploy/`.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

impl RenderedFile {
    fn new(target: Target, path: &str, text: &str) -> Self {
        let word = target.word();
        let head = format!(
            "# Rendered by `wealthctl topology render {word}` from config/topology.toml: change that, not this.\n"
        );
        Self {
            path: path.to_owned(),
            text: head + text,
        }
    }
}

/// The files for a target.
pub fn render(topology: &Topology, target: Target) -> Vec<RenderedFile> {
    match target {
        Target::Compose => compose::files(topology),
        Target::Kubernetes => kubernetes::files(topology),
        Target::Nginx => vec![nginx::file(topology)],
        Target::Kong => vec![kong::file(topology)],
        Target::Prometheus => vec![prometheus::file(topology)],
        Target::All => [
            Target::Compose,
            Target::Kubernetes,
            Target::Nginx,
            Target::Kong,
            Target::Prometheus,
        ]
        .into_iter()
        .flat_map(|target| render(topology, target))
        .collect(),
    }
}

/// The variables that hold secrets; every process needs the same.
const SECRETS: [&str; 3] = ["JWT_SECRET", "ENCRYPTION_KEY", "SERVICE_SECRET"];
/// The keys of language-model providers.
const PROVIDERS: [&str; 2] = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"];

/// The name of a group's service: the host name under which others reach it.
fn service_name(group: &str) -> String {
    format!("{}-service", group.replace('_', "-"))
}

/// The program that serves a group alone.
fn binary(group: &str) -> String {
    format!("{group}_service")
}

/// The variable that says where a group is.
fn url_variable(group: &str) -> String {
    format!("{}_SERVICE_URL", group.to_ascii_uppercase())
}

/// Where a group's service is reached by its name.
fn service_url(group: &PlacedGroup) -> String {
    format!("http://{}:{}", service_name(group.info.name), group.port)
}

/// `host:port` of each process that serves a group: where the topology places it, else its service by name.
fn hosts(group: &PlacedGroup) -> Vec<String> {
    let placed = match &group.placement {
        Some(Placement::Remote { addresses }) => addresses.clone(),
        _ => vec![service_url(group)],
    };
    placed.iter().map(|address| host_and_port(address)).collect()
}

fn host_and_port(address: &str) -> String {
    let (default, rest) = match address.split_once("://") {
        Some(("https", rest)) => (443, rest),
        Some((_, rest)) => (80, rest),
        None => (80, address),
    };
    let has_port = rest
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    if has_port {
        rest.to_owned()
    } else {
        format!("{rest}:{default}")
    }
}

/// Every prefix with its group, the longest first.
fn prefixes(topology: &Topology) -> Vec<(&'static str, &PlacedGroup)> {
    let mut prefixes: Vec<(&'static str, &PlacedGroup)> = topology
        .groups()
        .iter()
        .flat_map(|group| group.info.prefixes.iter().map(move |prefix| (*prefix, group)))
        .collect();
    prefixes.sort_by_key(|(prefix, _)| (std::cmp::Reverse(prefix.len()), *prefix));
    prefixes
}
