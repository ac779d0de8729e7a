use super::{
    models::NoteRecord,
    requests::{NoteRequest, NoteResponse},
};
use crate::{access::client, clients::ClientRecord, error::Error};
use kernel::{AuditRecord, CallContext, CallError, ClientId, IdempotencyKey, Page, PageRequest, Role, Scope};
use store::{Query, Store, Stored};
use uuid::Uuid;

/// The rules of notes.
pub(crate) struct Notes {
    store: Store,
}

impl Notes {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The notes on a client, oldest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        id: ClientId,
        page: PageRequest,
    ) -> Result<Page<NoteResponse>, Error> {
        let client = self.of_the_firm(cx, id).await?;
        let query = Query::all().equals("client_id", client.id).page(page);
        let found = self.store.find::<NoteRecord>(&firm(cx), query).await?;
        Ok(found.map(NoteResponse::from))
    }

    /// Writes a note, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: ClientId,
        request: NoteRequest,
    ) -> Result<NoteResponse, Error> {
        let client = self.of_the_firm(cx, id).await?;
        let asked = (client.id, &request);
        self.store
            .once(cx, "advisory.create_client_note", key, &asked, |mut batch| {
                let record = NoteRecord {
                    user_id: client.user_id,
                    client_id: ClientId(client.id),
                    text: request.text.to_string(),
                    written_by: cx.principal.reference(),
                };
                async move {
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    batch.event(audit("client.note_added", &stored).into_event(cx));
                    Ok::<_, Error>((batch, NoteResponse::from(stored)))
                }
            })
            .await
    }

    /// Takes a note away.
    pub(crate) async fn delete(&self, cx: &CallContext, id: ClientId, note: Uuid) -> Result<(), Error> {
        let client = self.of_the_firm(cx, id).await?;
        let found = self.store.get::<NoteRecord>(&firm(cx), note).await?;
        let found = found.filter(|note| note.client_id.0 == client.id);
        let found = found.ok_or(Error::Missing { what: "note" })?;
        let mut batch = self.store.batch(cx);
        batch.remove(&found);
        batch.event(audit("client.note_removed", &found).into_event(cx));
        Ok(self.store.commit(batch).await.map(drop)?)
    }

    /// Notes are the firm's: not for the client whom they are about.
    async fn of_the_firm(&self, cx: &CallContext, id: ClientId) -> Result<Stored<ClientRecord>, Error> {
        let client = client(&self.store, cx, id).await?;
        match cx.principal.user().map(|user| user.role) {
            Some(Role::Client | Role::Service) => Err(CallError::forbidden("clients.notes").into()),
            _ => Ok(client),
        }
    }
}

fn firm(cx: &CallContext) -> Scope {
    Scope::Tenant { tenant: cx.tenant() }
}

fn audit(action: &str, note: &Stored<NoteRecord>) -> AuditRecord {
    AuditRecord::new(action, format!("client/{}", note.client_id)).changing("note_id", None, Some(note.id))
}
