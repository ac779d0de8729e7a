use super::{
    requests::{TaggedFilter, TagsRequest, TagsResponse},
    service::Tags,
};
use actix_web::{
    HttpRequest, get, put,
    web::{Data, ServiceConfig},
};
use uuid::Uuid;
use web::{Answer, Body, Caller, List, PageParams, Path, answer};

/// Mounts the routes of tags. Before the routes of single transactions: `tagged` is no id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_tagged).service(get_tags).service(put_tags);
}

/// The transactions of a user that have a tag.
#[utoipa::path(
    get, path = "/api/v1/transactions/tagged", tag = "finance", operation_id = "finance_list_tagged_transactions",
    params(TaggedFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<TagsResponse>))
)]
#[get("/api/v1/transactions/tagged")]
pub(crate) async fn list_tagged(
    request: HttpRequest,
    caller: Caller,
    list: List<TaggedFilter>,
    service: Data<Tags>,
) -> Answer {
    let page = service.list(&caller, &list.filter, list.page.clone()).await?;
    answer::list(&request, page)
}

/// The tags of a transaction.
#[utoipa::path(
    get, path = "/api/v1/transactions/{id}/tags", tag = "finance", operation_id = "finance_get_tags",
    params(("id" = Uuid, Path, description = "The transaction")), security(("bearer" = [])),
    responses((status = 200, description = "Its tags", body = TagsResponse))
)]
#[get("/api/v1/transactions/{id}/tags")]
pub(crate) async fn get_tags(caller: Caller, id: Path<Uuid>, service: Data<Tags>) -> Answer {
    answer::ok(&service.get(&caller, *id).await?)
}

/// Gives a transaction exactly these tags.
#[utoipa::path(
    put, path = "/api/v1/transactions/{id}/tags", tag = "finance", operation_id = "finance_put_tags",
    params(("id" = Uuid, Path, description = "The transaction")), request_body = TagsRequest,
    security(("bearer" = [])),
    responses((status = 200, description = "Its tags", body = TagsResponse))
)]
#[put("/api/v1/transactions/{id}/tags")]
pub(crate) async fn put_tags(
    caller: Caller,
    id: Path<Uuid>,
    body: Body<TagsRequest>,
    service: Data<Tags>,
) -> Answer {
    answer::ok(&service.put(&caller, *id, body.into_inner()).await?)
}
