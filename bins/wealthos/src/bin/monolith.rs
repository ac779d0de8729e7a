//! WealthOS in one process, on port 8000: the `agentkit_server` of source 003.

fn main() -> std::process::ExitCode {
    platform::cli::monolith()
}
