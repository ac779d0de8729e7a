use super::super::{
    movement_requests::{MovementCreateRequest, MovementFilter, MovementResponse},
    movements::MovementsService,
    reorders::ReordersService,
    requests::{ReorderCloseRequest, ReorderCreateRequest, ReorderFilter, ReorderResponse},
};
use actix_web::{
    HttpRequest, get,
    http::StatusCode,
    post,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of movements and reorders.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_inventory_movements)
        .service(create_inventory_movement)
        .service(list_inventory_reorders)
        .service(create_inventory_reorder)
        .service(close_inventory_reorder);
}

/// What came in, went out and was put elsewhere; newest first.
#[utoipa::path(
    get, path = "/api/v1/inventory/movements", tag = "finance", operation_id = "finance_list_inventory_movements",
    params(MovementFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<MovementResponse>))
)]
#[get("/api/v1/inventory/movements")]
pub(crate) async fn list_inventory_movements(
    request: HttpRequest,
    caller: Caller,
    list: List<MovementFilter>,
    service: Data<MovementsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Posts a movement, once for each key. 409 `insufficient_stock` when there is less than that.
#[utoipa::path(
    post, path = "/api/v1/inventory/movements", tag = "finance",
    operation_id = "finance_create_inventory_movement",
    params(KeyParam), request_body = MovementCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The movement with its cost", body = MovementResponse))
)]
#[post("/api/v1/inventory/movements")]
pub(crate) async fn create_inventory_movement(
    caller: Caller,
    key: Key,
    body: Body<MovementCreateRequest>,
    service: Data<MovementsService>,
) -> Answer {
    answer::created(&service.create(&caller, &key, body.into_inner()).await?)
}

/// What is to be ordered; newest first.
#[utoipa::path(
    get, path = "/api/v1/inventory/reorders", tag = "finance", operation_id = "finance_list_inventory_reorders",
    params(ReorderFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ReorderResponse>))
)]
#[get("/api/v1/inventory/reorders")]
pub(crate) async fn list_inventory_reorders(
    request: HttpRequest,
    caller: Caller,
    list: List<ReorderFilter>,
    service: Data<ReordersService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Opens a reorder of an item; 409 `reorder_open` while another one is open.
#[utoipa::path(
    post, path = "/api/v1/inventory/reorders", tag = "finance",
    operation_id = "finance_create_inventory_reorder",
    params(KeyParam), request_body = ReorderCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The reorder", body = ReorderResponse))
)]
#[post("/api/v1/inventory/reorders")]
pub(crate) async fn create_inventory_reorder(
    caller: Caller,
    key: Key,
    body: Body<ReorderCreateRequest>,
    service: Data<ReordersService>,
) -> Answer {
    let reorder = service.create(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, reorder.version, &reorder)
}

/// Ends a reorder that is open: it came, or it will not. What came is posted as a receipt.
#[utoipa::path(
    post, path = "/api/v1/inventory/reorders/{id}/close", tag = "finance",
    operation_id = "finance_close_inventory_reorder",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = ReorderCloseRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The reorder", body = ReorderResponse))
)]
#[post("/api/v1/inventory/reorders/{id}/close")]
pub(crate) async fn close_inventory_reorder(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<ReorderCloseRequest>,
    service: Data<ReordersService>,
) -> Answer {
    let reorder = service.close(&caller, *id, expected.0, &body).await?;
    answer::with_etag(reorder.version, &reorder)
}
