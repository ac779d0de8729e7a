//! `wealthctl`: the operator's tool. It opens the same stores as the servers, beside them.

mod admin;
mod audit;
mod backup;
mod calc;
mod completions;
mod consume;
mod demo;
mod doctor;
mod keys;
mod migrate;
mod openapi;
mod output;
mod registry;
mod replay;
mod token_keys;
mod topology;
mod topology_apply;

use super::{finish, kernel_runtime, settings};
use crate::{Platform, PlatformError, PlatformParts, Program};
use clap::{Parser, Subcommand};
use output::Format;
use runtime::{ServerArgs, Settings};
use std::{path::PathBuf, process::ExitCode};

/// The operator's tool of WealthOS.
///
/// Exit status: 0 done, 1 refused or failed, 2 wrong usage, 69 something that is needed is away, 77 not permitted,
/// 78 wrong configuration.
#[derive(Debug, Parser)]
#[command(name = "wealthctl", version)]
struct Wealthctl {
    /// How to print what is found.
    #[arg(long, value_enum, global = true, default_value_t = Format::Table)]
    format: Format,
    /// Settings from this file; config/wealthos.toml when it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the data lies.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the groups with their ports, modules and dependencies.
    Registry,
    /// Says where groups run, checks it, and renders what deployments need of it.
    #[command(subcommand)]
    Topology(topology::TopologyCommand),
    /// Prints the OpenAPI document of all groups.
    Openapi,
    /// Manages administrators.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Looks after the audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Makes figures anew from the events that led to them, and puts right what is stored otherwise.
    Replay(replay::ReplayArgs),
    /// Looks after keys: those of access tokens, and those of sensitive fields.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Carries out the commands that come by a message broker, in a process of its own.
    Consume(consume::ConsumeArgs),
    /// Puts demo data in, or lists its log-ins when it is there.
    Demo,
    /// Brings every store up to date and lists what was applied.
    Migrate,
    /// Writes the data of all groups into a directory, while the servers work.
    Backup(backup::BackupArgs),
    /// Puts a backup back, while no server runs.
    Restore(backup::RestoreArgs),
    /// Looks at settings, secrets, stores and ports, and says what is wrong.
    Doctor,
    /// Calculates: reads one JSON object on standard input and prints one.
    ///
    /// The same code as the routes. Rates are fractions (0.06 is 6%); numbers are JSON numbers or texts with exact digits;
    /// a single figure is {"value": ...}, not rounded, and null with a "reason" where there is none. Wrong input ends
    /// with status 2 and {"error", "message", "details"} on standard error.
    #[command(subcommand, rename_all = "snake_case")]
    Calc(calc::Function),
    /// Prints a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// Runs one command of the operator.
pub fn wealthctl() -> ExitCode {
    let args = Wealthctl::parse();
    match args.command {
        Command::Calc(function) => calc::run(function),
        _ => finish(run(args)),
    }
}

fn run(args: Wealthctl) -> Result<(), PlatformError> {
    let server = ServerArgs {
        config: args.config,
        data_dir: args.data_dir,
        ..ServerArgs::default()
    };
    match args.command {
        Command::Calc(_) => Ok(()),
        Command::Registry => registry::print(args.format),
        Command::Topology(command) => topology::run(&server, command, args.format),
        Command::Openapi => kernel_runtime()?.block_on(openapi::print(settings(Program::Monolith, &server)?)),
        Command::Completions { shell } => completions::print::<Wealthctl>(shell),
        Command::Admin(command) => kernel_runtime()?.block_on(admin::run(
            settings(Program::Monolith, &server)?,
            command,
            args.format,
        )),
        Command::Audit(command) => kernel_runtime()?.block_on(audit::run(
            settings(Program::Monolith, &server)?,
            command,
            args.format,
        )),
        Command::Replay(command) => kernel_runtime()?.block_on(replay::run(
            settings(Program::Monolith, &server)?,
            command,
            args.format,
        )),
        Command::Keys(command) => kernel_runtime()?.block_on(keys::run(
            settings(Program::Monolith, &server)?,
            command,
            args.format,
        )),
        Command::Backup(command) => kernel_runtime()?.block_on(backup::back_up(
            settings(Program::Monolith, &server)?,
            command,
            args.format,
        )),
        Command::Restore(command) => kernel_runtime()?.block_on(backup::restore(
            settings(Program::Monolith, &server)?,
            command,
            args.format,
        )),
        Command::Consume(command) => {
            kernel_runtime()?.block_on(consume::run(settings(Program::Monolith, &server)?, command))
        }
        Command::Demo => {
            kernel_runtime()?.block_on(demo::run(settings(Program::Monolith, &server)?, args.format))
        }
        Command::Migrate => {
            kernel_runtime()?.block_on(migrate::run(settings(Program::Monolith, &server)?, args.format))
        }
        Command::Doctor => {
            kernel_runtime()?.block_on(doctor::run(settings(Program::Monolith, &server)?, args.format))
        }
    }
}

/// The platform without a server: for commands that work through its services.
async fn platform(settings: Settings) -> Result<Platform, PlatformError> {
    crate::backup::refuse_unfinished(&settings)?;
    Platform::assemble(PlatformParts::of_process(settings)).await
}
