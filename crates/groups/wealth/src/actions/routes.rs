use super::{
    CorporateActions,
    models::ActionState,
    requests::{
        ActionFilter, CorporateActionRequest, CorporateActionResponse, ElectionRequest,
        ParticipationResponse, PreviewFilter, PreviewResponse,
    },
};
use crate::entries::NoFilter;
use actix_web::{
    HttpRequest, get,
    http::{StatusCode, header},
    post,
    web::{Data, ServiceConfig},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, Query, answer};

/// Mounts the routes of corporate actions.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_corporate_actions)
        .service(create_corporate_action)
        .service(get_corporate_action)
        .service(preview_corporate_action)
        .service(list_participations)
        .service(apply_corporate_action)
        .service(undo_corporate_action)
        .service(cancel_corporate_action)
        .service(elect);
}

/// How an action is applied.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ApplyParameters {
    /// Whether portfolios that were skipped are tried once more.
    pub(crate) again: Option<bool>,
}

/// Corporate actions by their ex-dates, the earliest first. Those to come: `state=announced` and `from` today.
#[utoipa::path(
    get, path = "/api/v1/corporate-actions", tag = "wealth", operation_id = "wealth_list_corporate_actions",
    params(ActionFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<CorporateActionResponse>))
)]
#[get("/api/v1/corporate-actions")]
pub(crate) async fn list_corporate_actions(
    request: HttpRequest,
    caller: Caller,
    list: List<ActionFilter>,
    service: Data<CorporateActions>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Records a corporate action; it changes nothing until it is applied. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/corporate-actions", tag = "wealth", operation_id = "wealth_create_corporate_action",
    params(KeyParam), request_body = CorporateActionRequest, security(("bearer" = [])),
    responses((status = 201, description = "The action; `Location` is its address", body = CorporateActionResponse))
)]
#[post("/api/v1/corporate-actions")]
pub(crate) async fn create_corporate_action(
    caller: Caller,
    key: Key,
    body: Body<CorporateActionRequest>,
    service: Data<CorporateActions>,
) -> Answer {
    let made = service.record(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, made.version, &made)?;
    if let Ok(place) = format!("/api/v1/corporate-actions/{}", made.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One corporate action.
#[utoipa::path(
    get, path = "/api/v1/corporate-actions/{id}", tag = "wealth", operation_id = "wealth_get_corporate_action",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The action; `ETag` is its version", body = CorporateActionResponse))
)]
#[get("/api/v1/corporate-actions/{id}")]
pub(crate) async fn get_corporate_action(
    caller: Caller,
    path: Path<Uuid>,
    service: Data<CorporateActions>,
) -> Answer {
    let action = service.get(&caller, *path).await?;
    answer::with_etag(action.version, &action)
}

/// What an action would do to each portfolio that the caller may see, lot by lot. Nothing is changed.
#[utoipa::path(
    get, path = "/api/v1/corporate-actions/{id}/preview", tag = "wealth",
    operation_id = "wealth_preview_corporate_action",
    params(("id" = Uuid, Path, description = "Which"), PreviewFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page of portfolios that hold it", body = Vec<PreviewResponse>))
)]
#[get("/api/v1/corporate-actions/{id}/preview")]
pub(crate) async fn preview_corporate_action(
    request: HttpRequest,
    caller: Caller,
    path: Path<Uuid>,
    list: List<PreviewFilter>,
    service: Data<CorporateActions>,
) -> Answer {
    let page = service
        .preview(&caller, *path, &list.filter, list.page.clone())
        .await?;
    answer::list(&request, page)
}

/// How the portfolios that the caller may see take part in an action: what was chosen, what was done, and why not.
#[utoipa::path(
    get, path = "/api/v1/corporate-actions/{id}/portfolios", tag = "wealth",
    operation_id = "wealth_list_corporate_action_portfolios",
    params(("id" = Uuid, Path, description = "Which"), PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ParticipationResponse>))
)]
#[get("/api/v1/corporate-actions/{id}/portfolios")]
pub(crate) async fn list_participations(
    request: HttpRequest,
    caller: Caller,
    path: Path<Uuid>,
    list: List<NoFilter>,
    service: Data<CorporateActions>,
) -> Answer {
    let page = service.participations(&caller, *path, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Applies an action to every portfolio of the firm that held the instrument before the ex-date, each once. Where there are
/// many the answer is 202 and the rest follows in the background. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/corporate-actions/{id}/apply", tag = "wealth", operation_id = "wealth_apply_corporate_action",
    params(("id" = Uuid, Path, description = "Which"), ApplyParameters, KeyParam), security(("bearer" = [])),
    responses(
        (status = 200, description = "It is applied", body = CorporateActionResponse),
        (status = 202, description = "It is being applied", body = CorporateActionResponse),
    )
)]
#[post("/api/v1/corporate-actions/{id}/apply")]
pub(crate) async fn apply_corporate_action(
    caller: Caller,
    path: Path<Uuid>,
    parameters: Query<ApplyParameters>,
    key: Key,
    service: Data<CorporateActions>,
) -> Answer {
    let again = parameters.again.unwrap_or(false);
    told(&service.apply(&caller, &key, *path, again).await?)
}

/// Takes an applied action back from every portfolio: lots and cash are exactly what they were. 409 when later entries
/// touched those lots. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/corporate-actions/{id}/undo", tag = "wealth", operation_id = "wealth_undo_corporate_action",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses(
        (status = 200, description = "It is taken back", body = CorporateActionResponse),
        (status = 202, description = "It is being taken back", body = CorporateActionResponse),
    )
)]
#[post("/api/v1/corporate-actions/{id}/undo")]
pub(crate) async fn undo_corporate_action(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    service: Data<CorporateActions>,
) -> Answer {
    told(&service.undo(&caller, &key, *path).await?)
}

/// Says that an announced action will not happen. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/corporate-actions/{id}/cancel", tag = "wealth",
    operation_id = "wealth_cancel_corporate_action",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The action", body = CorporateActionResponse))
)]
#[post("/api/v1/corporate-actions/{id}/cancel")]
pub(crate) async fn cancel_corporate_action(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    service: Data<CorporateActions>,
) -> Answer {
    answer::ok(&service.cancel(&caller, &key, *path).await?)
}

/// Chooses for a portfolio: cash or shares of a dividend, what becomes of rights. It can be chosen anew until it is applied.
#[utoipa::path(
    post, path = "/api/v1/corporate-actions/{id}/election", tag = "wealth",
    operation_id = "wealth_elect_corporate_action",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = ElectionRequest,
    security(("bearer" = [])), responses((status = 200, description = "What was chosen", body = ParticipationResponse))
)]
#[post("/api/v1/corporate-actions/{id}/election")]
pub(crate) async fn elect(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<ElectionRequest>,
    service: Data<CorporateActions>,
) -> Answer {
    answer::ok(&service.elect(&caller, &key, *path, body.into_inner()).await?)
}

fn told(action: &CorporateActionResponse) -> Answer {
    match action.state {
        ActionState::Applying | ActionState::Undoing => answer::accepted(action),
        _ => answer::ok(action),
    }
}
