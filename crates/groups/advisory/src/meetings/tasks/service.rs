use super::{
    models::{TaskRecord, TaskStatus},
    requests::{TaskFilter, TaskRequest, TaskResponse, TaskUpdateRequest},
};
use crate::{
    access::{Owner, client_in, may_read_papers, may_write, visible},
    clients::ClientRecord,
    error::Error,
    meetings::appointments::MeetingRecord,
    versions::{check_versions, commit},
};
use advisory_contract::{TASK_CHANGED, TASK_CREATED, TASK_DELETED, TASK_DONE, TaskChanged};
use chrono::NaiveDate;
use chrono_tz::Tz;
use kernel::{
    AdvisorId, AuditRecord, CallContext, ClientId, IdempotencyKey, NewEvent, Page, PageRequest, UserId,
};
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The rules of tasks.
pub(crate) struct TasksService {
    store: Store,
    timezone: Tz,
}

impl TasksService {
    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    /// The tasks that the caller may see, those that are due first before the others.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &TaskFilter,
        page: PageRequest,
    ) -> Result<Page<TaskResponse>, Error> {
        may_read_papers(cx, "meetings.read")?;
        let today = self.today();
        let mut query = Query::sorted(Sort::ascending("due_date")).page(page);
        match (filter.client_id, filter.meeting_id) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid(
                    "meeting_id",
                    "cannot be asked for together with client_id",
                ));
            }
            (Some(client), None) => query = query.equals("client_id", client.0),
            (None, Some(meeting)) => query = query.equals("meeting_id", meeting),
            (None, None) => {}
        }
        let mut status = filter.status;
        if filter.overdue == Some(true) {
            if status == Some(TaskStatus::Done) {
                return Err(Error::invalid("overdue", "what is done cannot be overdue"));
            }
            status = Some(TaskStatus::Open);
            query = query.between(None, Some(today.into()));
        }
        if let Some(status) = status {
            query = query.equals("status", status.as_str());
        }
        let found = self.store.find::<TaskRecord>(&cx.scope()?, query).await?;
        Ok(found.map(|task| TaskResponse::new(task, today)))
    }

    /// One task.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<TaskResponse, Error> {
        Ok(self.shown(self.task(cx, id).await?))
    }

    /// Writes down what is to be done, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: TaskRequest,
    ) -> Result<TaskResponse, Error> {
        let user = may_write(cx, "meetings.write")?.user;
        let request = &request;
        self.store
            .once(cx, "advisory.create_task", key, request, |mut batch| async move {
                let client = self.client_of(cx, request).await?;
                if let Some(client) = &client {
                    batch.require(client);
                }
                let id: Uuid = self.store.sources().ids().next();
                let stored = batch.insert(id, written(user, client.as_ref(), request));
                announce(cx, &mut batch, TASK_CREATED, &stored);
                Ok((batch, self.shown(stored)))
            })
            .await
    }

    /// Changes a task. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: TaskUpdateRequest,
    ) -> Result<TaskResponse, Error> {
        may_write(cx, "meetings.write")?;
        let current = self.task(cx, id).await?;
        check_versions(current.version, expected, request.version)?;
        let next = current.changed(|task| {
            task.title = Some(request.title.into_string());
            task.notes = request.notes.map(|notes| notes.into_string());
            task.due_date = request.due_date.date();
        });
        self.replaced(cx, expected, TASK_CHANGED, &next).await
    }

    /// Says that a task is done, or is to be done again. Saying what is so already changes nothing.
    pub(crate) async fn set_status(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        status: TaskStatus,
    ) -> Result<TaskResponse, Error> {
        may_write(cx, "meetings.write")?;
        let current = self.task(cx, id).await?;
        check_versions(current.version, expected, None)?;
        if current.status == status {
            return Ok(self.shown(current));
        }
        let now = self.store.sources().now();
        let next = current.changed(|task| {
            task.status = status;
            task.done_at = (status == TaskStatus::Done).then_some(now);
        });
        let event = match status {
            TaskStatus::Done => TASK_DONE,
            TaskStatus::Open => TASK_CHANGED,
        };
        self.replaced(cx, expected, event, &next).await
    }

    /// Takes a task away.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        may_write(cx, "meetings.write")?;
        let current = self.task(cx, id).await?;
        check_versions(current.version, expected, None)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.delete(&current);
        announce(cx, &mut batch, TASK_DELETED, &stored);
        commit(&self.store, batch, expected).await
    }

    async fn task(&self, cx: &CallContext, id: Uuid) -> Result<Stored<TaskRecord>, Error> {
        may_read_papers(cx, "meetings.read")?;
        visible(&self.store, cx, id, "task").await
    }

    async fn replaced(
        &self,
        cx: &CallContext,
        expected: Option<u64>,
        event: &str,
        next: &Stored<TaskRecord>,
    ) -> Result<TaskResponse, Error> {
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(next);
        announce(cx, &mut batch, event, &stored);
        commit(&self.store, batch, expected).await?;
        Ok(self.shown(stored))
    }

    /// For whom a new task is: the client that is named, or that of the meeting; both must be the same.
    async fn client_of(
        &self,
        cx: &CallContext,
        request: &TaskRequest,
    ) -> Result<Option<Stored<ClientRecord>>, Error> {
        let mut client = request.client_id;
        if let Some(meeting) = request.meeting_id {
            let wrong = || {
                Error::invalid(
                    "meeting_id",
                    "must be a meeting with a client of the caller's book",
                )
            };
            let meeting = match visible::<MeetingRecord>(&self.store, cx, meeting, "meeting").await {
                Err(Error::Missing { .. }) => return Err(wrong()),
                found => found?,
            };
            if client.is_some_and(|client| client != meeting.client_id) {
                return Err(Error::invalid("meeting_id", "must be a meeting with this client"));
            }
            client = Some(meeting.client_id);
        }
        match client {
            Some(client) => client_in(&self.store, cx, ClientId(client.0)).await.map(Some),
            None => Ok(None),
        }
    }

    fn today(&self) -> NaiveDate {
        let now = self.store.sources().now();
        now.with_timezone(&self.timezone).date_naive()
    }

    fn shown(&self, task: Stored<TaskRecord>) -> TaskResponse {
        TaskResponse::new(task, self.today())
    }
}

fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<TaskRecord>) {
    let subject = format!("task/{}", stored.id);
    let facts = TaskChanged {
        task_id: stored.id,
        client_id: stored.client_id,
        user_id: stored.user_id,
        advisor_id: stored.advisor_id,
        meeting_id: stored.meeting_id,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject)
        .changing("status", None, Some(stored.status.as_str()))
        .changing("due_date", None, Some(stored.due_date));
    batch.event(audit.into_event(cx).at_version(stored.version));
}

/// A task as it is asked for: of the client whom it is about, else of whoever writes it down.
fn written(user: UserId, client: Option<&Stored<ClientRecord>>, request: &TaskRequest) -> TaskRecord {
    let owner = client.map(Owner::from);
    TaskRecord {
        user_id: owner.map_or(user, |owner| owner.user_id),
        client_id: owner.map(|owner| owner.client_id),
        advisor_id: Some(owner.map_or(AdvisorId(user.0), |owner| owner.advisor_id)),
        meeting_id: request.meeting_id,
        title: Some(request.title.to_string()),
        notes: request.notes.as_ref().map(|notes| notes.to_string()),
        due_date: request.due_date.date(),
        status: TaskStatus::Open,
        done_at: None,
    }
}
