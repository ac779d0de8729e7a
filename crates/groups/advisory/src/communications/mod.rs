//! Communications: what is written to clients, from which templates, and who is not to be written to.

pub(crate) mod messages;
mod openapi;
pub(crate) mod suppressions;
pub(crate) mod templates;

use actix_web::web::{Data, ServiceConfig};
use auth_contract::UsersClient;
use chrono_tz::Tz;
use events::jobs::JobHandler;
use messages::{MessageJob, MessageRecord, MessagesService};
use runtime::mail::Mailer;
use std::sync::Arc;
use store::{Collection, Document, Store};
use suppressions::{SuppressionRecord, SuppressionsService};
use templates::{TemplateRecord, TemplatesService};

pub(crate) use openapi::document;

/// The collections of this part of the group.
pub(crate) fn collections() -> Vec<&'static Collection> {
    vec![
        TemplateRecord::collection(),
        MessageRecord::collection(),
        SuppressionRecord::collection(),
    ]
}

/// The services behind the routes.
#[derive(Clone)]
pub(crate) struct Communications {
    templates: Data<TemplatesService>,
    messages: Data<MessagesService>,
    suppressions: Data<SuppressionsService>,
}

impl Communications {
    pub(crate) fn new(store: &Store, users: UsersClient, timezone: Tz) -> Self {
        Self {
            templates: Data::new(TemplatesService::new(store.clone())),
            messages: Data::new(MessagesService::new(store.clone(), users, timezone)),
            suppressions: Data::new(SuppressionsService::new(store.clone())),
        }
    }

    /// Mounts the routes: what has a name of its own stands before what takes an id.
    pub(crate) fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.templates.clone())
            .app_data(self.messages.clone())
            .app_data(self.suppressions.clone())
            .configure(templates::routes::configure)
            .configure(suppressions::routes::configure)
            .configure(messages::routes::configure);
    }
}

/// What sends approved messages.
pub(crate) fn jobs(store: &Store, mailer: Mailer) -> Vec<Arc<dyn JobHandler>> {
    vec![Arc::new(MessageJob::new(store.clone(), mailer))]
}
