//! The infrastructure group in a process of its own, on port 8007.

fn main() -> std::process::ExitCode {
    platform::cli::service("infrastructure")
}
