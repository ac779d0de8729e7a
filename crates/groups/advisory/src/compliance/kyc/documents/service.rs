use super::{
    models::KycDocument,
    requests::{KycDocumentResponse, PaperParameters},
};
use crate::{
    access::{client, may_read_papers, may_write},
    clients::ClientRecord,
    error::Error,
};
use bytes::Bytes;
use futures::{
    Stream, StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use kernel::{AuditRecord, CallContext, ClientId, Scope};
use std::pin::pin;
use store::{Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// How many papers a client may have.
const MOST: u32 = 50;

/// The largest file.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// What is kept: content type, and how its files begin.
pub(super) const KINDS: [(&str, &[u8]); 3] = [
    ("application/pdf", b"%PDF-"),
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
];

/// The known name of a content type; nothing for what is not kept.
pub(super) fn known(media_type: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .map(|(name, _)| *name)
        .find(|name| name.eq_ignore_ascii_case(media_type))
}

/// The rules of papers.
pub(crate) struct KycDocuments {
    store: Store,
}

/// A file to be sent.
pub(super) struct Content {
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) pieces: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl KycDocuments {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The papers of a client, oldest first.
    pub(super) async fn list(
        &self,
        cx: &CallContext,
        id: ClientId,
    ) -> Result<Vec<KycDocumentResponse>, Error> {
        let client = client(&self.store, cx, id).await?;
        may_read_papers(cx, "compliance.documents")?;
        let found = self.of(&client).await?;
        Ok(found.into_iter().map(KycDocumentResponse::from).collect())
    }

    /// Whether the caller may add a paper to this client. Before the file itself is read.
    pub(super) async fn to_add_to(
        &self,
        cx: &CallContext,
        id: ClientId,
    ) -> Result<Stored<ClientRecord>, Error> {
        let client = client(&self.store, cx, id).await?;
        may_write(cx, "compliance.documents")?;
        if self.of(&client).await?.len() >= MOST as usize {
            let reason = format!("the client has {MOST} papers already: remove one first");
            return Err(Error::standing("too_many_documents", reason));
        }
        Ok(client)
    }

    /// Keeps a paper. A file that is too large, or not what it says it is, leaves nothing.
    pub(super) async fn upload<E: From<Error>>(
        &self,
        cx: &CallContext,
        client: &Stored<ClientRecord>,
        about: PaperParameters,
        media_type: &'static str,
        pieces: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<KycDocumentResponse, E> {
        let pieces = whole(media_type, pieces).await?;
        let blob = self
            .store
            .write_blob(cx, stream::iter(pieces).map(Ok::<_, Error>))
            .await?;
        let record = KycDocument {
            user_id: client.user_id,
            client_id: ClientId(client.id),
            kind: about.kind,
            name: about.name.into_string(),
            media_type: media_type.to_owned(),
            bytes: blob.length,
            sha256: blob.sha256.clone(),
            blob: Some(blob.id),
            uploaded_by: cx.principal.reference(),
        };
        let mut batch = self.store.batch(cx);
        let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
        batch.event(audit("kyc_document.added", &stored).into_event(cx));
        self.store.commit(batch).await.map_err(Error::from)?;
        Ok(stored.into())
    }

    /// The file of a paper.
    pub(super) async fn content(
        &self,
        cx: &CallContext,
        id: ClientId,
        paper: Uuid,
    ) -> Result<Content, Error> {
        let paper = self.paper(cx, id, paper).await?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let blob = match paper.blob {
            Some(blob) => self.store.blob(&scope, blob).await?,
            None => None,
        };
        let blob = blob.ok_or(MISSING)?;
        let mut batch = self.store.batch(cx);
        batch.event(audit("kyc_document.read", &paper).into_event(cx));
        self.store.commit(batch).await?;
        Ok(Content {
            name: paper.data.name,
            media_type: paper.data.media_type,
            bytes: blob.length,
            sha256: blob.sha256.clone(),
            pieces: self.store.read_blob(&blob).boxed(),
        })
    }

    /// Takes a paper away, with its file.
    pub(super) async fn delete(&self, cx: &CallContext, id: ClientId, paper: Uuid) -> Result<(), Error> {
        let paper = self.paper(cx, id, paper).await?;
        may_write(cx, "compliance.documents")?;
        let mut batch = self.store.batch(cx);
        batch.remove(&paper);
        batch.event(audit("kyc_document.removed", &paper).into_event(cx));
        self.store.commit(batch).await?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        if let Some(blob) = paper.blob
            && let Some(blob) = self.store.blob(&scope, blob).await?
        {
            self.store.remove_blob(cx, &blob).await?;
        }
        Ok(())
    }

    async fn of(&self, client: &Stored<ClientRecord>) -> Result<Vec<Stored<KycDocument>>, Error> {
        let scope = Scope::Tenant {
            tenant: client.tenant_id,
        };
        let query = Query::sorted(Sort::ascending("created_at"))
            .equals("client_id", client.id)
            .limit(MOST);
        Ok(self.store.find(&scope, query).await?.items)
    }

    async fn paper(&self, cx: &CallContext, id: ClientId, paper: Uuid) -> Result<Stored<KycDocument>, Error> {
        let client = client(&self.store, cx, id).await?;
        may_read_papers(cx, "compliance.documents")?;
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let found = self.store.get::<KycDocument>(&scope, paper).await?;
        found
            .filter(|found| found.client_id.0 == client.id)
            .ok_or(MISSING)
    }
}

const MISSING: Error = Error::Missing { what: "document" };

/// The pieces of a file that is not too large and begins as it should.
async fn whole<E: From<Error>>(
    media_type: &str,
    pieces: impl Stream<Item = Result<Bytes, E>>,
) -> Result<Vec<Bytes>, E> {
    let mut pieces = pin!(pieces);
    let (mut held, mut head, mut bytes) = (Vec::new(), Vec::new(), 0);
    while let Some(piece) = pieces.try_next().await? {
        bytes += piece.len();
        if bytes > MOST_BYTES {
            return Err(Error::FileTooLarge.into());
        }
        let room = 16_usize.saturating_sub(head.len());
        head.extend(piece.iter().take(room));
        held.push(piece);
    }
    if bytes == 0 {
        return Err(Error::invalid("file", "is empty").into());
    }
    let begins = KINDS
        .iter()
        .any(|(name, beginning)| *name == media_type && head.starts_with(beginning));
    match begins {
        true => Ok(held),
        false => Err(Error::invalid("file", format!("is no {media_type}")).into()),
    }
}

fn audit(what: &str, stored: &Stored<KycDocument>) -> AuditRecord {
    AuditRecord::new(what, format!("client/{}", stored.client_id))
        .changing("document_id", None, Some(stored.id))
        .changing("kind", None, Some(stored.kind))
        .changing("sha256", None, Some(stored.sha256.clone()))
}
