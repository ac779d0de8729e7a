use super::{
    Firms,
    models::{FirmSetup, FirmView, NewFirm},
};
use actix_web::{
    HttpRequest, get, post,
    web::{Data, ServiceConfig},
};
use kernel::{ErrorBody, TenantId};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};
use web::{Answer, Body, Caller, List, PageParams, Path, answer};

/// Nothing narrows this list.
#[derive(Debug, Deserialize, IntoParams)]
struct NoFilter {}

/// The firms of the installation
///
/// Those that were made; the installation's own is not among them.
#[utoipa::path(
    get, path = "/firms", tag = "auth", operation_id = "auth_admin_firms",
    params(PageParams),
    responses(
        (status = 200, description = "A page of the firms", body = Vec<FirmView>),
        (status = 403, description = "Needs the permission firms.manage in the installation's own firm", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[get("/firms")]
async fn list_firms(
    caller: Caller,
    firms: Data<Firms>,
    list: List<NoFilter>,
    request: HttpRequest,
) -> Answer {
    let page = firms.list(&caller, list.page).await?;
    answer::list(&request, page.map(|firm| FirmView::from(&firm)))
}

/// Makes a firm
///
/// Answers the token with which its first administrator sets themselves up. An `Idempotency-Key` is not read here, so
/// that the token is kept nowhere.
#[utoipa::path(
    post, path = "/firms", tag = "auth", operation_id = "auth_admin_make_firm",
    request_body = NewFirm,
    responses(
        (status = 201, description = "The firm", body = FirmSetup),
        (status = 403, description = "Needs the permission firms.manage in the installation's own firm", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/firms")]
async fn make_firm(caller: Caller, firms: Data<Firms>, body: Body<NewFirm>) -> Answer {
    answer::created(&firms.make(&caller, &body).await?)
}

/// Makes another set-up token for a firm without administrator
#[utoipa::path(
    post, path = "/firms/{firm_id}/setup-token", tag = "auth", operation_id = "auth_admin_renew_firm_setup",
    params(("firm_id" = TenantId, Path, description = "The firm")),
    responses(
        (status = 200, description = "The token; earlier ones are no longer good", body = FirmSetup),
        (status = 403, description = "Needs the permission firms.manage in the installation's own firm", body = ErrorBody),
        (status = 404, description = "No such firm", body = ErrorBody),
        (status = 409, description = "The firm has an administrator", body = ErrorBody),
    ),
    security(("bearer" = [])),
)]
#[post("/firms/{firm_id}/setup-token")]
async fn renew_setup(caller: Caller, firms: Data<Firms>, id: Path<TenantId>) -> Answer {
    answer::ok(&firms.renew(&caller, *id).await?)
}

/// The routes below `/api/v1/admin`.
#[derive(OpenApi)]
#[openapi(paths(list_firms, make_firm, renew_setup))]
pub(crate) struct Api;

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_firms).service(make_firm).service(renew_setup);
}
