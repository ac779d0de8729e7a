//! WealthOS in one process, on port 8000: the `agentkit_server` of source 003.

#[global_allocator]
static ALLOCATOR: platform::cli::Allocator = platform::cli::Allocator;

fn main() -> std::process::ExitCode {
    platform::cli::monolith()
}
