//! Events as rows: written unnumbered in the commit that caused them, read once they have their number.

use super::{
    document::{take_text, take_time, take_uuid, take_version, version_to_bson},
    failure, json,
    json::uuid_to_bson,
};
use crate::StoreError;
use bson::{Bson, DateTime, Document, doc};
use chrono::{DateTime as Moment, Utc};
use futures::TryStreamExt;
use kernel::{Clock, EventEnvelope, EventId, NewEvent, RequestId, SystemClock, TenantId};
use mongodb::{Collection, IndexModel, options::IndexOptions};
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Makes the indexes of the outbox: numbers are unique, and rows without one are found at once.
pub(super) async fn prepare(outbox: &Collection<Document>) -> Result<(), StoreError> {
    let seq = IndexOptions::builder()
        .name("seq".to_owned())
        .unique(true)
        .partial_filter_expression(doc! { "seq": { "$exists": true } })
        .build();
    let pending = IndexOptions::builder()
        .name("pending".to_owned())
        .sparse(true)
        .build();
    outbox
        .create_indexes([
            IndexModel::builder().keys(doc! { "seq": 1 }).options(seq).build(),
            IndexModel::builder()
                .keys(doc! { "pending": 1 })
                .options(pending)
                .build(),
        ])
        .await
        .map(drop)
        .map_err(|error| failure::of_operator(&error))
}

/// When commits of this process happened, each later than the one before. Only a hint for the sequencer: between
/// processes it is as good as their clocks, and versions of aggregates go first.
static LAST_COMMIT: AtomicI64 = AtomicI64::new(0);

fn commit_time() -> i64 {
    let now = SystemClock.now().timestamp_micros();
    let mut last = LAST_COMMIT.load(Ordering::Relaxed);
    loop {
        let next = now.max(last + 1);
        match LAST_COMMIT.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return next,
            Err(newer) => last = newer,
        }
    }
}

/// The rows of the events of one commit.
pub(super) fn rows(events: Vec<(EventId, Moment<Utc>, NewEvent)>) -> Result<Vec<Document>, StoreError> {
    let Some(commit) = events.first().map(|(id, ..)| uuid_to_bson(id.0)) else {
        return Ok(Vec::new());
    };
    let at = commit_time();
    events
        .into_iter()
        .zip(0_i64..)
        .map(|((id, time, event), place)| {
            Ok(doc! {
                "_id": uuid_to_bson(id.0),
                "pending": true,
                "at": at,
                "commit": commit.clone(),
                "place": place,
                "aggregate_version": version_to_bson(event.aggregate_version)?,
                "type": event.event_type,
                "version": i64::from(event.version),
                "time": DateTime::from_chrono(time),
                "tenant_id": uuid_to_bson(event.tenant.0),
                "actor": event.actor,
                "subject": event.subject,
                "correlation": uuid_to_bson(event.correlation.0),
                "causation": event.causation.map(|id| uuid_to_bson(id.0)),
                "data": json::to_bson(&event.data),
            })
        })
        .collect()
}

/// Numbered events after `after`, in order; ends before the first gap, should there ever be one.
pub(super) async fn feed(
    outbox: &Collection<Document>,
    producer: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<EventEnvelope>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let Ok(after_bson) = version_to_bson(after) else {
        return Ok(Vec::new());
    };
    let rows: Vec<Document> = outbox
        .find(doc! { "seq": { "$gt": after_bson } })
        .sort(doc! { "seq": 1 })
        .limit(i64::from(limit))
        .await
        .map_err(|error| failure::of_read(&error))?
        .try_collect()
        .await
        .map_err(|error| failure::of_read(&error))?;
    let mut events = Vec::with_capacity(rows.len());
    for (row, expected) in rows.into_iter().zip(after + 1..) {
        let event = envelope(row, producer)?;
        if event.seq != expected {
            break;
        }
        events.push(event);
    }
    Ok(events)
}

/// The number of the last numbered event; 0 before the first.
pub(super) async fn last_seq(outbox: &Collection<Document>) -> Result<u64, StoreError> {
    let last = outbox
        .find_one(doc! { "seq": { "$gt": 0_i64 } })
        .sort(doc! { "seq": -1 })
        .projection(doc! { "seq": 1 })
        .await
        .map_err(|error| failure::of_read(&error))?;
    last.map_or(Ok(0), |mut row| take_version(&mut row, "seq"))
}

fn envelope(mut row: Document, producer: &str) -> Result<EventEnvelope, StoreError> {
    let causation = match row.get("causation") {
        None | Some(Bson::Null) => None,
        Some(_) => Some(EventId(take_uuid(&mut row, "causation")?)),
    };
    Ok(EventEnvelope {
        seq: take_version(&mut row, "seq")?,
        id: EventId(take_uuid(&mut row, "_id")?),
        event_type: take_text(&mut row, "type")?,
        version: u32::try_from(take_version(&mut row, "version")?).map_err(StoreError::internal)?,
        time: take_time(&mut row, "time")?,
        producer: producer.to_owned(),
        tenant: TenantId(take_uuid(&mut row, "tenant_id")?),
        actor: take_text(&mut row, "actor")?,
        subject: take_text(&mut row, "subject")?,
        correlation: RequestId(take_uuid(&mut row, "correlation")?),
        causation,
        data: json::from_bson(row.remove("data").unwrap_or(Bson::Null))?,
    })
}

/// What the sequencer needs to know of a row without a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unnumbered {
    pub(super) id: Uuid,
    pub(super) at: u64,
    pub(super) commit: Uuid,
    pub(super) place: u64,
    pub(super) subject: String,
    pub(super) aggregate_version: u64,
}

impl Unnumbered {
    pub(super) fn fields() -> Document {
        doc! { "_id": 1, "at": 1, "commit": 1, "place": 1, "subject": 1, "aggregate_version": 1 }
    }

    pub(super) fn read(mut row: Document) -> Result<Self, StoreError> {
        Ok(Self {
            id: take_uuid(&mut row, "_id")?,
            at: take_version(&mut row, "at")?,
            commit: take_uuid(&mut row, "commit")?,
            place: take_version(&mut row, "place")?,
            subject: take_text(&mut row, "subject")?,
            aggregate_version: take_version(&mut row, "aggregate_version")?,
        })
    }
}
