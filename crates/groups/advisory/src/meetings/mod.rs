//! Meetings: when advisors meet clients, what is to be done, and what to know before.

pub(crate) mod appointments;
pub(crate) mod brief;
mod openapi;
pub(crate) mod tasks;

use actix_web::web::{Data, ServiceConfig};
use appointments::{AppointmentsService, MeetingRecord};
use brief::BriefService;
use chrono_tz::Tz;
use store::{Collection, Document, Store};
use tasks::{TaskRecord, TasksService};

pub(crate) use openapi::document;

/// The collections of this part of the group.
pub(crate) fn collections() -> Vec<&'static Collection> {
    vec![MeetingRecord::collection(), TaskRecord::collection()]
}

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
