//! The fault harness: clients move money against real processes while these are killed, starved, cut off and lied to.
//! Afterwards it counts what was lost, doubled or made up. Everything that chance decides comes from one seed.

mod arguments;
mod backup;
mod check;
mod deployment;
mod dice;
mod error;
mod faults;
mod load;
mod outage;
mod plan;
mod planted;
mod report;
mod rolling;
mod run;
mod whereabouts;

use arguments::Arguments;
use clap::Parser;
use error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match torture(arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            report::complain(&error);
            ExitCode::from(2)
        }
    }
}

/// Runs what was asked for; answers whether all of it held.
fn torture(arguments: Arguments) -> Result<bool, Error> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .map_err(|error| Error::at("start the runtime", error))?;
    threads.block_on(async {
        // Whoever stops the harness must not leave processes and mounts behind: they go with what is dropped here.
        tokio::select! {
            held = run::all(arguments) => held,
            () = runtime::lifecycle::shutdown_signal() => Err(Error::at("go on", "it was told to stop")),
        }
    })
}
