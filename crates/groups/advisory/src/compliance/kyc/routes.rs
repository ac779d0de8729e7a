use super::{
    requests::{AlertResponse, KycStatus, ReviewRequest, ReviewResponse},
    service::KycService,
};
use crate::clients::households::routes::NoFilter;
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use kernel::ClientId;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of identity checks.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_kyc)
        .service(list_kyc_alerts)
        .service(get_kyc)
        .service(list_kyc_reviews)
        .service(review_kyc);
}

/// How the identity checks of the caller's clients stand: those without one first, then by their end.
#[utoipa::path(
    get, path = "/api/v1/compliance/kyc", tag = "advisory", operation_id = "advisory_list_kyc", params(PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<KycStatus>))
)]
#[get("/api/v1/compliance/kyc")]
pub(crate) async fn list_kyc(
    request: HttpRequest,
    caller: Caller,
    list: List<NoFilter>,
    service: Data<KycService>,
) -> Answer {
    answer::list(&request, service.list(&caller, list.page.clone()).await?)
}

/// Which identity checks were told to end, 90, 60 and 30 days before and on the day; oldest first.
#[utoipa::path(
    get, path = "/api/v1/compliance/alerts", tag = "advisory", operation_id = "advisory_list_kyc_alerts", params(PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<AlertResponse>))
)]
#[get("/api/v1/compliance/alerts")]
pub(crate) async fn list_kyc_alerts(
    request: HttpRequest,
    caller: Caller,
    list: List<NoFilter>,
    service: Data<KycService>,
) -> Answer {
    answer::list(&request, service.alerts(&caller, list.page.clone()).await?)
}

/// How a client's identity check stands.
#[utoipa::path(
    get, path = "/api/v1/compliance/kyc/{client_id}", tag = "advisory", operation_id = "advisory_get_kyc", security(("bearer" = [])),
    params(("client_id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "How it stands today", body = KycStatus))
)]
#[get("/api/v1/compliance/kyc/{client_id}")]
pub(crate) async fn get_kyc(caller: Caller, id: Path<ClientId>, service: Data<KycService>) -> Answer {
    answer::ok(&service.status(&caller, *id).await?)
}

/// The reviews of a client's identity, oldest first.
#[utoipa::path(
    get, path = "/api/v1/compliance/kyc/{client_id}/reviews", tag = "advisory", operation_id = "advisory_list_kyc_reviews",
    security(("bearer" = [])), params(("client_id" = ClientId, Path, description = "The client"), PageParams),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ReviewResponse>))
)]
#[get("/api/v1/compliance/kyc/{client_id}/reviews")]
pub(crate) async fn list_kyc_reviews(
    request: HttpRequest,
    caller: Caller,
    id: Path<ClientId>,
    list: List<NoFilter>,
    service: Data<KycService>,
) -> Answer {
    answer::list(&request, service.reviews(&caller, *id, list.page.clone()).await?)
}

/// Writes a review of a client's identity down. The jurisdiction's rules say until when it is good.
#[utoipa::path(
    post, path = "/api/v1/compliance/kyc/{client_id}/reviews", tag = "advisory", operation_id = "advisory_review_kyc",
    security(("bearer" = [])), params(("client_id" = ClientId, Path, description = "The client"), KeyParam),
    request_body = ReviewRequest, responses((status = 201, description = "The review", body = ReviewResponse))
)]
#[post("/api/v1/compliance/kyc/{client_id}/reviews")]
pub(crate) async fn review_kyc(
    caller: Caller,
    id: Path<ClientId>,
    key: Key,
    body: Body<ReviewRequest>,
    service: Data<KycService>,
) -> Answer {
    answer::created(&service.review(&caller, &key, *id, body.into_inner()).await?)
}
