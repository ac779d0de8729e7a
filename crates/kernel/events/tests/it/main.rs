//! What groups notice of feeds, consumers, watchers and jobs; on SQLite.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod contract;
mod dead_letters;
mod feed;
mod job_failures;
mod jobs;
mod old_keys;
mod project;
mod replay;
mod runs;
mod stage;
mod sweep_blobs;
mod tally;
mod two_processes;
mod watch;
