use super::{
    output::{self, Format},
    topology_apply::{self, Apply},
};
use crate::{
    PlatformError, Program, Topology,
    cli::{kernel_runtime, say, settings},
    topology::{Picture, Target, TopologyError, render},
};
use clap::{Args, Subcommand};
use runtime::{Remote, ServerArgs};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What to do with the topology.
#[derive(Debug, Subcommand)]
pub(super) enum TopologyCommand {
    /// Looks whether the topology can be, and says what is wrong.
    Check(Source),
    /// Shows what runs where, and which edges between groups cross the network.
    Show(Source),
    /// Writes what deployments need of it: for compose, Kubernetes, nginx, Kong and Prometheus.
    Render {
        /// For what.
        target: Target,
        /// The folder to write into.
        #[arg(long, value_name = "DIR", default_value = "deploy")]
        out: PathBuf,
        #[command(flatten)]
        source: Source,
    },
    /// Pushes a topology to every process that runs, and prints what each then acts on.
    Apply(Apply),
}

/// Which topology.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The topology file; without it config/topology.toml is read if it is there.
    #[arg(long, value_name = "FILE")]
    topology: Option<PathBuf>,
    /// A group that runs in another process, and where. Can be repeated.
    #[arg(long = "remote", value_name = "GROUP=URL", value_parser = Remote::parse)]
    remotes: Vec<Remote>,
}

/// Runs one command on the topology.
pub(super) fn run(
    server: &ServerArgs,
    command: TopologyCommand,
    format: Format,
) -> Result<(), PlatformError> {
    match command {
        TopologyCommand::Check(source) => check(load(server, source), format),
        TopologyCommand::Render { target, out, source } => write(&load(server, source)?, target, &out),
        TopologyCommand::Show(source) => show(&load(server, source)?.picture(), format),
        TopologyCommand::Apply(apply) => {
            kernel_runtime()?.block_on(topology_apply::run(server, apply, format))
        }
    }
}

/// Writes the files of a target and names them.
fn write(topology: &Topology, target: Target, out: &Path) -> Result<(), PlatformError> {
    for file in render(topology, target) {
        let path = out.join(&file.path);
        let failed = |error| PlatformError::Command(format!("{} cannot be written: {error}", path.display()));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, &file.text).map_err(failed)?;
        say(&path.display().to_string());
    }
    Ok(())
}

fn load(server: &ServerArgs, source: Source) -> Result<Topology, PlatformError> {
    let server = ServerArgs {
        topology: source.topology,
        remotes: source.remotes,
        ..server.clone()
    };
    Topology::of_deployment(&settings(Program::Monolith, &server)?)
}

/// Prints every problem on a line of its own; fails when there is one.
fn check(loaded: Result<Topology, PlatformError>, format: Format) -> Result<(), PlatformError> {
    let rows: Vec<[String; 2]> = match &loaded {
        Err(PlatformError::Topology(TopologyError::Invalid(problems))) => problems
            .iter()
            .map(|problem| [problem.place.clone(), problem.message.clone()])
            .collect(),
        Err(_) => Vec::new(),
        Ok(topology) => {
            let fits = format!("version {} can be run", topology.version());
            vec![[topology.origin().to_owned(), fits]]
        }
    };
    output::print(format, &rows, &["PLACE", "FINDING"], |row| row.to_vec())?;
    loaded.map(drop)
}

fn show(picture: &Picture, format: Format) -> Result<(), PlatformError> {
    if format == Format::Json {
        let text = serde_json::to_string_pretty(picture)
            .map_err(|error| PlatformError::Command(error.to_string()))?;
        say(&text);
        return Ok(());
    }
    say(&format!("version {}, from {}\n", picture.version, picture.origin));
    output::print(format, &picture.processes, &["PROCESS", "GROUPS"], |process| {
        let place = if process.addresses.is_empty() {
            format!("the process on {}", picture.gateway_port)
        } else {
            process.addresses.join(", ")
        };
        vec![place, process.groups.join(", ")]
    })?;
    say("");
    output::print(format, &picture.edges, &["FROM", "", "TO", "WHERE"], |edge| {
        let (kind, place) = (word(&edge.kind), word(&edge.place));
        vec![edge.from.to_owned(), kind, edge.to.to_owned(), place]
    })?;
    let waves: Vec<String> = picture.start_order.iter().map(|wave| wave.join(", ")).collect();
    say(&format!("\nstart order   {}", waves.join("  then  ")));
    Ok(())
}

/// The name of a kind or place, as it stands in the JSON.
fn word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_ascii_lowercase()
}
