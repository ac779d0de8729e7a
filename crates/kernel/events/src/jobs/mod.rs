//! Work that outlives the request that asked for it: a document that says what to do and when, done once across
//! processes. It survives restarts: a process that dies leaves its job to the next one when the lease ends.

mod claim;
mod handler;
mod new_job;
mod old_keys;
mod options;
mod purge;
mod record;
mod recurring;
mod run;
mod runner;
mod status;
mod sweep_blobs;

pub use handler::{JobDone, JobHandler};
pub use new_job::NewJob;
pub use old_keys::ForgetOldKeys;
pub use options::JobOptions;
pub use purge::purge_ended;
pub(crate) use record::JobRecord;
pub use record::JobState;
pub use recurring::Recurring;
pub use run::JobRun;
pub use runner::Jobs;
pub use status::{JobStatus, status};
pub use sweep_blobs::SweepBlobs;

kernel::define_id!(
    /// A job.
    JobId
);
