//! One address, port 8000, for a platform whose groups run in other processes.

fn main() -> std::process::ExitCode {
    platform::cli::gateway()
}
