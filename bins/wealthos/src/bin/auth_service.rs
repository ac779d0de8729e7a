//! The auth group in a process of its own, on port 8001.

fn main() -> std::process::ExitCode {
    platform::cli::service("auth")
}
