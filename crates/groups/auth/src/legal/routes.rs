use super::{
    Legal,
    models::{LegalAcceptanceRequest, LegalAcceptanceView, LegalDocumentView, LegalStatus, NewLegalDocument},
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use kernel::ErrorBody;
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use web::{Answer, Body, Caller, Context, List, PageParams, answer};

/// Nothing narrows these lists.
#[derive(Debug, Deserialize, IntoParams)]
struct NoFilter {}

/// The terms and the privacy notice that count
///
/// Open to anybody: who has not logged in sees those of the installation's own firm.
#[utoipa::path(
    get, path = "/documents", tag = "auth", operation_id = "auth_legal_documents",
    responses((status = 200, description = "The versions that count", body = Vec<LegalDocumentView>)),
)]
#[get("/documents")]
async fn list_current(cx: Context, legal: Data<Legal>) -> Answer {
    let current: Vec<_> = legal
        .current(&cx)
        .await?
        .iter()
        .map(LegalDocumentView::from)
        .collect();
    answer::ok(&current)
}

/// Every version
#[utoipa::path(
    get, path = "/versions", tag = "auth", operation_id = "auth_legal_versions",
    params(PageParams),
    responses((status = 200, description = "A page of the versions, newest first", body = Vec<LegalDocumentView>)),
)]
#[get("/versions")]
async fn list_versions(
    cx: Context,
    legal: Data<Legal>,
    list: List<NoFilter>,
    request: HttpRequest,
) -> Answer {
    let page = legal.versions(&cx, list.page).await?;
    answer::list(&request, page.map(|document| LegalDocumentView::from(&document)))
}

/// Publishes a version
///
/// From now on it is the one that counts: who accepted an older one has to accept again.
#[utoipa::path(
    post, path = "/documents", tag = "auth", operation_id = "auth_publish_legal_document",
    request_body = NewLegalDocument,
    responses(
        (status = 201, description = "The version", body = LegalDocumentView),
        (status = 403, description = "Needs the permission legal.publish", body = ErrorBody),
        (status = 409, description = "Somebody published at the same moment", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/documents")]
async fn publish(caller: Caller, legal: Data<Legal>, body: Body<NewLegalDocument>) -> Answer {
    let document = legal.publish(&caller, body.into_inner()).await?;
    answer::created(&LegalDocumentView::from(&document))
}

/// Accepts a version
///
/// The one that counts. When, from which address, and the hash of the text are kept.
#[utoipa::path(
    post, path = "/acceptances", tag = "auth", operation_id = "auth_accept_legal_document",
    request_body = LegalAcceptanceRequest,
    responses(
        (status = 201, description = "The evidence", body = LegalAcceptanceView),
        (status = 403, description = "Nobody accepts for somebody else", body = ErrorBody),
        (status = 404, description = "No such version", body = ErrorBody),
        (status = 409, description = "A newer version counts", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/acceptances")]
async fn accept(
    caller: Caller,
    legal: Data<Legal>,
    request: HttpRequest,
    body: Body<LegalAcceptanceRequest>,
) -> Answer {
    let address = web::hop_of(&request).map(|hop| hop.client.to_string());
    let accepted = legal.accept(&caller, body.document_id, address).await?;
    answer::created(&LegalAcceptanceView::from(&accepted))
}

/// What was accepted
///
/// By oneself; admins and compliance see the evidence of their firm.
#[utoipa::path(
    get, path = "/acceptances", tag = "auth", operation_id = "auth_legal_acceptances",
    params(PageParams),
    responses((status = 200, description = "A page of the evidence, newest first", body = Vec<LegalAcceptanceView>)),
    security(("bearer" = [])),
)]
#[get("/acceptances")]
async fn list_acceptances(
    caller: Caller,
    legal: Data<Legal>,
    list: List<NoFilter>,
    request: HttpRequest,
) -> Answer {
    let page = legal.acceptances(&caller, list.page).await?;
    answer::list(
        &request,
        page.map(|acceptance| LegalAcceptanceView::from(&acceptance)),
    )
}

/// What I have to accept
#[utoipa::path(
    get, path = "/status", tag = "auth", operation_id = "auth_legal_status",
    responses((status = 200, description = "Each document that counts, and since when it is accepted", body = Vec<LegalStatus>)),
    security(("bearer" = [])),
)]
#[get("/status")]
async fn status(caller: Caller, legal: Data<Legal>) -> Answer {
    answer::ok(&legal.status(&caller).await?)
}

/// The routes below `/api/legal`.
#[derive(OpenApi)]
#[openapi(paths(list_current, list_versions, publish, accept, list_acceptances, status))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_current)
        .service(list_versions)
        .service(publish)
        .service(accept)
        .service(list_acceptances)
        .service(status);
}
