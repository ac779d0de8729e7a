//! Tasks: what an advisor is to do until when, for a client, for a meeting, or for neither.

mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::TaskRecord;
pub(crate) use requests::TaskResponse;
pub(crate) use service::TasksService;
