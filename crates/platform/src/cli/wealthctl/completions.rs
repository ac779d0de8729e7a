use crate::PlatformError;
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints the completion script of a shell.
pub(super) fn print<C: CommandFactory>(shell: Shell) -> Result<(), PlatformError> {
    clap_complete::generate(shell, &mut C::command(), "wealthctl", &mut std::io::stdout());
    Ok(())
}
