use crate::{Batch, Collection, Document, FieldKind, Scoping, Store, StoreError, Stored, race::Races};
use chrono::TimeDelta;
use kernel::{CallContext, CallError, IdempotencyKey, RequestHash};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{future::Future, sync::LazyLock};
use uuid::Uuid;

/// What a key did: kept beside what it caused, in the same commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    method: String,
    principal: String,
    key: String,
    request_hash: RequestHash,
    /// The answer as JSON text, byte for byte.
    answer: String,
}

impl IdempotencyRecord {
    /// How long a key is remembered.
    pub const REMEMBERED: TimeDelta = TimeDelta::days(30);
}

impl Document for IdempotencyRecord {
    fn collection() -> &'static Collection {
        static KEYS: LazyLock<Collection> = LazyLock::new(|| {
            Collection::new("idempotency_keys", Scoping::Tenant)
                .in_every_group()
                .unlisted()
                .serves(&[], &["created_at"])
                .field("principal", FieldKind::Text)
                .encrypted("answer")
        });
        &KEYS
    }
}

impl Store {
    /// Makes an effect happen once for (tenant, principal, method, key): `work` decides what to write and what to
    /// answer, and the answer is committed together with it. The same key and request get the stored answer; the
    /// same key with another request is [`CallError::KeyReused`]. A lost race is decided anew from fresh reads.
    /// A request that is refused because the same one was done a moment before gets that one's answer.
    pub async fn once<A, E, F, Work>(
        &self,
        cx: &CallContext,
        method: &'static str,
        key: &IdempotencyKey,
        request: &impl Serialize,
        work: F,
    ) -> Result<A, E>
    where
        A: Serialize + DeserializeOwned,
        E: From<StoreError> + From<CallError>,
        F: Fn(Batch) -> Work,
        Work: Future<Output = Result<(Batch, A), E>>,
    {
        let hash = RequestHash::of(request)?;
        let id = record_id(cx, method, key);
        let mut races = Races::until_deadline_of(cx);
        loop {
            let known = self.get_anywhere::<IdempotencyRecord>(id).await?;
            let expired = match &known {
                Some(record) if self.is_remembered(record) => return answer_of(record, &hash),
                other => other,
            };
            let refusal: E = match work(self.batch(cx)).await {
                Err(error) => error,
                Ok((mut batch, answer)) => {
                    let record = IdempotencyRecord {
                        method: method.to_owned(),
                        principal: cx.principal.reference(),
                        key: key.as_str().to_owned(),
                        request_hash: hash.clone(),
                        answer: serde_json::to_string(&answer).map_err(StoreError::internal)?,
                    };
                    remember(&mut batch, cx, id, expired.as_ref(), record);
                    match self.commit(batch).await {
                        Ok(_) => return Ok(answer),
                        Err(error) if is_decided_anew(&error) && races.another().await => continue,
                        Err(error) => error.into(),
                    }
                }
            };
            // The same request may have been sent twice, and the other one was done meanwhile: what it did is what
            // refused this one.
            return match self.get_anywhere::<IdempotencyRecord>(id).await? {
                Some(record) if self.is_remembered(&record) => answer_of(&record, &hash),
                _ => Err(refusal),
            };
        }
    }

    fn is_remembered(&self, record: &Stored<IdempotencyRecord>) -> bool {
        record.created_at + IdempotencyRecord::REMEMBERED > self.sources().now()
    }
}

/// Keeps the answer in the same commit, in the place of one that has expired.
fn remember(
    batch: &mut Batch,
    cx: &CallContext,
    id: Uuid,
    expired: Option<&Stored<IdempotencyRecord>>,
    record: IdempotencyRecord,
) {
    match expired {
        Some(old) => {
            let renewed = Stored {
                created_at: batch.now(),
                ..old.with(record)
            };
            batch.replace(&renewed);
        }
        None => {
            batch.insert_for(cx.tenant(), id, record);
        }
    }
}

/// A version that moved on, or our own key that somebody else took first; a duplicate of the caller's own making is
/// an answer, not a race.
fn is_decided_anew(error: &StoreError) -> bool {
    match error {
        StoreError::VersionConflict { .. } => true,
        StoreError::Duplicate { collection, fields } => {
            collection == IdempotencyRecord::collection().name() && fields.iter().any(|field| field == "id")
        }
        _ => false,
    }
}

fn answer_of<A, E>(record: &IdempotencyRecord, hash: &RequestHash) -> Result<A, E>
where
    A: DeserializeOwned,
    E: From<StoreError> + From<CallError>,
{
    if record.request_hash != *hash {
        return Err(CallError::KeyReused.into());
    }
    Ok(serde_json::from_str(&record.answer)
        .map_err(|cause| StoreError::shape(IdempotencyRecord::collection().name(), cause))?)
}

fn record_id(cx: &CallContext, method: &str, key: &IdempotencyKey) -> Uuid {
    let name = format!(
        "{}\u{0}{}\u{0}{method}\u{0}{key}",
        cx.tenant(),
        cx.principal.reference()
    );
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
