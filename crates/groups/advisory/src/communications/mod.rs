//! Communications: what is written to clients, from which templates, and who is not to be written to.

pub(crate) mod messages;
mod openapi;
mod routes;
pub(crate) mod suppressions;
pub(crate) mod templates;

use events::jobs::JobHandler;
use messages::{MessageJob, MessageRecord};
use runtime::mail::Mailer;
use std::sync::Arc;
use store::{Collection, Document, Store};
use suppressions::SuppressionRecord;
use templates::TemplateRecord;

pub(crate) use openapi::document;
pub(crate) use routes::Communications;

/// The collections of this part of the group.
pub(crate) fn collections() -> Vec<&'static Collection> {
    vec![
        TemplateRecord::collection(),
        MessageRecord::collection(),
        SuppressionRecord::collection(),
    ]
}

/// What sends approved messages.
pub(crate) fn jobs(store: &Store, mailer: Mailer) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(MessageJob::new(store.clone(), mailer))]
}
