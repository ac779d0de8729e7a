//! One address, port 8000, for a platform whose groups run in other processes.

#[global_allocator]
static ALLOCATOR: platform::cli::Allocator = platform::cli::Allocator;

fn main() -> std::process::ExitCode {
    platform::cli::gateway()
}
