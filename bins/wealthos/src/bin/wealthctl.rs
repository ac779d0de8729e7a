//! The operator's tool.

fn main() -> std::process::ExitCode {
    platform::cli::wealthctl()
}
