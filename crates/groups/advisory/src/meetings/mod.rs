//! Meetings: when advisors meet clients, what is to be done, and what to know before.

pub(crate) mod appointments;
pub(crate) mod brief;
mod openapi;
mod routes;
pub(crate) mod tasks;

use appointments::MeetingRecord;
use store::{Collection, Document};
use tasks::TaskRecord;

pub(crate) use openapi::document;
pub(crate) use routes::Meetings;

/// The collections of this part of the group.
pub(crate) fn collections() -> Vec<&'static Collection> {
    vec![MeetingRecord::collection(), TaskRecord::collection()]
}
