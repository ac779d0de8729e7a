use super::{
    appointments::{self, AppointmentsService},
    brief::{self, BriefService},
    tasks::{self, TasksService},
};
use actix_web::web::{Data, ServiceConfig};
use chrono_tz::Tz;
use store::Store;

/// The services behind the routes.
#[derive(Clone)]
pub(crate) struct Meetings {
    appointments: Data<AppointmentsService>,
    tasks: Data<TasksService>,
    brief: Data<BriefService>,
}

impl Meetings {
    pub(crate) fn new(store: &Store, timezone: Tz) -> Self {
        Self {
            appointments: Data::new(AppointmentsService::new(store.clone(), timezone)),
            tasks: Data::new(TasksService::new(store.clone(), timezone)),
            brief: Data::new(BriefService::new(store.clone(), timezone)),
        }
    }

    /// Mounts the routes: what has a name of its own stands before what takes an id.
    pub(crate) fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.appointments.clone())
            .app_data(self.tasks.clone())
            .app_data(self.brief.clone())
            .configure(tasks::routes::configure)
            .configure(brief::routes::configure)
            .configure(appointments::routes::configure);
    }
}
