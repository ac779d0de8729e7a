use super::{finish, kernel_runtime, say, settings};
use crate::{FirstAdmin, Platform, PlatformError, PlatformParts, Program, Topology, demo};
use clap::{Args, FromArgMatches};
use runtime::{ServerArgs, Settings, lifecycle};
use std::process::ExitCode;
use web::Listeners;

/// WealthOS in one process: every group on one port, or those that `--groups` names.
pub fn monolith() -> ExitCode {
    finish(run(
        Program::Monolith,
        "WealthOS in one process: every group on one port",
    ))
}

/// One address for a platform whose groups run in other processes.
pub fn gateway() -> ExitCode {
    finish(run(
        Program::Gateway,
        "One address for a WealthOS whose groups run in other processes",
    ))
}

/// One group on its own port.
pub fn service(group: &'static str) -> ExitCode {
    let about = format!("The {group} group of WealthOS in a process of its own");
    finish(run(Program::Service(group), &about))
}

/// Runs a server until it is told to stop.
fn run(program: Program, about: &str) -> Result<(), PlatformError> {
    let args = arguments(program, about);
    // As FAILPOINTS says. Only a build for the fault harness has any.
    let _armed = fail::has_failpoints().then(fail::FailScenario::setup);
    let settings = settings(program, &args)?;
    if args.print_config {
        say(settings.printable().trim_end());
        return Ok(());
    }
    Topology::load(&settings, program)?;
    crate::backup::refuse_unfinished(&settings)?;
    runtime::open_files::raise();
    let passed_on = Listeners::passed_on()?;
    kernel_runtime()?.block_on(serve(program, settings, passed_on))
}

fn arguments(program: Program, about: &str) -> ServerArgs {
    let command = clap::Command::new("wealthos")
        .bin_name(program.name())
        .display_name(program.name())
        .version(env!("CARGO_PKG_VERSION"))
        .about(about.to_owned());
    let matches = ServerArgs::augment_args(command).get_matches();
    ServerArgs::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

async fn serve(
    program: Program,
    settings: Settings,
    passed_on: Option<Listeners>,
) -> Result<(), PlatformError> {
    let _telemetry = runtime::telemetry::init(&settings)?;
    let demo = settings.server.demo;
    tracing::info!(program = program.name(), mode = ?settings.deployment_mode, "starting");
    let parts = PlatformParts {
        program,
        ..PlatformParts::of_process(settings)
    };
    let platform = Platform::assemble(parts).await?;
    let running = match passed_on {
        Some(listeners) => platform.serve_on(listeners).await?,
        None => platform.serve().await?,
    };
    let logins = if demo {
        Some(demo::seed(&running).await?)
    } else {
        None
    };
    let first_admin = match running.platform().first_admin().await {
        Ok(first_admin) => first_admin,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "no first administrator could be made"
            );
            FirstAdmin::NotNeeded
        }
    };
    say(&running.banner(logins.as_deref(), &first_admin));
    lifecycle::shutdown_signal().await;
    running.stop().await;
    Ok(())
}
