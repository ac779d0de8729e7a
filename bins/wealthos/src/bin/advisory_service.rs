//! The advisory group in a process of its own, on port 8009.

fn main() -> std::process::ExitCode {
    platform::cli::service("advisory")
}
