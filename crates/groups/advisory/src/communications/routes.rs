use super::{
    messages::{self, MessagesService},
    suppressions::{self, SuppressionsService},
    templates::{self, TemplatesService},
};
use actix_web::web::{Data, ServiceConfig};
use auth_contract::UsersClient;
use chrono_tz::Tz;
use store::Store;

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
