use super::{finish, kernel_runtime, say, settings};
use crate::{Platform, PlatformError, PlatformParts, Program, Topology, demo};
use clap::Parser;
use runtime::{DeploymentMode, ServerArgs, Settings, lifecycle};
use std::process::ExitCode;

/// WealthOS in one process: every group on one port.
#[derive(Debug, Parser)]
#[command(name = "monolith", version)]
struct Monolith {
    #[command(flatten)]
    server: ServerArgs,
}

/// Runs the monolith until it is told to stop.
pub fn monolith() -> ExitCode {
    let args = Monolith::parse();
    finish(run(&args.server))
}

fn run(args: &ServerArgs) -> Result<(), PlatformError> {
    let settings = settings(args)?;
    if args.print_config {
        say(settings.printable().trim_end());
        return Ok(());
    }
    Topology::load(&settings, Program::Monolith)?;
    kernel_runtime()?.block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<(), PlatformError> {
    let _telemetry = runtime::telemetry::init(&settings)?;
    let demo = settings.server.demo;
    let mode = settings.deployment_mode.unwrap_or(DeploymentMode::Monolith);
    tracing::info!(?mode, "starting");
    let platform = Platform::assemble(PlatformParts::of_process(settings)).await?;
    let running = platform.serve().await?;
    let logins = if demo {
        Some(demo::seed(&running).await?)
    } else {
        None
    };
    say(&running.banner(logins.as_deref()));
    lifecycle::shutdown_signal().await;
    running.stop().await;
    Ok(())
}
