//! The integrations group in a process of its own, on port 8002.

fn main() -> std::process::ExitCode {
    platform::cli::service("integrations")
}
