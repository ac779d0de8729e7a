use super::{
    recommend::Recommender,
    requests::{
        ActualFilter, BudgetActualResponse, BudgetCreateRequest, BudgetFilter, BudgetRecommendRequest,
        BudgetRecommendResponse, BudgetResponse, BudgetUpdateRequest,
    },
    service::BudgetsService,
};
use actix_web::{
    HttpRequest, delete, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{
    Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, Query, answer,
};

/// Mounts the routes of budgets.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(recommend_budget)
        .service(list_budgets)
        .service(create_budget)
        .service(get_budget)
        .service(update_budget)
        .service(delete_budget)
        .service(get_budget_actual);
}

/// How an income could be divided: the parts make it exactly. Nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/budget/recommend", tag = "finance", operation_id = "finance_recommend_budget",
    request_body = BudgetRecommendRequest, security(("bearer" = [])),
    responses((status = 200, description = "The parts", body = BudgetRecommendResponse))
)]
#[post("/api/v1/budget/recommend")]
pub(crate) async fn recommend_budget(
    caller: Caller,
    body: Body<BudgetRecommendRequest>,
    recommender: Data<Recommender>,
) -> Answer {
    answer::ok(&recommender.recommend(&caller, &body).await?)
}

/// Budgets: the caller's own, the whole book's for an advisor, the firm's for admins and compliance; oldest first.
#[utoipa::path(
    get, path = "/api/v1/budget", tag = "finance", operation_id = "finance_list_budgets",
    params(BudgetFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<BudgetResponse>))
)]
#[get("/api/v1/budget")]
pub(crate) async fn list_budgets(
    request: HttpRequest,
    caller: Caller,
    list: List<BudgetFilter>,
    service: Data<BudgetsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Makes a budget: the same plan for every month.
#[utoipa::path(
    post, path = "/api/v1/budget", tag = "finance", operation_id = "finance_create_budget",
    params(KeyParam), request_body = BudgetCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The budget; `Location` is its address", body = BudgetResponse))
)]
#[post("/api/v1/budget")]
pub(crate) async fn create_budget(
    caller: Caller,
    key: Key,
    body: Body<BudgetCreateRequest>,
    service: Data<BudgetsService>,
) -> Answer {
    let budget = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, budget.version, &budget)?;
    if let Ok(place) = format!("/api/v1/budget/{}", budget.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One budget.
#[utoipa::path(
    get, path = "/api/v1/budget/{id}", tag = "finance", operation_id = "finance_get_budget",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The budget; `ETag` is its version", body = BudgetResponse))
)]
#[get("/api/v1/budget/{id}")]
pub(crate) async fn get_budget(caller: Caller, id: Path<Uuid>, service: Data<BudgetsService>) -> Answer {
    let budget = service.get(&caller, *id).await?;
    answer::with_etag(budget.version, &budget)
}

/// Replaces a budget's name and categories, for all its months.
#[utoipa::path(
    put, path = "/api/v1/budget/{id}", tag = "finance", operation_id = "finance_update_budget",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = BudgetUpdateRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The budget", body = BudgetResponse))
)]
#[put("/api/v1/budget/{id}")]
pub(crate) async fn update_budget(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<BudgetUpdateRequest>,
    service: Data<BudgetsService>,
) -> Answer {
    let budget = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(budget.version, &budget)
}

/// Deletes a budget. Transactions stay as they are.
#[utoipa::path(
    delete, path = "/api/v1/budget/{id}", tag = "finance", operation_id = "finance_delete_budget",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/budget/{id}")]
pub(crate) async fn delete_budget(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<BudgetsService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}

/// A budget beside what was spent in a month, with what earlier months left.
#[utoipa::path(
    get, path = "/api/v1/budget/{id}/actual", tag = "finance", operation_id = "finance_get_budget_actual",
    params(("id" = Uuid, Path, description = "Which"), ActualFilter), security(("bearer" = [])),
    responses((status = 200, description = "The month", body = BudgetActualResponse))
)]
#[get("/api/v1/budget/{id}/actual")]
pub(crate) async fn get_budget_actual(
    caller: Caller,
    id: Path<Uuid>,
    filter: Query<ActualFilter>,
    service: Data<BudgetsService>,
) -> Answer {
    answer::ok(&service.actual(&caller, *id, &filter).await?)
}
