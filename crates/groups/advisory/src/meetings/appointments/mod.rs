//! Meetings with clients: the calendar, also as iCalendar (RFC 5545).

mod calendar;
mod models;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::MeetingRecord;
pub(crate) use requests::MeetingResponse;
pub(crate) use service::AppointmentsService;
