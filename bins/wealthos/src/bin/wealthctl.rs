//! The operator's tool.

#[global_allocator]
static ALLOCATOR: platform::cli::Allocator = platform::cli::Allocator;

fn main() -> std::process::ExitCode {
    platform::cli::wealthctl()
}
