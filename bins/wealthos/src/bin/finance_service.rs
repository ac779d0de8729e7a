//! The finance group in a process of its own, on port 8011.

fn main() -> std::process::ExitCode {
    platform::cli::service("finance")
}
