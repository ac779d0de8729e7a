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
}

/// Carries out the commands of a broker until it is told to stop. The ledger is the one of the servers: in their stores, or
/// where the topology says that the finance group is.
pub(super) async fn run(settings: Settings, args: ConsumeArgs) -> Result<(), PlatformError> {
    let _telemetry = runtime::telemetry::init(&settings)?;
    let platform = super::platform(settings).await?;
    let started = platform.consume(args.broker).and_then(|()| match args.publish {
        true => platform.publish(args.broker),
        false => Ok(()),
    });
    if let Err(error) = started {
        platform.stop().await;
        return Err(error);
    }
    say(&format!(
        "carrying out the commands of {} until Ctrl-C",
        args.broker.name()
    ));
    lifecycle::shutdown_signal().await;
    platform.stop().await;
    Ok(())
}
