//! The wealth group in a process of its own, on port 8010.

fn main() -> std::process::ExitCode {
    platform::cli::service("wealth")
}
