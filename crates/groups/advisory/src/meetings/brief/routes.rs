use super::{answers::MeetingBrief, service::BriefService};
use actix_web::{
    get,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Caller, Path, answer};

/// Mounts the route of briefs.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(get_meeting_brief);
}

/// What to know before a meeting: facts as they stand now. What a brief should hold and this one does not is said in
/// `missing`.
#[utoipa::path(
    get, path = "/api/v1/meetings/{id}/brief", tag = "advisory", operation_id = "advisory_get_meeting_brief",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The meeting")),
    responses((status = 200, description = "The brief", body = MeetingBrief))
)]
#[get("/api/v1/meetings/{id}/brief")]
pub(crate) async fn get_meeting_brief(caller: Caller, id: Path<Uuid>, service: Data<BriefService>) -> Answer {
    answer::ok(&service.brief(&caller, *id).await?)
}
