use super::{
    kinds::{MOST_BYTES, begins_right},
    models::AttachmentRecord,
    requests::{AttachmentReference, AttachmentResponse},
};
use crate::{access::Access, error::Error, transactions::TransactionRecord};
use bytes::Bytes;
use futures::{
    Stream, StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use kernel::{AuditRecord, CallContext, IdempotencyKey, MAX_PAGE, Scope};
use std::pin::pin;
use store::{Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// How many attachments a transaction may have.
const MOST: usize = 50;

/// The rules of attachments.
#[derive(Clone)]
pub(crate) struct Attachments {
    store: Store,
    access: Access,
}

/// A file to be sent.
pub(crate) struct Content {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) pieces: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl Attachments {
    pub(crate) fn new(store: Store, access: Access) -> Self {
        Self { store, access }
    }

    /// The attachments of a transaction, oldest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        transaction: Uuid,
    ) -> Result<Vec<AttachmentResponse>, Error> {
        let transaction = self.transaction(cx, transaction).await?;
        let found = self.of(&transaction).await?;
        Ok(found.into_iter().map(AttachmentResponse::from).collect())
    }

    /// Attaches a document that lies elsewhere, once for each key.
    pub(crate) async fn refer(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        transaction: Uuid,
        request: AttachmentReference,
    ) -> Result<AttachmentResponse, Error> {
        let transaction = self.to_attach_to(cx, transaction).await?;
        let url = request.url.as_str();
        if !url.starts_with("https://") || url.contains(char::is_whitespace) {
            return Err(Error::invalid(
                "url",
                "must be an address such as https://example.com/receipt.pdf",
            ));
        }
        if !request.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::invalid("sha256", "must have 64 hex digits"));
        }
        let record = AttachmentRecord {
            user_id: transaction.user_id,
            transaction_id: transaction.id,
            name: request.name.as_str().to_owned(),
            media_type: None,
            bytes: None,
            sha256: request.sha256.to_ascii_lowercase(),
            blob: None,
            url: Some(url.to_owned()),
            created_by: cx.principal.reference(),
        };
        let asked = (transaction.id, &request);
        self.store
            .once(cx, "finance.create_attachment", key, &asked, |mut batch| {
                let record = record.clone();
                async move {
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    batch.event(audit("attachment.added", &stored).into_event(cx));
                    Ok::<_, Error>((batch, AttachmentResponse::from(stored)))
                }
            })
            .await
    }

    /// Whether the caller may attach a file to the transaction. Before the file itself is read.
    pub(crate) async fn to_attach_to(
        &self,
        cx: &CallContext,
        transaction: Uuid,
    ) -> Result<Stored<TransactionRecord>, Error> {
        let transaction = self.transaction(cx, transaction).await?;
        Access::writing(cx, transaction.user_id)?;
        if self.of(&transaction).await?.len() >= MOST {
            let message = format!("has {MOST} attachments already: remove one first");
            return Err(Error::invalid("id", message));
        }
        Ok(transaction)
    }

    /// Keeps a file. One that is too large, or not what it says it is, leaves nothing.
    pub(crate) async fn upload<E: From<Error>>(
        &self,
        cx: &CallContext,
        transaction: &Stored<TransactionRecord>,
        (name, media_type): (String, &'static str),
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<AttachmentResponse, E> {
        let pieces = whole(media_type, pieces).await?;
        let blob = self
            .store
            .write_blob(cx, stream::iter(pieces).map(Ok::<_, Error>))
            .await?;
        let record = AttachmentRecord {
            user_id: transaction.user_id,
            transaction_id: transaction.id,
            name,
            media_type: Some(media_type.to_owned()),
            bytes: Some(blob.length),
            sha256: blob.sha256.clone(),
            blob: Some(blob.id),
            url: None,
            created_by: cx.principal.reference(),
        };
        let mut batch = self.store.batch(cx);
        let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
        batch.event(audit("attachment.added", &stored).into_event(cx));
        self.store.commit(batch).await.map_err(Error::from)?;
        Ok(stored.into())
    }

    /// The file of an attachment; 404 where it lies elsewhere.
    pub(crate) async fn content(
        &self,
        cx: &CallContext,
        transaction: Uuid,
        id: Uuid,
    ) -> Result<Content, Error> {
        let attachment = self.attachment(cx, transaction, id).await?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let blob = match attachment.blob {
            Some(blob) => self.store.blob(&scope, blob).await?,
            None => None,
        };
        let blob = blob.ok_or(Error::AttachmentNotFound)?;
        let media_type = attachment.data.media_type.unwrap_or_default();
        Ok(Content {
            name: attachment.data.name,
            media_type,
            bytes: blob.length,
            sha256: blob.sha256.clone(),
            pieces: self.store.read_blob(&blob).boxed(),
        })
    }

    /// Takes an attachment away, with its file.
    pub(crate) async fn delete(&self, cx: &CallContext, transaction: Uuid, id: Uuid) -> Result<(), Error> {
        let attachment = self.attachment(cx, transaction, id).await?;
        Access::writing(cx, attachment.user_id)?;
        let mut batch = self.store.batch(cx);
        batch.remove(&attachment);
        batch.event(audit("attachment.removed", &attachment).into_event(cx));
        self.store.commit(batch).await?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        if let Some(blob) = attachment.blob
            && let Some(blob) = self.store.blob(&scope, blob).await?
        {
            self.store.remove_blob(cx, &blob).await?;
        }
        Ok(())
    }

    async fn transaction(&self, cx: &CallContext, id: Uuid) -> Result<Stored<TransactionRecord>, Error> {
        let found = self.access.visible::<TransactionRecord>(cx, id).await?;
        found.ok_or(Error::TransactionNotFound)
    }

    async fn of(
        &self,
        transaction: &Stored<TransactionRecord>,
    ) -> Result<Vec<Stored<AttachmentRecord>>, Error> {
        let scope = Scope::Tenant {
            tenant: transaction.tenant_id,
        };
        let query = Query::sorted(Sort::ascending("created_at"))
            .equals("transaction_id", transaction.id)
            .limit(MAX_PAGE);
        Ok(self.store.find(&scope, query).await?.items)
    }

    async fn attachment(
        &self,
        cx: &CallContext,
        transaction: Uuid,
        id: Uuid,
    ) -> Result<Stored<AttachmentRecord>, Error> {
        let transaction = self.transaction(cx, transaction).await?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.store.get::<AttachmentRecord>(&scope, id).await?;
        found
            .filter(|found| found.transaction_id == transaction.id)
            .ok_or(Error::AttachmentNotFound)
    }
}

/// The pieces of a file of at most 10 MiB that begins as it should.
async fn whole<E: From<Error>>(
    media_type: &str,
    pieces: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Vec<Bytes>, E> {
    let mut pieces = pin!(pieces);
    let (mut held, mut head, mut bytes) = (Vec::new(), Vec::new(), 0);
    while let Some(piece) = pieces.try_next().await? {
        bytes += piece.len();
        if bytes > MOST_BYTES {
            return Err(Error::AttachmentTooLarge.into());
        }
        let room = 512_usize.saturating_sub(head.len());
        head.extend(piece.iter().take(room));
        held.push(piece);
    }
    if bytes == 0 {
        return Err(Error::invalid("file", "is empty").into());
    }
    match begins_right(media_type, &head) {
        true => Ok(held),
        false => Err(Error::invalid("file", format!("is no {media_type}")).into()),
    }
}

fn audit(what: &str, stored: &Stored<AttachmentRecord>) -> AuditRecord {
    AuditRecord::new(what, format!("transaction/{}", stored.transaction_id))
        .changing("attachment_id", None, Some(stored.id))
        .changing("sha256", None, Some(stored.sha256.clone()))
}
