use crate::{Broker, PlatformError, cli::say};
use clap::Args;
use runtime::{Settings, lifecycle};

/// What is carried out, and how.
#[derive(Debug, Args)]
pub(super) struct ConsumeArgs {
    /// The broker whose commands are carried out.
    #[arg(value_enum)]
    broker: Broker,
    /// Also hands the events of all groups of this installation to the broker.
    #[arg(long)]
    publish: bool,
    /// Answers /metrics, /ready and /health on this port, and nothing else; without it bridges.status_port
    #[arg(long, value_name = "PORT")]
    status_port: Option<u16>,
}

/// Carries out the commands of a broker until it is told to stop. The ledger is the one of the servers: in their stores, or
/// where the topology says that the finance group is.
pub(super) async fn run(settings: Settings, args: ConsumeArgs) -> Result<(), PlatformError> {
    let _telemetry = runtime::telemetry::init(&settings)?;
    let port = args.status_port.or(settings.bridges.status_port);
    let platform = super::platform(settings).await?;
    let started = platform.consume(args.broker).and_then(|()| match args.publish {
        true => platform.publish(args.broker),
        false => Ok(()),
    });
    let served = started.and_then(|()| port.map(|port| platform.serve_status(port)).transpose());
    let status = match served {
        Ok(status) => status,
        Err(error) => {
            platform.stop().await;
            return Err(error);
        }
    };
    if let Some(address) = status.as_ref().and_then(|status| status.addrs().first()) {
        say(&format!("/metrics, /ready and /health on http://{address}"));
    }
    say(&format!(
        "carrying out the commands of {} until Ctrl-C",
        args.broker.name()
    ));
    lifecycle::shutdown_signal().await;
    if let Some(status) = status {
        status.stop(true).await;
    }
    platform.stop().await;
    Ok(())
}
