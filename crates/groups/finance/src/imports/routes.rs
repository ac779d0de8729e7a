use super::{
    requests::{ImportFilter, ImportParameters, ImportResponse, ImportState},
    service::ImportService,
};
use crate::formats::{Encoding, Format};
use actix_web::{
    HttpMessage, HttpRequest, get,
    http::{StatusCode, header},
    post,
    web::{Data, ServiceConfig},
};
use bytes::Bytes;
use futures::{Stream, stream};
use kernel::ErrorKind;
use uuid::Uuid;
use web::{Answer, Caller, Failure, List, PageParams, Path, Query, RawBody, answer};

/// Mounts the routes of imports. Before the routes of single transactions: `import` is no id.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(import_transactions)
        .service(list_imports)
        .service(get_import);
}

/// Imports a bank's statement: CSV, OFX or QIF, by its content type. Without a mapping CSV has the columns Date, Description and
/// Amount. Each row is posted once, however often the file, or one that overlaps it, is sent. One wrong row refuses the
/// file. A file of more than 1 MiB or 5,000 rows is checked at once and posted in the background: 202, and `Location`
/// tells how far it is.
#[utoipa::path(
    post, path = "/api/v1/transactions/import", tag = "finance", operation_id = "finance_import_transactions",
    params(ImportParameters), security(("bearer" = [])),
    request_body(description = "At most 32 MiB and 250,000 rows", content(
        (String = "text/csv", example = "Date,Description,Amount\n2026-01-05,Salary,1350.60\n2026-01-06,Rent,-2400.00\n"),
        (String = "application/x-ofx"), (String = "application/ofx"), (String = "application/vnd.intu.qfx"),
        (String = "application/qif"), (String = "application/x-qif")
    )),
    responses(
        (status = 200, description = "What came of it", body = ImportResponse),
        (status = 202, description = "Checked; goes on in the background. `Location` tells how far it is", body = ImportResponse)
    )
)]
#[post("/api/v1/transactions/import")]
pub(crate) async fn import_transactions(
    request: HttpRequest,
    caller: Caller,
    parameters: Query<ImportParameters>,
    body: RawBody,
    service: Data<ImportService>,
) -> Answer {
    let format = format(body.media_type())?;
    let begun = service
        .begin(&caller, &parameters, format, charset(&request)?)
        .await?;
    let came = service.import(&caller, begun, pieces(body)).await?;
    if came.state == ImportState::Done || came.created_at.is_none() {
        return answer::ok(&came);
    }
    let mut answer = answer::json(StatusCode::ACCEPTED, &came)?;
    if let Ok(place) = format!("/api/v1/transactions/imports/{}", came.import_id).try_into() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// The imports of an account, latest first.
#[utoipa::path(
    get, path = "/api/v1/transactions/imports", tag = "finance", operation_id = "finance_list_imports",
    params(ImportFilter, PageParams), security(("bearer" = [])),
    responses((status = 200, description = "One page; `Link` leads to the next", body = Vec<ImportResponse>))
)]
#[get("/api/v1/transactions/imports")]
pub(crate) async fn list_imports(
    request: HttpRequest,
    caller: Caller,
    list: List<ImportFilter>,
    service: Data<ImportService>,
) -> Answer {
    let page = service
        .list(&caller, list.filter.account_id, list.page.clone())
        .await?;
    answer::list(&request, page)
}

/// How far an import is, and what came of it.
#[utoipa::path(
    get, path = "/api/v1/transactions/imports/{id}", tag = "finance", operation_id = "finance_get_import",
    params(("id" = Uuid, Path, description = "Which")), security(("bearer" = [])),
    responses((status = 200, description = "The import", body = ImportResponse))
)]
#[get("/api/v1/transactions/imports/{id}")]
pub(crate) async fn get_import(caller: Caller, id: Path<Uuid>, service: Data<ImportService>) -> Answer {
    answer::ok(&service.get(&caller, *id).await?)
}

fn pieces(body: RawBody) -> impl Stream<Item = Result<Bytes, Failure>> {
    stream::try_unfold(body, async |mut body| {
        Ok(body.chunk().await?.map(|piece| (piece, body)))
    })
}

fn format(media_type: &str) -> Result<Format, Failure> {
    match media_type {
        "text/csv" => Ok(Format::Csv),
        "application/x-ofx" | "application/ofx" | "application/vnd.intu.qfx" => Ok(Format::Ofx),
        "application/qif" | "application/x-qif" => Ok(Format::Qif),
        _ => Err(Failure::new(
            ErrorKind::UnsupportedMediaType,
            "send the statement as text/csv, application/x-ofx or application/x-qif",
        )),
    }
}

/// The encoding that the content type declares.
fn charset(request: &HttpRequest) -> Result<Option<Encoding>, Failure> {
    let sent = request.mime_type().ok().flatten();
    let Some(charset) = sent.as_ref().and_then(|sent| sent.get_param("charset")) else {
        return Ok(None);
    };
    let known = Encoding::named(charset.as_str()).ok_or_else(|| {
        Failure::new(
            ErrorKind::UnsupportedMediaType,
            "the charset must be utf-8, utf-16le, utf-16be or windows-1252",
        )
    });
    known.map(Some)
}
