use crate::planted::Planted;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Which processes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Topology {
    /// All groups in one process.
    Monolith,
    /// The gateway, and a process for each group.
    Split,
    /// The monolith with the finance group in a process of its own.
    Hybrid,
}

/// Where the data lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// A SQLite file for each group.
    Sqlite,
    /// The MongoDB server at TEST_MONGODB_URI.
    Mongodb,
}

/// Money-moving clients against real processes while these are killed, starved, cut off and lied to.
#[derive(Debug, Parser)]
#[command(name = "torture")]
pub(crate) struct Arguments {
    /// A few kills in every topology, and the planted bugs: in three minutes
    #[arg(long, conflicts_with_all = ["full", "planted", "bug"])]
    pub(crate) quick: bool,
    /// A thousand kills in all
    #[arg(long, conflicts_with_all = ["planted", "bug"])]
    pub(crate) full: bool,
    /// Each of the planted bugs, which must be found
    #[arg(long, conflicts_with = "bug")]
    pub(crate) planted: bool,
    /// One service is away for a while: how often it is asked all the same, who notices
    #[arg(long, conflicts_with_all = ["quick", "full", "planted", "bug", "rolling", "backup"])]
    pub(crate) outage: bool,
    /// Every process is replaced under load: no request that may be sent again fails
    #[arg(long, conflicts_with_all = ["quick", "full", "planted", "bug", "backup"])]
    pub(crate) rolling: bool,
    /// A backup that is taken under load is restored elsewhere and counted through
    #[arg(long, conflicts_with_all = ["quick", "full", "planted", "bug"])]
    pub(crate) backup: bool,
    /// Which process dies during the backup; each that holds data, one after the other, when it is left out
    #[arg(long, value_name = "PROCESS", requires = "backup")]
    pub(crate) victim: Option<String>,
    /// How long the service is away
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(10..))]
    pub(crate) seconds: u64,
    /// Holds an outage to the aims, whatever the machine does meanwhile; a harness that is built with optimisation always does
    #[arg(long)]
    pub(crate) strict: bool,
    /// How often every process is replaced
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rounds: u64,
    /// Only this planted bug
    #[arg(long)]
    pub(crate) bug: Option<Planted>,
    /// Where chance begins; another each time when it is left out
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Only this topology
    #[arg(long)]
    pub(crate) topology: Option<Topology>,
    /// Only this store
    #[arg(long)]
    pub(crate) store: Option<StoreKind>,
    /// Some of the load comes through RabbitMQ, which is killed as well
    #[arg(long)]
    pub(crate) broker: bool,
    /// How many processes are killed in each run
    #[arg(long)]
    pub(crate) kills: Option<u64>,
    /// How many clients move money at once
    #[arg(long, default_value_t = 6)]
    pub(crate) clients: u64,
    /// Where the programs lie; beside this one when it is left out
    #[arg(long, value_name = "DIR")]
    pub(crate) programs: Option<PathBuf>,
    /// Keeps data, logs and journals of every run in this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

impl Topology {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Topology::Monolith => "monolith",
            Topology::Split => "split",
            Topology::Hybrid => "hybrid",
        }
    }
}

impl StoreKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            StoreKind::Sqlite => "sqlite",
            StoreKind::Mongodb => "mongodb",
        }
    }
}
