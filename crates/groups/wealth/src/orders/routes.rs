use super::{
    Orders,
    models::OrderState,
    requests::{OrderCreateRequest, OrderEndRequest, OrderFillRequest, OrderFilter, OrderResponse},
};
use actix_web::{
    HttpRequest, get,
    http::{StatusCode, header},
    post,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, Key, KeyParam, List, PageParams, Path, answer};

/// Mounts the routes of orders.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_orders)
        .service(create_order)
        .service(get_order)
        .service(check_order)
        .service(place_order)
        .service(fill_order)
        .service(cancel_order)
        .service(reject_order)
        .service(expire_order);
}

/// The orders that the caller may see, oldest first.
#[utoipa::path(
    get, path = "/api/v1/orders", tag = "wealth", operation_id = "wealth_list_orders",
    params(OrderFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<OrderResponse>))
)]
#[get("/api/v1/orders")]
pub(crate) async fn list_orders(
    request: HttpRequest,
    caller: Caller,
    list: List<OrderFilter>,
    service: Data<Orders>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Writes an order down as a draft.
#[utoipa::path(
    post, path = "/api/v1/orders", tag = "wealth", operation_id = "wealth_create_order",
    params(KeyParam), request_body = OrderCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The order; `Location` is its address", body = OrderResponse))
)]
#[post("/api/v1/orders")]
pub(crate) async fn create_order(
    caller: Caller,
    key: Key,
    body: Body<OrderCreateRequest>,
    service: Data<Orders>,
) -> Answer {
    let made = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, made.version, &made)?;
    if let Ok(place) = format!("/api/v1/orders/{}", made.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One order with its history.
#[utoipa::path(
    get, path = "/api/v1/orders/{id}", tag = "wealth", operation_id = "wealth_get_order",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The order; `ETag` is its version", body = OrderResponse))
)]
#[get("/api/v1/orders/{id}")]
pub(crate) async fn get_order(caller: Caller, path: Path<Uuid>, service: Data<Orders>) -> Answer {
    let order = service.get(&caller, *path).await?;
    answer::with_etag(order.version, &order)
}

/// Has a draft checked by compliance: it is `checked` then, or stays a draft, and its history says why it is held.
#[utoipa::path(
    post, path = "/api/v1/orders/{id}/check", tag = "wealth", operation_id = "wealth_check_order",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The order", body = OrderResponse))
)]
#[post("/api/v1/orders/{id}/check")]
pub(crate) async fn check_order(caller: Caller, path: Path<Uuid>, key: Key, service: Data<Orders>) -> Answer {
    answer::ok(&service.check(&caller, &key, *path).await?)
}

/// Gives a checked order to the broker, who fills it at once where the newest quote allows it.
#[utoipa::path(
    post, path = "/api/v1/orders/{id}/place", tag = "wealth", operation_id = "wealth_place_order",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), security(("bearer" = [])),
    responses((status = 200, description = "The order", body = OrderResponse))
)]
#[post("/api/v1/orders/{id}/place")]
pub(crate) async fn place_order(caller: Caller, path: Path<Uuid>, key: Key, service: Data<Orders>) -> Answer {
    answer::ok(&service.place(&caller, &key, *path).await?)
}

/// Takes in what was done of a placed order. More than is left of it is 409. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/orders/{id}/fills", tag = "wealth", operation_id = "wealth_fill_order",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = OrderFillRequest,
    security(("bearer" = [])), responses((status = 200, description = "The order", body = OrderResponse))
)]
#[post("/api/v1/orders/{id}/fills")]
pub(crate) async fn fill_order(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<OrderFillRequest>,
    service: Data<Orders>,
) -> Answer {
    answer::ok(&service.fill(&caller, &key, *path, body.into_inner()).await?)
}

/// Takes an order back: what was done of it stays.
#[utoipa::path(
    post, path = "/api/v1/orders/{id}/cancel", tag = "wealth", operation_id = "wealth_cancel_order",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = OrderEndRequest,
    security(("bearer" = [])), responses((status = 200, description = "The order", body = OrderResponse))
)]
#[post("/api/v1/orders/{id}/cancel")]
pub(crate) async fn cancel_order(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<OrderEndRequest>,
    service: Data<Orders>,
) -> Answer {
    let state = OrderState::Cancelled;
    answer::ok(
        &service
            .end(&caller, &key, *path, state, body.into_inner())
            .await?,
    )
}

/// Says that the broker refused a placed order. Advisors and admins may.
#[utoipa::path(
    post, path = "/api/v1/orders/{id}/reject", tag = "wealth", operation_id = "wealth_reject_order",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = OrderEndRequest,
    security(("bearer" = [])), responses((status = 200, description = "The order", body = OrderResponse))
)]
#[post("/api/v1/orders/{id}/reject")]
pub(crate) async fn reject_order(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<OrderEndRequest>,
    service: Data<Orders>,
) -> Answer {
    let state = OrderState::Rejected;
    answer::ok(
        &service
            .end(&caller, &key, *path, state, body.into_inner())
            .await?,
    )
}

/// Ends an order whose last day is over.
#[utoipa::path(
    post, path = "/api/v1/orders/{id}/expire", tag = "wealth", operation_id = "wealth_expire_order",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = OrderEndRequest,
    security(("bearer" = [])), responses((status = 200, description = "The order", body = OrderResponse))
)]
#[post("/api/v1/orders/{id}/expire")]
pub(crate) async fn expire_order(
    caller: Caller,
    path: Path<Uuid>,
    key: Key,
    body: Body<OrderEndRequest>,
    service: Data<Orders>,
) -> Answer {
    let state = OrderState::Expired;
    answer::ok(
        &service
            .end(&caller, &key, *path, state, body.into_inner())
            .await?,
    )
}
