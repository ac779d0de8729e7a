use super::{
    requests::{KycDocumentResponse, PaperParameters},
    service::{KINDS, KycDocuments, known},
};
use actix_web::{
    HttpResponse, delete, get,
    http::header,
    post,
    web::{Data, ServiceConfig},
};
use futures::stream;
use kernel::{ClientId, ErrorKind};
use uuid::Uuid;
use web::{Answer, Caller, Failure, Path, Query, RawBody, answer};

/// Mounts the routes of papers.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(list_kyc_documents)
        .service(upload_kyc_document)
        .service(get_kyc_document_content)
        .service(delete_kyc_document);
}

/// The papers of a client's identity check, oldest first. Advisors, compliance officers and admins read them.
#[utoipa::path(
    get, path = "/api/v1/compliance/kyc/{client_id}/documents", tag = "advisory",
    operation_id = "advisory_list_kyc_documents",
    security(("bearer" = [])), params(("client_id" = ClientId, Path, description = "The client")),
    responses((status = 200, description = "All of them, 50 at most", body = Vec<KycDocumentResponse>))
)]
#[get("/api/v1/compliance/kyc/{client_id}/documents")]
pub(crate) async fn list_kyc_documents(
    caller: Caller,
    id: Path<ClientId>,
    service: Data<KycDocuments>,
) -> Answer {
    answer::ok(&service.list(&caller, *id).await?)
}

/// Keeps a paper: PDF, PNG or JPEG of at most 10 MiB, as the body itself. It is kept encrypted.
#[utoipa::path(
    post, path = "/api/v1/compliance/kyc/{client_id}/documents", tag = "advisory",
    operation_id = "advisory_upload_kyc_document",
    params(("client_id" = ClientId, Path, description = "The client"), PaperParameters), security(("bearer" = [])),
    request_body(description = "The file", content(
        (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg")
    )),
    responses((status = 201, description = "The paper", body = KycDocumentResponse))
)]
#[post("/api/v1/compliance/kyc/{client_id}/documents")]
pub(crate) async fn upload_kyc_document(
    caller: Caller,
    id: Path<ClientId>,
    parameters: Query<PaperParameters>,
    body: RawBody,
    service: Data<KycDocuments>,
) -> Answer {
    let media_type = known(body.media_type()).ok_or_else(|| {
        let names = KINDS.map(|(name, _)| name).join(", ");
        Failure::new(
            ErrorKind::UnsupportedMediaType,
            format!("send the file as one of {names}"),
        )
    })?;
    let client = service.to_add_to(&caller, *id).await?;
    let pieces = stream::try_unfold(body, async |mut body| {
        Ok::<_, Failure>(body.chunk().await?.map(|piece| (piece, body)))
    });
    let about = parameters.into_inner();
    answer::created(
        &service
            .upload(&caller, &client, about, media_type, pieces)
            .await?,
    )
}

/// The file of a paper, as it was sent. That it was read stands in the audit log.
#[utoipa::path(
    get, path = "/api/v1/compliance/kyc/{client_id}/documents/{document_id}/content", tag = "advisory",
    operation_id = "advisory_get_kyc_document_content",
    params(("client_id" = ClientId, Path, description = "The client"), ("document_id" = Uuid, Path, description = "Which")),
    security(("bearer" = [])),
    responses((status = 200, description = "The file; `ETag` is its SHA-256", content_type = "application/octet-stream"))
)]
#[get("/api/v1/compliance/kyc/{client_id}/documents/{document_id}/content")]
pub(crate) async fn get_kyc_document_content(
    caller: Caller,
    path: Path<(ClientId, Uuid)>,
    service: Data<KycDocuments>,
) -> Answer {
    let (client, id) = path.into_inner();
    let content = service.content(&caller, client, id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content.media_type))
        .insert_header((header::CONTENT_LENGTH, content.bytes))
        .insert_header((header::ETAG, format!("\"{}\"", content.sha256)))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&content.name)))
        .no_chunking(content.bytes)
        .streaming(content.pieces))
}

/// Takes a paper away, with its file. Advisors and admins may.
#[utoipa::path(
    delete, path = "/api/v1/compliance/kyc/{client_id}/documents/{document_id}", tag = "advisory",
    operation_id = "advisory_delete_kyc_document",
    params(("client_id" = ClientId, Path, description = "The client"), ("document_id" = Uuid, Path, description = "Which")),
    security(("bearer" = [])),
    responses((status = 204, description = "Gone"))
)]
#[delete("/api/v1/compliance/kyc/{client_id}/documents/{document_id}")]
pub(crate) async fn delete_kyc_document(
    caller: Caller,
    path: Path<(ClientId, Uuid)>,
    service: Data<KycDocuments>,
) -> Answer {
    let (client, id) = path.into_inner();
    service.delete(&caller, client, id).await?;
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
