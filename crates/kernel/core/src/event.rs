use crate::{CallContext, EventId, Principal, RequestId, TenantId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Who caused an event: `user/…`, `system/…` or `anonymous`.
pub type Actor = String;

/// An event as it stands in a group's feed. Kept for ever: it carries ids and figures, never personal text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventEnvelope {
    /// The place in the producer's feed: dense, from 1.
    pub seq: u64,
    /// The id; consumers are idempotent by it.
    pub id: EventId,
    /// What happened, as in `client.created`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The version of the shape of `data`.
    pub version: u32,
    /// When it was committed, UTC.
    pub time: DateTime<Utc>,
    /// The group that it comes from.
    pub producer: String,
    /// The firm.
    pub tenant: TenantId,
    /// Who caused it.
    pub actor: Actor,
    /// What it happened to, as in `client/0190…`.
    pub subject: String,
    /// The request at the edge that it belongs to.
    pub correlation: RequestId,
    /// The event that caused it, if one did.
    pub causation: Option<EventId>,
    /// The facts.
    #[schema(value_type = Object)]
    pub data: Value,
}

impl EventEnvelope {
    /// The facts as a typed value.
    pub fn data_as<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.data)
    }
}

/// An event about to be committed; the store adds id, time, producer and place.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// What happened, as in `client.created`.
    pub event_type: String,
    /// The version of the shape of `data`.
    pub version: u32,
    /// What it happened to, as in `client/0190…`.
    pub subject: String,
    /// The version of the aggregate after the change; orders events of one aggregate.
    pub aggregate_version: u64,
    /// The firm.
    pub tenant: TenantId,
    /// Who caused it.
    pub actor: Actor,
    /// The request at the edge.
    pub correlation: RequestId,
    /// The event that caused it, if one did.
    pub causation: Option<EventId>,
    /// The facts.
    pub data: Value,
}

impl NewEvent {
    /// An event caused by the call `cx`.
    pub fn new(cx: &CallContext, event_type: &str, subject: impl Into<String>, data: Value) -> Self {
        Self {
            event_type: event_type.to_owned(),
            version: 1,
            subject: subject.into(),
            aggregate_version: 1,
            tenant: cx.tenant(),
            actor: cx.principal.reference(),
            correlation: cx.request_id,
            causation: None,
            data,
        }
    }

    /// The same event, of another aggregate version.
    pub fn at_version(mut self, version: u64) -> Self {
        self.aggregate_version = version;
        self
    }

    /// The same event in another firm: for callers who belong to none yet.
    pub fn in_tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = tenant;
        self
    }

    /// The same event, caused by another.
    pub fn caused_by(mut self, cause: EventId) -> Self {
        self.causation = Some(cause);
        self
    }
}

/// What was done to what by whom: the kernel's own event type (`audit.recorded`), which any group may commit and the
/// auth group hears. Changed fields are named; values stand here only where they are ids, figures or words of a fixed
/// list: a feed is kept for ever, so personal and secret values never do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditRecord {
    /// The act, as in `session.revoked`.
    pub action: String,
    /// What it was done to, as in `session/0190…`.
    pub subject: String,
    /// The names of the fields that changed.
    pub changed: Vec<String>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// What the fields that may be shown held before, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub before: BTreeMap<String, Value>,
    /// What the fields that may be shown hold since, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub after: BTreeMap<String, Value>,
}

impl AuditRecord {
    /// The type under which audit records stand in a feed.
    pub const EVENT_TYPE: &'static str = "audit.recorded";

    /// An act that was allowed and changed no field that is named.
    pub fn new(action: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            subject: subject.into(),
            changed: Vec::new(),
            allowed: true,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
        }
    }

    /// The same act, which changed these fields. What they held is not told.
    #[must_use]
    pub fn naming<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        for field in fields {
            self.name(field);
        }
        self
    }

    /// The same act, which changed this field from one value to another; nothing when they are the same. Only for ids,
    /// figures and words of a fixed list.
    #[must_use]
    pub fn changing<T: Serialize>(mut self, field: &str, before: Option<T>, after: Option<T>) -> Self {
        let value = |value: Option<T>| serde_json::to_value(value).unwrap_or(Value::Null);
        let (before, after) = (value(before), value(after));
        if before != after {
            self.name(field);
            self.before.insert(field.to_owned(), before);
            self.after.insert(field.to_owned(), after);
        }
        self
    }

    /// The same act, which was tried and not allowed.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.allowed = false;
        self
    }

    /// The event that carries this record.
    pub fn into_event(self, cx: &CallContext) -> NewEvent {
        let subject = self.subject.clone();
        let data = serde_json::to_value(self).unwrap_or(Value::Null);
        NewEvent::new(cx, Self::EVENT_TYPE, subject, data)
    }

    fn name(&mut self, field: &str) {
        if !self.changed.iter().any(|known| known == field) {
            self.changed.push(field.to_owned());
        }
    }
}

impl From<&Principal> for Actor {
    fn from(principal: &Principal) -> Self {
        principal.reference()
    }
}
