use super::models::{LegalAcceptance, LegalDocument, LegalKind, LegalStatus, NewLegalDocument};
use crate::{AuthFailure, roles::Permission};
use aws_lc_rs::digest::{SHA256, digest};
use kernel::{AuditRecord, CallContext, CallError, Page, PageRequest, Scope, UserId};
use store::{Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// The longest text of a document, in characters.
const LONGEST: usize = 100_000;

/// The rules about legal documents.
#[derive(Clone)]
pub(crate) struct Legal {
    store: Store,
}

impl Legal {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The versions that count in the caller's firm; who has not logged in sees those of the installation's own.
    pub(crate) async fn current(&self, cx: &CallContext) -> Result<Vec<Stored<LegalDocument>>, AuthFailure> {
        let mut current = Vec::new();
        for kind in LegalKind::ALL {
            current.extend(self.newest(cx, kind).await?);
        }
        Ok(current)
    }

    /// Every version, newest first.
    pub(crate) async fn versions(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Stored<LegalDocument>>, AuthFailure> {
        let query = Query::sorted(Sort::descending("created_at")).page(page);
        Ok(self.store.find(&firm(cx), query).await?)
    }

    /// Publishes a version: from now on it is the one that everybody has to accept.
    pub(crate) async fn publish(
        &self,
        cx: &CallContext,
        new: NewLegalDocument,
    ) -> Result<Stored<LegalDocument>, AuthFailure> {
        Permission::LegalPublish.require(cx)?;
        if new.text.trim().is_empty() || new.text.chars().count() > LONGEST {
            let wrong = format!("must have 1 to {LONGEST} characters");
            return Err(CallError::invalid("text", wrong).into());
        }
        if new
            .text
            .chars()
            .any(|letter| letter.is_control() && letter != '\n')
        {
            let wrong = "must not contain control characters: a line ends with a line feed alone";
            return Err(CallError::invalid("text", wrong).into());
        }
        let number = self
            .newest(cx, new.kind)
            .await?
            .map_or(1, |known| known.number + 1);
        let document = LegalDocument {
            kind: new.kind,
            number,
            title: new.title.into_string(),
            hash: hex::encode(digest(&SHA256, new.text.as_bytes()).as_ref()),
            text: new.text,
        };
        let mut batch = self.store.batch(cx);
        let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), document);
        let record = AuditRecord::new("legal.published", format!("legal_document/{}", stored.id))
            .changing("kind", None, Some(stored.kind))
            .changing("version", None, Some(stored.number))
            .changing("hash", None, Some(&stored.hash));
        batch.event(record.into_event(cx));
        match self.store.commit(batch).await {
            Ok(_) => Ok(stored),
            Err(StoreError::Duplicate { .. }) => Err(AuthFailure::LegalOutdated),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps that the caller accepts a version, which must be the one that counts. Accepting it twice changes nothing.
    pub(crate) async fn accept(
        &self,
        cx: &CallContext,
        id: Uuid,
        address: Option<String>,
    ) -> Result<Stored<LegalAcceptance>, AuthFailure> {
        let (user, own) = person(cx)?;
        let document = self.store.get::<LegalDocument>(&firm(cx), id).await?;
        let document = document.ok_or(AuthFailure::LegalNotFound)?;
        let acceptance_id = LegalAcceptance::id(user, id);
        if let Some(known) = self.store.get(&own, acceptance_id).await? {
            return Ok(known);
        }
        let newest = self.newest(cx, document.kind).await?;
        if newest.is_none_or(|newest| newest.id != document.id) {
            return Err(AuthFailure::LegalOutdated);
        }
        let mut batch = self.store.batch(cx);
        let acceptance = LegalAcceptance {
            user_id: user,
            document_id: document.id,
            kind: document.kind,
            number: document.number,
            hash: document.hash.clone(),
            address,
        };
        let stored = batch.insert(acceptance_id, acceptance);
        let record = AuditRecord::new("legal.accepted", format!("legal_document/{id}"))
            .changing("version", None, Some(document.number))
            .changing("hash", None, Some(&document.hash));
        batch.event(record.into_event(cx));
        match self.store.commit(batch).await {
            Ok(_) => Ok(stored),
            Err(error) if error.is_lost_race() => {
                let known = self.store.get(&own, acceptance_id).await?;
                known.ok_or_else(|| error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the caller accepted, newest first; for a firm's overseers what anybody of it did.
    pub(crate) async fn acceptances(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<Stored<LegalAcceptance>>, AuthFailure> {
        let query = Query::sorted(Sort::descending("created_at")).page(page);
        Ok(self.store.find(&cx.scope()?, query).await?)
    }

    /// Where the caller stands with each document that counts.
    pub(crate) async fn status(&self, cx: &CallContext) -> Result<Vec<LegalStatus>, AuthFailure> {
        let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
        let mut statuses = Vec::new();
        for document in self.current(cx).await? {
            let id = LegalAcceptance::id(caller.user, document.id);
            let known = self.store.get_anywhere::<LegalAcceptance>(id).await?;
            statuses.push(LegalStatus {
                kind: document.kind,
                document_id: document.id,
                version: document.number,
                accepted_at: known.map(|known| known.created_at),
            });
        }
        Ok(statuses)
    }

    async fn newest(
        &self,
        cx: &CallContext,
        kind: LegalKind,
    ) -> Result<Option<Stored<LegalDocument>>, AuthFailure> {
        let query = Query::sorted(Sort::descending("number")).equals("kind", kind.as_str());
        Ok(self.store.find_first(&firm(cx), query).await?)
    }
}

fn firm(cx: &CallContext) -> Scope {
    Scope::Tenant { tenant: cx.tenant() }
}

/// Nobody accepts for somebody else: not a key, and not an administrator who acts as the user.
fn person(cx: &CallContext) -> Result<(UserId, Scope), AuthFailure> {
    let caller = cx.principal.user().ok_or(CallError::Unauthenticated)?;
    if caller.scopes.is_some() || caller.impersonator.is_some() {
        return Err(CallError::forbidden("legal.accept").into());
    }
    let own = Scope::Own {
        tenant: caller.tenant,
        user: caller.user,
    };
    Ok((caller.user, own))
}
