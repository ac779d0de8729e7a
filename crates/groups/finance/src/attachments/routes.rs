use super::{
    kinds::{known, names},
    requests::{AttachmentReference, AttachmentResponse, UploadParameters},
    service::Attachments,
};
use actix_web::{
    HttpResponse, delete, get,
    http::header,
    post,
    web::{Data, ServiceConfig},
};
use futures::stream;
use kernel::ErrorKind;
use uuid::Uuid;
use web::{Answer, Body, Caller, Failure, Key, KeyParam, Path, Query, RawBody, answer};

/// Mounts the routes of attachments.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_attachments)
        .service(create_attachment)
        .service(upload_attachment)
        .service(get_attachment_content)
        .service(delete_attachment);
}

/// The attachments of a transaction, oldest first.
#[utoipa::path(
    get, path = "/api/v1/transactions/{id}/attachments", tag = "finance", operation_id = "finance_list_attachments",
    params(("id" = Uuid, Path, description = "The transaction")), security(("bearer" = [])),
    responses((status = 200, description = "All of them, 50 at most", body = Vec<AttachmentResponse>))
)]
#[get("/api/v1/transactions/{id}/attachments")]
pub(crate) async fn list_attachments(caller: Caller, id: Path<Uuid>, service: Data<Attachments>) -> Answer {
    answer::ok(&service.list(&caller, *id).await?)
}

/// Attaches a document that lies elsewhere, by its address and SHA-256.
#[utoipa::path(
    post, path = "/api/v1/transactions/{id}/attachments", tag = "finance", operation_id = "finance_create_attachment",
    params(("id" = Uuid, Path, description = "The transaction"), KeyParam), request_body = AttachmentReference,
    security(("bearer" = [])),
    responses((status = 201, description = "The attachment", body = AttachmentResponse))
)]
#[post("/api/v1/transactions/{id}/attachments")]
pub(crate) async fn create_attachment(
    caller: Caller,
    id: Path<Uuid>,
    key: Key,
    body: Body<AttachmentReference>,
    service: Data<Attachments>,
) -> Answer {
    answer::created(&service.refer(&caller, &key, *id, body.into_inner()).await?)
}

/// Attaches a file: PDF, PNG, JPEG, WebP, plain text or CSV of at most 10 MiB, as the body itself. It is kept encrypted.
#[utoipa::path(
    post, path = "/api/v1/transactions/{id}/attachments/files", tag = "finance",
    operation_id = "finance_upload_attachment",
    params(("id" = Uuid, Path, description = "The transaction"), UploadParameters), security(("bearer" = [])),
    request_body(description = "The file", content(
        (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"),
        (String = "text/plain"), (String = "text/csv")
    )),
    responses((status = 201, description = "The attachment", body = AttachmentResponse))
)]
#[post("/api/v1/transactions/{id}/attachments/files")]
pub(crate) async fn upload_attachment(
    caller: Caller,
    id: Path<Uuid>,
    parameters: Query<UploadParameters>,
    body: RawBody,
    service: Data<Attachments>,
) -> Answer {
    let media_type = known(body.media_type()).ok_or_else(|| {
        Failure::new(
            ErrorKind::UnsupportedMediaType,
            format!("send the file as one of {}", names()),
        )
    })?;
    let transaction = service.to_attach_to(&caller, *id).await?;
    let pieces = stream::try_unfold(body, async |mut body| {
        Ok::<_, Failure>(body.chunk().await?.map(|piece| (piece, body)))
    });
    let about = (parameters.into_inner().name.into_string(), media_type);
    let attachment = service.upload(&caller, &transaction, about, pieces).await?;
    answer::created(&attachment)
}

/// The file of an attachment, as it was sent.
#[utoipa::path(
    get, path = "/api/v1/transactions/{id}/attachments/{attachment_id}/content", tag = "finance",
    operation_id = "finance_get_attachment_content",
    params(("id" = Uuid, Path, description = "The transaction"), ("attachment_id" = Uuid, Path, description = "Which")),
    security(("bearer" = [])),
    responses((status = 200, description = "The file; `ETag` is its SHA-256", content_type = "application/octet-stream"))
)]
#[get("/api/v1/transactions/{id}/attachments/{attachment_id}/content")]
pub(crate) async fn get_attachment_content(
    caller: Caller,
    path: Path<(Uuid, Uuid)>,
    service: Data<Attachments>,
) -> Answer {
    let (transaction, id) = path.into_inner();
    let content = service.content(&caller, transaction, id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content.media_type))
        .insert_header((header::CONTENT_LENGTH, content.bytes))
        .insert_header((header::ETAG, format!("\"{}\"", content.sha256)))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&content.name)))
        .no_chunking(content.bytes)
        .streaming(content.pieces))
}

/// Takes an attachment away, with its file.
#[utoipa::path(
    delete, path = "/api/v1/transactions/{id}/attachments/{attachment_id}", tag = "finance",
    operation_id = "finance_delete_attachment",
    params(("id" = Uuid, Path, description = "The transaction"), ("attachment_id" = Uuid, Path, description = "Which")),
    security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/transactions/{id}/attachments/{attachment_id}")]
pub(crate) async fn delete_attachment(
    caller: Caller,
    path: Path<(Uuid, Uuid)>,
    service: Data<Attachments>,
) -> Answer {
    let (transaction, id) = path.into_inner();
    service.delete(&caller, transaction, id).await?;
    answer::no_content()
}

/// To be saved under its name, never shown in the page: letters that a header cannot hold become underscores.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            '"' | '\\' | '/' => '_',
            letter if letter.is_ascii() && !letter.is_control() => letter,
            _ => '_',
        })
        .collect();
    format!("attachment; filename=\"{plain}\"")
}
