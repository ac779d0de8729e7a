use super::{
    calendar,
    models::{MeetingRecord, MeetingStatus, ParticipantRecord},
    requests::{
        CalendarFilter, MeetingFilter, MeetingRequest, MeetingResponse, MeetingUpdateRequest, Participant,
    },
};
use crate::{
    access::{client_in, may_read_papers, may_write, visible},
    clients::ClientRecord,
    error::Error,
    versions::{check_versions, commit},
};
use advisory_contract::{
    MEETING_CANCELLED, MEETING_CHANGED, MEETING_COMPLETED, MEETING_DELETED, MEETING_SCHEDULED, MeetingChanged,
};
use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Utc};
use chrono_tz::Tz;
use kernel::{AuditRecord, CallContext, ClientId, IdempotencyKey, NewEvent, Page, PageRequest};
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The longest meeting.
const LONGEST: TimeDelta = TimeDelta::days(7);
/// The most that one calendar covers.
const RANGE: TimeDelta = TimeDelta::days(400);
/// The most that one meeting lists.
const PARTICIPANTS: usize = 50;

/// The rules of meetings.
pub(crate) struct AppointmentsService {
    store: Store,
    timezone: Tz,
}

impl AppointmentsService {
    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    /// The meetings that the caller may see, in the order in which they begin.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &MeetingFilter,
        page: PageRequest,
    ) -> Result<Page<MeetingResponse>, Error> {
        may_read_papers(cx, "meetings.read")?;
        let mut query = between(filter.client_id, filter.from, filter.until).page(page);
        if let Some(status) = filter.status {
            query = query.equals("status", status.as_str());
        }
        let found = self.store.find::<MeetingRecord>(&cx.scope()?, query).await?;
        Ok(found.map(MeetingResponse::from))
    }

    /// One meeting.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<MeetingResponse, Error> {
        Ok(self.meeting(cx, id).await?.into())
    }

    /// Puts a meeting into the calendar, once for each key.
    pub(crate) async fn schedule(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: MeetingRequest,
    ) -> Result<MeetingResponse, Error> {
        may_write(cx, "meetings.write")?;
        let request = &request;
        self.store
            .once(
                cx,
                "advisory.schedule_meeting",
                key,
                request,
                |mut batch| async move {
                    let client = client_in(&self.store, cx, request.client_id).await?;
                    let record = self.scheduled(&client, request)?;
                    batch.require(&client);
                    let id: Uuid = self.store.sources().ids().next();
                    let stored = batch.insert(id, record);
                    announce(cx, &mut batch, MEETING_SCHEDULED, &stored);
                    Ok((batch, MeetingResponse::from(stored)))
                },
            )
            .await
    }

    /// A meeting as it is asked for.
    fn scheduled(
        &self,
        client: &Stored<ClientRecord>,
        request: &MeetingRequest,
    ) -> Result<MeetingRecord, Error> {
        let (starts_at, ends_at) = span(request.starts_at, request.ends_at)?;
        Ok(MeetingRecord {
            user_id: client.user_id,
            client_id: ClientId(client.id),
            advisor_id: Some(client.advisor_id),
            title: Some(request.title.to_string()),
            location: request.location.as_ref().map(ToString::to_string),
            notes: request.notes.as_ref().map(|notes| notes.to_string()),
            participants: Some(participants(request.participants.clone())?),
            starts_at,
            ends_at,
            timezone: request.timezone.unwrap_or(self.timezone),
            status: MeetingStatus::Scheduled,
            sequence: 0,
        })
    }

    /// Changes a meeting that is to take place. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: MeetingUpdateRequest,
    ) -> Result<MeetingResponse, Error> {
        may_write(cx, "meetings.write")?;
        let current = self.meeting(cx, id).await?;
        check_versions(current.version, expected, request.version)?;
        to_take_place(&current)?;
        let (starts_at, ends_at) = span(request.starts_at, request.ends_at)?;
        let participants = participants(request.participants)?;
        self.changed(cx, &current, expected, MEETING_CHANGED, |meeting| {
            meeting.title = Some(request.title.into_string());
            meeting.location = request.location.map(|location| location.into_string());
            meeting.notes = request.notes.map(|notes| notes.into_string());
            meeting.participants = Some(participants);
            meeting.starts_at = starts_at;
            meeting.ends_at = ends_at;
            meeting.timezone = request.timezone.unwrap_or(meeting.timezone);
        })
        .await
    }

    /// Says that a meeting does not take place, or that it took place.
    pub(crate) async fn end(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        status: MeetingStatus,
    ) -> Result<MeetingResponse, Error> {
        may_write(cx, "meetings.write")?;
        let current = self.meeting(cx, id).await?;
        check_versions(current.version, expected, None)?;
        to_take_place(&current)?;
        let event = match status {
            MeetingStatus::Cancelled => MEETING_CANCELLED,
            _ => MEETING_COMPLETED,
        };
        self.changed(cx, &current, expected, event, |meeting| meeting.status = status)
            .await
    }

    /// Takes a meeting out of the calendar. Calendars that have it already keep it: cancel it to tell them.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        may_write(cx, "meetings.write")?;
        let current = self.meeting(cx, id).await?;
        check_versions(current.version, expected, None)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.delete(&current);
        announce(cx, &mut batch, MEETING_DELETED, &stored);
        commit(&self.store, batch, expected).await
    }

    /// One meeting as iCalendar.
    pub(crate) async fn export_one(&self, cx: &CallContext, id: Uuid) -> Result<String, Error> {
        Ok(calendar::written(&[self.meeting(cx, id).await?]))
    }

    /// The meetings of a span as iCalendar, cancelled ones too.
    pub(crate) async fn export(&self, cx: &CallContext, filter: &CalendarFilter) -> Result<String, Error> {
        may_read_papers(cx, "meetings.read")?;
        let now = self.store.sources().now();
        let from = filter.from.unwrap_or(now - TimeDelta::days(30));
        let later = || from.checked_add_signed(TimeDelta::days(365));
        let until = filter.until.or_else(later).unwrap_or(from);
        if until <= from || until - from > RANGE {
            return Err(Error::invalid(
                "until",
                "must be later than from, by at most 400 days",
            ));
        }
        let query = between(filter.client_id, Some(from), Some(until));
        let found = self.store.find_all(&cx.scope()?, query).await?;
        Ok(calendar::written(&found))
    }

    async fn meeting(&self, cx: &CallContext, id: Uuid) -> Result<Stored<MeetingRecord>, Error> {
        may_read_papers(cx, "meetings.read")?;
        visible(&self.store, cx, id, "meeting").await
    }

    async fn changed(
        &self,
        cx: &CallContext,
        current: &Stored<MeetingRecord>,
        expected: Option<u64>,
        event: &str,
        change: impl FnOnce(&mut MeetingRecord),
    ) -> Result<MeetingResponse, Error> {
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|meeting| {
            change(meeting);
            meeting.sequence = meeting.sequence.saturating_add(1);
        }));
        announce(cx, &mut batch, event, &stored);
        commit(&self.store, batch, expected).await?;
        Ok(stored.into())
    }
}

fn between(client: Option<ClientId>, from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Query {
    let query =
        Query::sorted(Sort::ascending("starts_at")).between(from.map(Into::into), until.map(Into::into));
    match client {
        Some(client) => query.equals("client_id", client.0),
        None => query,
    }
}

fn to_take_place(meeting: &MeetingRecord) -> Result<(), Error> {
    match meeting.status {
        MeetingStatus::Scheduled => Ok(()),
        ended => Err(Error::standing(
            "illegal_step",
            format!("a meeting that is {} cannot be changed", ended.as_str()),
        )),
    }
}

fn span(
    starts_at: DateTime<FixedOffset>,
    ends_at: DateTime<FixedOffset>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Error> {
    for (field, moment) in [("starts_at", starts_at), ("ends_at", ends_at)] {
        if !(1900..2200).contains(&moment.year()) {
            return Err(Error::invalid(field, "must lie between 1900 and 2199"));
        }
    }
    if ends_at <= starts_at || ends_at - starts_at > LONGEST {
        return Err(Error::invalid(
            "ends_at",
            "must be later than starts_at, by at most 7 days",
        ));
    }
    Ok((starts_at.to_utc(), ends_at.to_utc()))
}

fn participants(given: Option<Vec<Participant>>) -> Result<Vec<ParticipantRecord>, Error> {
    let given = given.unwrap_or_default();
    if given.len() > PARTICIPANTS {
        return Err(Error::invalid("participants", "may be at most 50"));
    }
    let record = |participant: Participant| ParticipantRecord {
        name: participant.name.into_string(),
        email: participant.email.map(|email| email.to_string()),
    };
    Ok(given.into_iter().map(record).collect())
}

fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<MeetingRecord>) {
    let subject = format!("meeting/{}", stored.id);
    let facts = MeetingChanged {
        meeting_id: stored.id,
        client_id: stored.client_id,
        user_id: stored.user_id,
        advisor_id: stored.advisor_id,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject)
        .changing("status", None, Some(stored.status.as_str()))
        .changing("starts_at", None, Some(stored.starts_at));
    batch.event(audit.into_event(cx).at_version(stored.version));
}
