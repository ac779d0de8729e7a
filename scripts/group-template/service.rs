//! The thegroup group in a process of its own, on port 65535.

fn main() -> std::process::ExitCode {
    platform::cli::service("thegroup")
}
