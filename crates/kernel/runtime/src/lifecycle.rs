//! How a process begins to end, and what it says to the shell when it has.

use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Resolves at the first SIGINT or SIGTERM, and logs `Shutting down gracefully...`.
///
/// Where signals cannot be heard it never resolves: the process is then ended by force only.
pub async fn shutdown_signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::warn!("signals cannot be heard: the process can only be stopped by force");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("Shutting down gracefully...");
}

/// What a process tells the shell. The numbers are documented and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: done.
    Success,
    /// 1: it was tried and failed.
    Failure,
    /// 2: the command line is wrong.
    Usage,
    /// 69: something that is needed (store, port, server) is away.
    Unavailable,
    /// 77: the data directory or a file in it may not be read or written.
    Permission,
    /// 78: the configuration is wrong.
    Configuration,
}

impl ExitStatus {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Success => 0,
            ExitStatus::Failure => 1,
            ExitStatus::Usage => 2,
            ExitStatus::Unavailable => 69,
            ExitStatus::Permission => 77,
            ExitStatus::Configuration => 78,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status.code())
    }
}
