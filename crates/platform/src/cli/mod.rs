//! The command lines of the programs: a binary is one call of a function here.

mod server;
mod wealthctl;

/// What the programs take memory from. A fifth of the processor time of a posting went into the allocator of the system;
/// it is the programs' own choice, so that whoever embeds [`crate::System`] keeps theirs.
pub use mimalloc::MiMalloc as Allocator;
pub use server::{gateway, monolith, service};
pub use wealthctl::wealthctl;

use crate::{PlatformError, Program};
use runtime::{Layers, ServerArgs, Settings, lifecycle::ExitStatus};
use std::{error::Error, io::Write, process::ExitCode};

/// The settings of a process that runs this program: defaults, file, environment, flags.
fn settings(program: Program, args: &ServerArgs) -> Result<Settings, PlatformError> {
    let groups: Vec<&str> = crate::known_groups().iter().map(|info| info.name).collect();
    let layers = Layers::of_process()?.default_port(program.default_port());
    Ok(layers
        .groups(groups)
        .modules(modules_in_settings())
        .flags(args)
        .load()?)
}

/// One clear line on standard error, and the status.
fn finish(result: Result<(), PlatformError>) -> ExitCode {
    match result {
        Ok(()) => ExitStatus::Success.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", explained(&error));
            error.exit_status().into()
        }
    }
}

/// What happened, and of a store also why: the store leaves that to the log, which is not there yet.
fn explained(error: &PlatformError) -> String {
    match error {
        PlatformError::Store { source, .. } => match source.source() {
            Some(cause) => format!("{error} ({cause})"),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}

/// Prints a line on standard output. A reader that went away is no error.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The process's own runtime: it owns consumers, jobs and database connections; HTTP workers only serve.
fn kernel_runtime() -> Result<tokio::runtime::Runtime, PlatformError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("kernel")
        .build()
        .map_err(|error| PlatformError::System("the runtime cannot be started", error))
}

/// Every name by which settings know a route module.
fn modules_in_settings() -> Vec<String> {
    let groups = crate::known_groups().into_iter();
    let modules = groups.flat_map(|info| info.modules.iter().map(move |module| (info.name, module.name)));
    modules
        .flat_map(|(group, module)| crate::topology::names_in_settings(group, module))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_starts_a_program_is_told_why_a_store_cannot_be_opened() {
        let full = std::io::Error::other("no space left on the device");
        let error = PlatformError::Store {
            group: "finance",
            source: store::StoreError::unavailable(full),
        };
        assert_eq!(
            explained(&error),
            "the store of 'finance' cannot be opened: the data store cannot be reached at the moment: try again soon \
             (no space left on the device)"
        );
    }
}
