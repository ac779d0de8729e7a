use super::{
    requests::{RulesOutcome, RulesOwner, RulesRequest, RulesResponse, RulesRun},
    service::CategoryRules,
};
use actix_web::{
    get, post, put,
    web::{Data, ServiceConfig},
};
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Query, answer};

/// Mounts the routes of category rules. Before the routes of single transactions: `category-rules` is no id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(get_category_rules)
        .service(put_category_rules)
        .service(preview_category_rules)
        .service(apply_category_rules);
}

/// A user's category rules, in the order in which they are asked.
#[utoipa::path(
    get, path = "/api/v1/transactions/category-rules", tag = "finance", operation_id = "finance_get_category_rules",
    params(RulesOwner), security(("bearer" = [])),
    responses((status = 200, description = "The rules; `ETag` is their version", body = RulesResponse))
)]
#[get("/api/v1/transactions/category-rules")]
pub(crate) async fn get_category_rules(
    caller: Caller,
    owner: Query<RulesOwner>,
    service: Data<CategoryRules>,
) -> Answer {
    let rules = service.get(&caller, owner.user_id).await?;
    answer::with_etag(rules.version, &rules)
}

/// Replaces a user's category rules as a whole. They are asked in this order, when a statement brings a row without a
/// category.
#[utoipa::path(
    put, path = "/api/v1/transactions/category-rules", tag = "finance", operation_id = "finance_put_category_rules",
    params(RulesOwner, IfMatchParam), request_body = RulesRequest, security(("bearer" = [])),
    responses((status = 200, description = "The rules", body = RulesResponse))
)]
#[put("/api/v1/transactions/category-rules")]
pub(crate) async fn put_category_rules(
    caller: Caller,
    owner: Query<RulesOwner>,
    expected: IfMatch,
    body: Body<RulesRequest>,
    service: Data<CategoryRules>,
) -> Answer {
    let rules = service
        .put(&caller, owner.user_id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(rules.version, &rules)
}

/// What the saved rules, or the ones in the body, would do with the transactions that have no category. Changes nothing.
#[utoipa::path(
    post, path = "/api/v1/transactions/category-rules/preview", tag = "finance",
    operation_id = "finance_preview_category_rules",
    request_body = RulesRun, security(("bearer" = [])),
    responses((status = 200, description = "What would be", body = RulesOutcome))
)]
#[post("/api/v1/transactions/category-rules/preview")]
pub(crate) async fn preview_category_rules(
    caller: Caller,
    body: Body<RulesRun>,
    service: Data<CategoryRules>,
) -> Answer {
    answer::ok(&service.preview(&caller, &body).await?)
}

/// Puts the transactions without a category that the saved rules fit into their categories. Nothing is edited: each is
/// reversed and posted again on its own day, once. What lies in a closed period stays.
#[utoipa::path(
    post, path = "/api/v1/transactions/category-rules/apply", tag = "finance",
    operation_id = "finance_apply_category_rules",
    request_body = RulesRun, security(("bearer" = [])),
    responses((status = 200, description = "What was done", body = RulesOutcome))
)]
#[post("/api/v1/transactions/category-rules/apply")]
pub(crate) async fn apply_category_rules(
    caller: Caller,
    body: Body<RulesRun>,
    service: Data<CategoryRules>,
) -> Answer {
    answer::ok(&service.apply(&caller, &body).await?)
}
