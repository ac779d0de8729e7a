use super::{
    requests::{GoalFilter, GoalRequest, GoalResponse, Projection, ProjectionParameters},
    service::GoalsService,
};
use actix_web::{
    HttpRequest, delete, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{
    Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, Query, answer,
};

/// Mounts the routes of goals.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_goals)
        .service(create_goal)
        .service(get_goal)
        .service(update_goal)
        .service(delete_goal)
        .service(project_goal);
}

/// Goals, the nearest first.
#[utoipa::path(
    get, path = "/api/v1/goals", tag = "advisory", operation_id = "advisory_list_goals", params(GoalFilter, PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<GoalResponse>))
)]
#[get("/api/v1/goals")]
pub(crate) async fn list_goals(
    request: HttpRequest,
    caller: Caller,
    list: List<GoalFilter>,
    service: Data<GoalsService>,
) -> Answer {
    answer::list(
        &request,
        service.list(&caller, &list.filter, list.page.clone()).await?,
    )
}

/// Makes a goal.
#[utoipa::path(
    post, path = "/api/v1/goals", tag = "advisory", operation_id = "advisory_create_goal", params(KeyParam),
    security(("bearer" = [])), request_body = GoalRequest,
    responses((status = 201, description = "The goal", body = GoalResponse))
)]
#[post("/api/v1/goals")]
pub(crate) async fn create_goal(
    caller: Caller,
    key: Key,
    body: Body<GoalRequest>,
    service: Data<GoalsService>,
) -> Answer {
    let goal = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, goal.version, &goal)
}

/// One goal.
#[utoipa::path(
    get, path = "/api/v1/goals/{id}", tag = "advisory", operation_id = "advisory_get_goal", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The goal")),
    responses((status = 200, description = "The goal; `ETag` is its version", body = GoalResponse))
)]
#[get("/api/v1/goals/{id}")]
pub(crate) async fn get_goal(caller: Caller, id: Path<Uuid>, service: Data<GoalsService>) -> Answer {
    let goal = service.get(&caller, *id).await?;
    answer::with_etag(goal.version, &goal)
}

/// Replaces a goal's data.
#[utoipa::path(
    put, path = "/api/v1/goals/{id}", tag = "advisory", operation_id = "advisory_update_goal", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The goal"), IfMatchParam), request_body = GoalRequest,
    responses((status = 200, description = "The goal", body = GoalResponse))
)]
#[put("/api/v1/goals/{id}")]
pub(crate) async fn update_goal(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<GoalRequest>,
    service: Data<GoalsService>,
) -> Answer {
    let goal = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(goal.version, &goal)
}

/// Takes a goal away.
#[utoipa::path(
    delete, path = "/api/v1/goals/{id}", tag = "advisory", operation_id = "advisory_delete_goal", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The goal"), IfMatchParam),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/goals/{id}")]
pub(crate) async fn delete_goal(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<GoalsService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}

/// What becomes of a goal: the closed form, the probability of success with its standard error, and bands by year, nominal and in
/// the money of today. The same seed gives the same bytes on the same day.
#[utoipa::path(
    get, path = "/api/v1/goals/{id}/projection", tag = "advisory", operation_id = "advisory_project_goal", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The goal"), ProjectionParameters),
    responses((status = 200, description = "The projection", body = Projection))
)]
#[get("/api/v1/goals/{id}/projection")]
pub(crate) async fn project_goal(
    caller: Caller,
    id: Path<Uuid>,
    parameters: Query<ProjectionParameters>,
    service: Data<GoalsService>,
) -> Answer {
    answer::ok(&service.project(&caller, *id, &parameters).await?)
}
