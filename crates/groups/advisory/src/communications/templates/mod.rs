//! Templates of messages: an advisor's own texts with variables, as in `Dear {{client_name}}`.

mod models;
mod pattern;
mod requests;
pub(crate) mod routes;
mod service;

pub(crate) use models::TemplateRecord;
pub(crate) use pattern::Pattern;
pub(crate) use service::TemplatesService;
