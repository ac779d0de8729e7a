//! How many files and connections the operating system lets a process have.

/// What is kept for databases, logs, outgoing connections and whatever else a process opens.
const OWN: u64 = 256;

/// Raises the limit of this process as far as the system allows, and answers it.
pub fn raise() -> u64 {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => limit,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            limit()
        }
    }
}

/// How many files the process may have open.
pub fn limit() -> u64 {
    rlimit::Resource::NOFILE.get_soft().unwrap_or(1024)
}

/// How many connections each of `workers` may hold, so that the process never runs out of files: at most `wanted`.
pub fn connections_per_worker(wanted: usize, workers: usize) -> usize {
    share(limit(), wanted, workers)
}

fn share(limit: u64, wanted: usize, workers: usize) -> usize {
    // A process that may open next to nothing serves with half of it.
    let free = limit.saturating_sub(OWN).max(limit / 2);
    let free = usize::try_from(free).unwrap_or(usize::MAX);
    wanted.min((free / workers.max(1)).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_everything_else() {
        assert_eq!(share(1_048_576, 10_000, 2), 10_000);
        assert_eq!(share(20_000, 10_000, 2), 9_872);
        assert_eq!(share(1024, 10_000, 4), 192);
        assert_eq!(share(64, 10_000, 4), 8);
        assert_eq!(share(0, 10_000, 0), 1);
    }

    #[test]
    fn the_limit_is_raised_and_never_lowered() {
        let before = limit();
        assert!(raise() >= before);
        assert!(limit() >= before);
    }
}
