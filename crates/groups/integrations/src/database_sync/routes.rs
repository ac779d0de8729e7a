use super::{
    requests::{NoFilter, RunRequest, RunResponse, SyncChange, SyncRequest, SyncResponse},
    service::DatabaseSyncs,
};
use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::{StatusCode, header},
    patch, post,
    web::{Data, ServiceConfig},
};
use kernel::ErrorBody;
use utoipa::OpenApi;
use uuid::Uuid;
use web::{Answer, Body, Caller, IfMatch, IfMatchParam, Key, KeyParam, List, PageParams, Path, answer};

/// The caller's database syncs
///
/// Oldest first; never with a password.
#[utoipa::path(
    get, path = "/api/integrations/database-syncs", tag = "integrations", operation_id = "integrations_list_database_syncs",
    params(PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<SyncResponse>)),
)]
#[get("/api/integrations/database-syncs")]
async fn list_syncs(
    request: HttpRequest,
    caller: Caller,
    list: List<NoFilter>,
    syncs: Data<DatabaseSyncs>,
) -> Answer {
    answer::list(&request, syncs.list(&caller, list.page.clone()).await?)
}

/// Makes a sync with an external database
///
/// Rows of a table of the database become transactions, transactions become rows, or both. Nothing happens before a run is
/// begun. The credentials are kept encrypted and never shown again. Only hosts that the operator allows may be named.
#[utoipa::path(
    post, path = "/api/integrations/database-syncs", tag = "integrations", operation_id = "integrations_create_database_sync",
    params(KeyParam), request_body = SyncRequest, security(("bearer" = [])),
    responses(
        (status = 201, description = "The sync; `Location` is its address", body = SyncResponse),
        (status = 403, description = "The role or the state of the account does not allow it", body = ErrorBody),
        (status = 409, description = "The caller has as many syncs as are allowed", body = ErrorBody),
        (status = 422, description = "A field is wrong, or the host is not allowed", body = ErrorBody),
    ),
)]
#[post("/api/integrations/database-syncs")]
async fn create_sync(
    caller: Caller,
    key: Key,
    syncs: Data<DatabaseSyncs>,
    body: Body<SyncRequest>,
) -> Answer {
    let sync = syncs.create(&caller, &key, &body).await?;
    let mut answer = answer::json_with_etag(StatusCode::CREATED, sync.version, &sync)?;
    lead_to(
        &mut answer,
        format!("/api/integrations/database-syncs/{}", sync.id),
    );
    Ok(answer)
}

/// One of the caller's database syncs
#[utoipa::path(
    get, path = "/api/integrations/database-syncs/{id}", tag = "integrations", operation_id = "integrations_get_database_sync",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The sync; `ETag` is its version", body = SyncResponse)),
)]
#[get("/api/integrations/database-syncs/{id}")]
async fn get_sync(caller: Caller, id: Path<Uuid>, syncs: Data<DatabaseSyncs>) -> Answer {
    let sync = syncs.get(&caller, *id).await?;
    answer::with_etag(sync.version, &sync)
}

/// Changes a database sync
///
/// Its name, its address and credentials, its direction, and what becomes of conflicts. What is left out stays.
#[utoipa::path(
    patch, path = "/api/integrations/database-syncs/{id}", tag = "integrations", operation_id = "integrations_change_database_sync",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), request_body = SyncChange, security(("bearer" = [])),
    responses(
        (status = 200, description = "The sync", body = SyncResponse),
        (status = 422, description = "A field is wrong, or the host is not allowed", body = ErrorBody),
    ),
)]
#[patch("/api/integrations/database-syncs/{id}")]
async fn change_sync(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    body: Body<SyncChange>,
    syncs: Data<DatabaseSyncs>,
) -> Answer {
    let sync = syncs.change(&caller, *id, expected.0, body.into_inner()).await?;
    answer::with_etag(sync.version, &sync)
}

/// Deletes a database sync
///
/// With its credentials, its runs, and what it knows of which row is which transaction. Transactions and rows stay.
#[utoipa::path(
    delete, path = "/api/integrations/database-syncs/{id}", tag = "integrations", operation_id = "integrations_delete_database_sync",
    params(("id" = Uuid, Path, description = "Which"), IfMatchParam), security(("bearer" = [])),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "A run is under way", body = ErrorBody),
    ),
)]
#[delete("/api/integrations/database-syncs/{id}")]
async fn delete_sync(
    caller: Caller,
    id: Path<Uuid>,
    expected: IfMatch,
    syncs: Data<DatabaseSyncs>,
) -> Answer {
    syncs.delete(&caller, *id, expected.0).await?;
    answer::no_content()
}

/// Runs a database sync
///
/// In the background; `Location` tells how far it is. Running again adds nothing that is there already. `{}` runs it as it
/// was made.
#[utoipa::path(
    post, path = "/api/integrations/database-syncs/{id}/runs", tag = "integrations", operation_id = "integrations_run_database_sync",
    params(("id" = Uuid, Path, description = "Which"), KeyParam), request_body = RunRequest, security(("bearer" = [])),
    responses(
        (status = 202, description = "It was begun; `Location` tells how far it is", body = RunResponse),
        (status = 403, description = "The role or the state of the account does not allow it", body = ErrorBody),
        (status = 409, description = "A run is under way", body = ErrorBody),
    ),
)]
#[post("/api/integrations/database-syncs/{id}/runs")]
async fn run_sync(
    caller: Caller,
    id: Path<Uuid>,
    key: Key,
    syncs: Data<DatabaseSyncs>,
    body: Body<RunRequest>,
) -> Answer {
    let run = syncs.run(&caller, &key, *id, &body).await?;
    let mut answer = answer::accepted(&run)?;
    let place = format!("/api/integrations/database-syncs/{}/runs/{}", run.sync_id, run.id);
    lead_to(&mut answer, place);
    Ok(answer)
}

/// The runs of a database sync
///
/// Latest first.
#[utoipa::path(
    get, path = "/api/integrations/database-syncs/{id}/runs", tag = "integrations", operation_id = "integrations_list_database_sync_runs",
    params(("id" = Uuid, Path, description = "Which"), PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<RunResponse>)),
)]
#[get("/api/integrations/database-syncs/{id}/runs")]
async fn list_runs(
    request: HttpRequest,
    caller: Caller,
    id: Path<Uuid>,
    list: List<NoFilter>,
    syncs: Data<DatabaseSyncs>,
) -> Answer {
    answer::list(&request, syncs.runs(&caller, *id, list.page.clone()).await?)
}

/// A run of a database sync
///
/// Where it stands, what it did, what could not be taken over and why, and the conflicts with both their sides.
#[utoipa::path(
    get, path = "/api/integrations/database-syncs/{id}/runs/{run_id}", tag = "integrations",
    operation_id = "integrations_get_database_sync_run",
    params(("id" = Uuid, Path, description = "Of which sync"), ("run_id" = Uuid, Path, description = "Which")),
    security(("bearer" = [])),
    responses((status = 200, description = "The run", body = RunResponse)),
)]
#[get("/api/integrations/database-syncs/{id}/runs/{run_id}")]
async fn get_run(caller: Caller, ids: Path<(Uuid, Uuid)>, syncs: Data<DatabaseSyncs>) -> Answer {
    let (id, run) = *ids;
    answer::ok(&syncs.one_run(&caller, id, run).await?)
}

fn lead_to(answer: &mut HttpResponse, place: String) {
    if let Ok(place) = place.try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
}

#[derive(OpenApi)]
#[openapi(paths(
    list_syncs,
    create_sync,
    get_sync,
    change_sync,
    delete_sync,
    run_sync,
    list_runs,
    get_run
))]
struct Api;

/// The description of these routes.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_syncs)
        .service(create_sync)
        .service(get_sync)
        .service(change_sync)
        .service(delete_sync)
        .service(run_sync)
        .service(list_runs)
        .service(get_run);
}
