//! The auth group in a process of its own, on port 8001.

#[global_allocator]
static ALLOCATOR: platform::cli::Allocator = platform::cli::Allocator;

fn main() -> std::process::ExitCode {
    platform::cli::service("auth")
}
