use super::{
    requests::{
        ActivityRequest, ConvertRequest, LeadCreateRequest, LeadFilter, LeadResponse, LeadScore,
        LeadUpdateRequest,
    },
    service::LeadsService,
};
use crate::clients::ClientResponse;
use actix_web::{
    HttpRequest, delete, get,
    http::StatusCode,
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of leads.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_lead_scores)
        .service(list_leads)
        .service(create_lead)
        .service(get_lead)
        .service(update_lead)
        .service(delete_lead)
        .service(get_lead_score)
        .service(add_lead_activity)
        .service(convert_lead);
}

/// The leads of the caller's book, by name.
#[utoipa::path(
    get, path = "/api/v1/leads", tag = "advisory", operation_id = "advisory_list_leads", params(LeadFilter, PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<LeadResponse>))
)]
#[get("/api/v1/leads")]
pub(crate) async fn list_leads(
    request: HttpRequest,
    caller: Caller,
    list: List<LeadFilter>,
    service: Data<LeadsService>,
) -> Answer {
    answer::list(
        &request,
        service.list(&caller, &list.filter, list.page.clone()).await?,
    )
}

/// The open leads, those most worth a call first: each score is the sum of its reasons.
#[utoipa::path(
    get, path = "/api/v1/leads/scores", tag = "advisory", operation_id = "advisory_list_lead_scores", security(("bearer" = [])),
    responses((status = 200, description = "200 at most", body = Vec<LeadScore>))
)]
#[get("/api/v1/leads/scores")]
pub(crate) async fn list_lead_scores(caller: Caller, service: Data<LeadsService>) -> Answer {
    answer::ok(&service.scores(&caller).await?)
}

/// Makes a lead.
#[utoipa::path(
    post, path = "/api/v1/leads", tag = "advisory", operation_id = "advisory_create_lead", params(KeyParam),
    security(("bearer" = [])), request_body = LeadCreateRequest,
    responses((status = 201, description = "The lead", body = LeadResponse))
)]
#[post("/api/v1/leads")]
pub(crate) async fn create_lead(
    caller: Caller,
    key: Key,
    body: Body<LeadCreateRequest>,
    service: Data<LeadsService>,
) -> Answer {
    let lead = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, lead.version, &lead)
}

/// One lead.
#[utoipa::path(
    get, path = "/api/v1/leads/{id}", tag = "advisory", operation_id = "advisory_get_lead", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The lead")),
    responses((status = 200, description = "The lead; `ETag` is its version", body = LeadResponse))
)]
#[get("/api/v1/leads/{id}")]
pub(crate) async fn get_lead(caller: Caller, id: Path<Uuid>, service: Data<LeadsService>) -> Answer {
    let lead = service.get(&caller, *id).await?;
    answer::with_etag(lead.version, &lead)
}

/// Replaces a lead's data, its stage too.
#[utoipa::path(
    put, path = "/api/v1/leads/{id}", tag = "advisory", operation_id = "advisory_update_lead", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The lead"), IfMatchParam), request_body = LeadUpdateRequest,
    responses((status = 200, description = "The lead", body = LeadResponse))
)]
#[put("/api/v1/leads/{id}")]
pub(crate) async fn update_lead(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<LeadUpdateRequest>,
    service: Data<LeadsService>,
) -> Answer {
    let lead = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(lead.version, &lead)
}

/// Takes a lead away.
#[utoipa::path(
    delete, path = "/api/v1/leads/{id}", tag = "advisory", operation_id = "advisory_delete_lead", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The lead"), IfMatchParam),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/leads/{id}")]
pub(crate) async fn delete_lead(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<LeadsService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}

/// A lead's score: the sum of the points of the reasons.
#[utoipa::path(
    get, path = "/api/v1/leads/{id}/score", tag = "advisory", operation_id = "advisory_get_lead_score", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The lead")),
    responses((status = 200, description = "The score", body = LeadScore))
)]
#[get("/api/v1/leads/{id}/score")]
pub(crate) async fn get_lead_score(caller: Caller, id: Path<Uuid>, service: Data<LeadsService>) -> Answer {
    answer::ok(&service.score(&caller, *id).await?)
}

/// Writes down what happened with a lead. One that was new is contacted since.
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/activities", tag = "advisory", operation_id = "advisory_add_lead_activity",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The lead"), KeyParam), request_body = ActivityRequest,
    responses((status = 201, description = "The lead", body = LeadResponse))
)]
#[post("/api/v1/leads/{id}/activities")]
pub(crate) async fn add_lead_activity(
    caller: Caller,
    id: Path<Uuid>,
    key: Key,
    body: Body<ActivityRequest>,
    service: Data<LeadsService>,
) -> Answer {
    answer::created(&service.act(&caller, &key, *id, body.into_inner()).await?)
}

/// Makes a client of a lead, once: asking again answers the same client.
#[utoipa::path(
    post, path = "/api/v1/leads/{id}/convert", tag = "advisory", operation_id = "advisory_convert_lead", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The lead")), request_body = ConvertRequest,
    responses((status = 200, description = "The client", body = ClientResponse))
)]
#[post("/api/v1/leads/{id}/convert")]
pub(crate) async fn convert_lead(
    caller: Caller,
    id: Path<Uuid>,
    body: Body<ConvertRequest>,
    service: Data<LeadsService>,
) -> Answer {
    let client = service.convert(&caller, *id, body.into_inner()).await?;
    answer::with_etag(client.version, &client)
}
