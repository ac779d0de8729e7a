use super::super::{
    items::ItemsService,
    requests::{
        ItemCreateRequest, ItemFilter, ItemResponse, ItemUpdateRequest, LocationCreateRequest,
        LocationResponse, OwnerFilter,
    },
    transfer::{ItemFiles, ItemImportParameters, ItemImportResponse},
};
use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::{StatusCode, header},
    post, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{
    Answer, Body, Caller, CsvBody, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, Query,
    answer,
};

/// Mounts the routes of items and locations. Files first: `import` and `export` are no ids.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(import_inventory_items)
        .service(export_inventory_items)
        .service(list_inventory_items)
        .service(create_inventory_item)
        .service(get_inventory_item)
        .service(update_inventory_item)
        .service(delete_inventory_item)
        .service(list_low_stock)
        .service(list_inventory_locations)
        .service(create_inventory_location);
}

/// Items with their stock, by SKU.
#[utoipa::path(
    get, path = "/api/v1/inventory/items", tag = "finance", operation_id = "finance_list_inventory_items",
    params(ItemFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ItemResponse>))
)]
#[get("/api/v1/inventory/items")]
pub(crate) async fn list_inventory_items(
    request: HttpRequest,
    caller: Caller,
    list: List<ItemFilter>,
    service: Data<ItemsService>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Items of which there is no more than the reorder point, with the reason.
#[utoipa::path(
    get, path = "/api/v1/inventory/low-stock", tag = "finance", operation_id = "finance_list_low_stock",
    params(OwnerFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ItemResponse>))
)]
#[get("/api/v1/inventory/low-stock")]
pub(crate) async fn list_low_stock(
    request: HttpRequest,
    caller: Caller,
    list: List<OwnerFilter>,
    service: Data<ItemsService>,
) -> Answer {
    let filter = ItemFilter {
        user_id: list.filter.user_id,
        low: Some(true),
    };
    let page = service.list(&caller, &filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// Makes an item.
#[utoipa::path(
    post, path = "/api/v1/inventory/items", tag = "finance", operation_id = "finance_create_inventory_item",
    params(KeyParam), request_body = ItemCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The item; `Location` is its address", body = ItemResponse))
)]
#[post("/api/v1/inventory/items")]
pub(crate) async fn create_inventory_item(
    caller: Caller,
    key: Key,
    body: Body<ItemCreateRequest>,
    service: Data<ItemsService>,
) -> Answer {
    let item = service.create(&caller, &key, body.into_inner()).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, item.version, &item)?;
    if let Ok(place) = format!("/api/v1/inventory/items/{}", item.id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// One item with its stock.
#[utoipa::path(
    get, path = "/api/v1/inventory/items/{id}", tag = "finance", operation_id = "finance_get_inventory_item",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The item; `ETag` is its version", body = ItemResponse))
)]
#[get("/api/v1/inventory/items/{id}")]
pub(crate) async fn get_inventory_item(
    caller: Caller,
    id: Path<Uuid>,
    service: Data<ItemsService>,
) -> Answer {
    let item = service.get(&caller, *id).await?;
    answer::with_etag(item.version, &item)
}

/// Replaces an item's data. SKU, currency and valuation are for ever.
#[utoipa::path(
    put, path = "/api/v1/inventory/items/{id}", tag = "finance", operation_id = "finance_update_inventory_item",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = ItemUpdateRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "The item", body = ItemResponse))
)]
#[put("/api/v1/inventory/items/{id}")]
pub(crate) async fn update_inventory_item(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<ItemUpdateRequest>,
    service: Data<ItemsService>,
) -> Answer {
    let item = service
        .update(&caller, *id, expected.0, body.into_inner())
        .await?;
    answer::with_etag(item.version, &item)
}

/// Deletes an item of which there is nothing; 409 when there is some.
#[utoipa::path(
    delete, path = "/api/v1/inventory/items/{id}", tag = "finance",
    operation_id = "finance_delete_inventory_item",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/inventory/items/{id}")]
pub(crate) async fn delete_inventory_item(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    service: Data<ItemsService>,
) -> Answer {
    service.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}

/// Makes items from a file: CSV in UTF-8 with the columns sku and name, and any of unit, currency, valuation,
/// allow_negative, reorder_point, daily_demand, lead_time_days, demand_sd and service_level. An SKU that is there already is
/// left as it is. One wrong row refuses the file.
#[utoipa::path(
    post, path = "/api/v1/inventory/items/import", tag = "finance",
    operation_id = "finance_import_inventory_items",
    params(ItemImportParameters), security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv", example = "sku,name,unit,reorder_point\nRICE-5,Rice 5 kg,bag,20\n"),
    responses((status = 200, description = "What came of it", body = ItemImportResponse))
)]
#[post("/api/v1/inventory/items/import")]
pub(crate) async fn import_inventory_items(
    caller: Caller,
    parameters: Query<ItemImportParameters>,
    body: CsvBody,
    files: Data<ItemFiles>,
) -> Answer {
    let file = body.0.into_bytes().await?;
    answer::ok(&files.import(&caller, &parameters, &file).await?)
}

/// A user's items as CSV, by SKU, in the form that the import reads.
#[utoipa::path(
    get, path = "/api/v1/inventory/items/export", tag = "finance",
    operation_id = "finance_export_inventory_items",
    params(OwnerFilter), security(("bearer" = [])),
    responses((status = 200, description = "The items", body = String, content_type = "text/csv"))
)]
#[get("/api/v1/inventory/items/export")]
pub(crate) async fn export_inventory_items(
    caller: Caller,
    filter: Query<OwnerFilter>,
    files: Data<ItemFiles>,
) -> Answer {
    let bytes = files.export(&caller, filter.user_id).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"inventory-items.csv\"",
        ))
        .body(bytes))
}

/// Where things lie; oldest first.
#[utoipa::path(
    get, path = "/api/v1/inventory/locations", tag = "finance", operation_id = "finance_list_inventory_locations",
    params(OwnerFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<LocationResponse>))
)]
#[get("/api/v1/inventory/locations")]
pub(crate) async fn list_inventory_locations(
    request: HttpRequest,
    caller: Caller,
    list: List<OwnerFilter>,
    service: Data<ItemsService>,
) -> Answer {
    let page = service
        .locations(&caller, &list.filter, list.page.clone())
        .await?;
    answer::list(&request, page)
}

/// Makes a location.
#[utoipa::path(
    post, path = "/api/v1/inventory/locations", tag = "finance",
    operation_id = "finance_create_inventory_location",
    params(KeyParam), request_body = LocationCreateRequest, security(("bearer" = [])),
    responses((status = 201, description = "The location", body = LocationResponse))
)]
#[post("/api/v1/inventory/locations")]
pub(crate) async fn create_inventory_location(
    caller: Caller,
    key: Key,
    body: Body<LocationCreateRequest>,
    service: Data<ItemsService>,
) -> Answer {
    let location = service.create_location(&caller, &key, body.into_inner()).await?;
    answer::json_with_etag(StatusCode::CREATED, location.version, &location)
}
