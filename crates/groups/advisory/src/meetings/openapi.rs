use super::{appointments, brief, tasks};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(paths(
    appointments::routes::list_meetings,
    appointments::routes::schedule_meeting,
    appointments::routes::export_meetings,
    appointments::routes::get_meeting,
    appointments::routes::update_meeting,
    appointments::routes::cancel_meeting,
    appointments::routes::complete_meeting,
    appointments::routes::delete_meeting,
    appointments::routes::export_meeting,
    brief::routes::get_meeting_brief,
    tasks::routes::list_tasks,
    tasks::routes::create_task,
    tasks::routes::get_task,
    tasks::routes::update_task,
    tasks::routes::finish_task,
    tasks::routes::reopen_task,
    tasks::routes::delete_task
))]
struct Document;

/// This part's share of the group's OpenAPI document.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
