//! The mail of this group: what it says, and the job that sends it.

mod allowance;
mod job;
mod letter;
mod text;

pub(crate) use allowance::{MailAllowance, allow};
pub(crate) use job::{KIND, LetterJob, enqueue};
pub(crate) use letter::{Letter, Notice};
