use super::{
    models::TaskStatus,
    requests::{TaskFilter, TaskRequest, TaskResponse, TaskUpdateRequest},
    service::TasksService,
};
use actix_web::{
    HttpRequest, delete, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of tasks.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_tasks)
        .service(create_task)
        .service(get_task)
        .service(update_task)
        .service(finish_task)
        .service(reopen_task)
        .service(delete_task);
}

/// The tasks that the caller may see, those that are due first before the others.
#[utoipa::path(
    get, path = "/api/v1/meetings/tasks", tag = "advisory", operation_id = "advisory_list_tasks",
    security(("bearer" = [])), params(TaskFilter, PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<TaskResponse>))
)]
#[get("/api/v1/meetings/tasks")]
pub(crate) async fn list_tasks(
    request: HttpRequest,
    caller: Caller,
    list: List<TaskFilter>,
    service: Data<TasksService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Writes down what is to be done.
#[utoipa::path(
    post, path = "/api/v1/meetings/tasks", tag = "advisory", operation_id = "advisory_create_task",
    security(("bearer" = [])), params(KeyParam), request_body = TaskRequest,
    responses((status = 201, description = "The task", body = TaskResponse))
)]
#[post("/api/v1/meetings/tasks")]
pub(crate) async fn create_task(
    caller: Caller,
    key: Key,
    body: Body<TaskRequest>,
    service: Data<TasksService>,
) -> Answer {
    let task = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, task.version, &task)
}

/// One task.
#[utoipa::path(
    get, path = "/api/v1/meetings/tasks/{id}", tag = "advisory", operation_id = "advisory_get_task",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The task")),
    responses((status = 200, description = "The task; `ETag` is its version", body = TaskResponse))
)]
#[get("/api/v1/meetings/tasks/{id}")]
pub(crate) async fn get_task(caller: Caller, id: Path<Uuid>, service: Data<TasksService>) -> Answer {
    let task = service.get(&caller, *id).await?;
    answer::with_etag(task.version, &task)
}

/// Changes a task.
#[utoipa::path(
    put, path = "/api/v1/meetings/tasks/{id}", tag = "advisory", operation_id = "advisory_update_task",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The task"), IfMatchParam),
    request_body = TaskUpdateRequest,
    responses((status = 200, description = "The task", body = TaskResponse))
)]
#[put("/api/v1/meetings/tasks/{id}")]
pub(crate) async fn update_task(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<TaskUpdateRequest>,
    service: Data<TasksService>,
) -> Answer {
    let task = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(task.version, &task)
}

/// Says that a task is done; saying it again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/meetings/tasks/{id}/done", tag = "advisory", operation_id = "advisory_finish_task",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The task"), IfMatchParam),
    responses((status = 200, description = "The task, which is done", body = TaskResponse))
)]
#[post("/api/v1/meetings/tasks/{id}/done")]
pub(crate) async fn finish_task(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<TasksService>,
) -> Answer {
    let task = service
        .set_status(&caller, *id, expected.0, TaskStatus::Done)
        .await?;
    answer::with_etag(task.version, &task)
}

/// Says that a task is to be done again.
#[utoipa::path(
    post, path = "/api/v1/meetings/tasks/{id}/reopen", tag = "advisory", operation_id = "advisory_reopen_task",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The task"), IfMatchParam),
    responses((status = 200, description = "The task, which is open", body = TaskResponse))
)]
#[post("/api/v1/meetings/tasks/{id}/reopen")]
pub(crate) async fn reopen_task(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<TasksService>,
) -> Answer {
    let task = service
        .set_status(&caller, *id, expected.0, TaskStatus::Open)
        .await?;
    answer::with_etag(task.version, &task)
}

/// Takes a task away.
#[utoipa::path(
    delete, path = "/api/v1/meetings/tasks/{id}", tag = "advisory", operation_id = "advisory_delete_task",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The task"), IfMatchParam),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/meetings/tasks/{id}")]
pub(crate) async fn delete_task(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<TasksService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}
