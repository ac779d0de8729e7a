use super::{
    models::{MessageRecord, MessageStatus},
    requests::{DraftRequest, MessageFilter, MessageResponse, MessageUpdateRequest},
    sending::enqueue,
    steps::{announce, event_of, may_become, step},
    variables::{ADVISOR_NAME, Draft, TODAY, known_of},
};
use crate::{
    access::{client_in, may_read_papers, may_write, visible},
    clients::ClientRecord,
    communications::{suppressions::is_suppressed, templates::TemplateRecord},
    error::Error,
    versions::{check_versions, commit, raced},
};
use advisory_contract::MESSAGE_CHANGED;
use auth_contract::UsersClient;
use chrono_tz::Tz;
use kernel::{CallContext, ClientId, Email, IdempotencyKey, Page, PageRequest, UserId};
use std::collections::BTreeMap;
use store::{Batch, Query, Store, StoreError, Stored};
use uuid::Uuid;

/// The rules of messages.
pub(crate) struct MessagesService {
    store: Store,
    users: UsersClient,
    timezone: Tz,
}

impl MessagesService {
    pub(crate) fn new(store: Store, users: UsersClient, timezone: Tz) -> Self {
        Self {
            store,
            users,
            timezone,
        }
    }

    /// The log of messages, newest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &MessageFilter,
        page: PageRequest,
    ) -> Result<Page<MessageResponse>, Error> {
        may_read_papers(cx, "communications.read")?;
        let mut query = Query::sorted(store::Sort::descending("created_at"))
            .page(page)
            .between(filter.since.map(Into::into), filter.until.map(Into::into));
        if let Some(client) = filter.client_id {
            query = query.equals("client_id", client.0);
        }
        if let Some(status) = filter.status {
            query = query.equals("status", status.as_str());
        }
        let found = self.store.find::<MessageRecord>(&cx.scope()?, query).await?;
        Ok(found.map(MessageResponse::from))
    }

    /// One message.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<MessageResponse, Error> {
        may_read_papers(cx, "communications.read")?;
        Ok(self.message(cx, id).await?.into())
    }

    /// Drafts a message, once for each key.
    pub(crate) async fn draft(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: DraftRequest,
    ) -> Result<MessageResponse, Error> {
        may_write(cx, "communications.write")?;
        let request = &request;
        self.store
            .once(
                cx,
                "advisory.draft_message",
                key,
                request,
                |mut batch| async move {
                    let client = client_in(&self.store, cx, request.client_id).await?;
                    let record = self.drafted(cx, &client, request).await?;
                    batch.require(&client);
                    let id: Uuid = self.store.sources().ids().next();
                    let stored = batch.insert(id, record);
                    announce(cx, &mut batch, event_of(stored.status), None, &stored);
                    Ok((batch, MessageResponse::from(stored)))
                },
            )
            .await
    }

    /// A draft as it is asked for.
    async fn drafted(
        &self,
        cx: &CallContext,
        client: &Stored<ClientRecord>,
        request: &DraftRequest,
    ) -> Result<MessageRecord, Error> {
        let draft = self.text_of(cx, request).await?;
        let known = self.known(cx, client, &draft).await?;
        let none = BTreeMap::new();
        let (subject, body) = draft.filled(&known, request.variables.as_ref().unwrap_or(&none))?;
        Ok(MessageRecord {
            user_id: client.user_id,
            client_id: ClientId(client.id),
            advisor_id: Some(client.advisor_id),
            template_id: request.template_id,
            status: MessageStatus::Draft,
            address: None,
            subject: Some(subject),
            body: Some(body),
            drafted_by: cx.principal.reference(),
            approved_by: None,
            approved_at: None,
            sent_at: None,
            reason: None,
            attempts: 0,
            in_hand: false,
        })
    }

    /// Changes a draft. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: MessageUpdateRequest,
    ) -> Result<MessageResponse, Error> {
        may_write(cx, "communications.write")?;
        let current = self.message(cx, id).await?;
        check_versions(current.version, expected, request.version)?;
        if current.status != MessageStatus::Draft {
            return Err(Error::standing(
                "illegal_step",
                format!(
                    "a message that is {} cannot be changed: draft another one",
                    current.status.as_str()
                ),
            ));
        }
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|record| {
            record.subject = Some(request.subject.into_string());
            record.body = Some(request.body.into_string());
        }));
        announce(cx, &mut batch, MESSAGE_CHANGED, Some(&current), &stored);
        commit(&self.store, batch, expected).await?;
        Ok(stored.into())
    }

    /// Says that a draft may be sent.
    pub(crate) async fn approve(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<MessageResponse, Error> {
        let by = cx.principal.reference();
        self.stepped(
            cx,
            id,
            expected,
            MessageStatus::Approved,
            |batch, message, client| {
                batch.require(client);
                let now = batch.now();
                Ok(step(cx, batch, message, MessageStatus::Approved, |record| {
                    record.approved_by = Some(by.clone());
                    record.approved_at = Some(now);
                }))
            },
        )
        .await
    }

    /// Sends an approved message: it is `sending` when this answers, and the job of its own sends it.
    pub(crate) async fn send(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<MessageResponse, Error> {
        self.stepped(
            cx,
            id,
            expected,
            MessageStatus::Sending,
            |batch, message, client| {
                batch.require(client);
                let stored = step(cx, batch, message, MessageStatus::Sending, |_| {});
                enqueue(&self.store, cx, batch, &stored)?;
                Ok(stored)
            },
        )
        .await
    }

    /// Says that a message is not to be sent.
    pub(crate) async fn cancel(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<MessageResponse, Error> {
        may_write(cx, "communications.write")?;
        let current = self.message(cx, id).await?;
        check_versions(current.version, expected, None)?;
        may_become(&current, MessageStatus::Cancelled)?;
        if current.status == MessageStatus::Sending {
            return Err(Error::standing(
                "illegal_step",
                "a message that is sending cannot be cancelled: it may have left already",
            ));
        }
        let mut batch = self.store.batch(cx);
        let stored = step(cx, &mut batch, &current, MessageStatus::Cancelled, |record| {
            record.reason = Some("by_hand".to_owned());
        });
        commit(&self.store, batch, expected).await?;
        Ok(stored.into())
    }

    /// A step towards the client's mailbox: refused when there is none, or when nobody is to write there. That the client
    /// was changed meanwhile is no reason to refuse: it is looked at anew.
    async fn stepped(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        next: MessageStatus,
        write: impl Fn(
            &mut Batch,
            &Stored<MessageRecord>,
            &Stored<ClientRecord>,
        ) -> Result<Stored<MessageRecord>, Error>,
    ) -> Result<MessageResponse, Error> {
        may_write(cx, "communications.write")?;
        let overtaken = |error: &Error| matches!(error, Error::Store(StoreError::VersionConflict { .. }));
        self.store
            .anew(cx, overtaken, async || {
                self.step_once(cx, id, expected, next, &write).await
            })
            .await
            .map_err(|error| match error {
                Error::Store(error) => raced(error, expected),
                other => other,
            })
    }

    async fn step_once(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        next: MessageStatus,
        write: impl Fn(
            &mut Batch,
            &Stored<MessageRecord>,
            &Stored<ClientRecord>,
        ) -> Result<Stored<MessageRecord>, Error>,
    ) -> Result<MessageResponse, Error> {
        let current = self.message(cx, id).await?;
        check_versions(current.version, expected, None)?;
        may_become(&current, next)?;
        let client = crate::access::client(&self.store, cx, current.client_id).await?;
        let email = client.email.as_deref().and_then(|email| Email::parse(email).ok());
        let Some(email) = email else {
            return Err(Error::standing(
                "no_address",
                "the client has no e-mail address: enter one first",
            ));
        };
        if is_suppressed(&self.store, cx.tenant(), &email).await? {
            return Err(Error::standing(
                "suppressed",
                "the client's address is on the list of those that are not written to",
            ));
        }
        let mut batch = self.store.batch(cx);
        let stored = write(&mut batch, &current, &client)?;
        self.store.commit(batch).await?;
        Ok(stored.into())
    }

    async fn message(&self, cx: &CallContext, id: Uuid) -> Result<Stored<MessageRecord>, Error> {
        visible(&self.store, cx, id, "message").await
    }

    /// The subject and the text that are asked for, with their variables.
    async fn text_of(&self, cx: &CallContext, request: &DraftRequest) -> Result<Draft, Error> {
        if let Some(id) = request.template_id {
            let given = [
                ("subject", request.subject.is_some()),
                ("body", request.body.is_some()),
            ];
            if let Some((field, _)) = given.into_iter().find(|(_, given)| *given) {
                return Err(Error::invalid(field, "comes from the template: leave it out"));
            }
            let template = match visible::<TemplateRecord>(&self.store, cx, id, "template").await {
                Err(Error::Missing { .. }) => {
                    return Err(Error::invalid(
                        "template_id",
                        "must be a template of the caller's",
                    ));
                }
                found => found?,
            };
            return Draft::parse(&template.subject, &template.body);
        }
        let needed = |field: &str| Error::invalid(field, "is needed without a template");
        let subject = request.subject.as_deref().ok_or_else(|| needed("subject"))?;
        let body = request.body.as_deref().ok_or_else(|| needed("body"))?;
        Draft::parse(subject, body)
    }

    /// What is filled by itself; the advisor's name is asked for where it is needed.
    async fn known(
        &self,
        cx: &CallContext,
        client: &Stored<ClientRecord>,
        draft: &Draft,
    ) -> Result<BTreeMap<&'static str, String>, Error> {
        let mut known = known_of(client);
        let today = self.store.sources().now().with_timezone(&self.timezone);
        known.insert(TODAY, today.date_naive().to_string());
        if draft.variables().contains(ADVISOR_NAME) {
            let advisor = self.users.user(cx, UserId(client.advisor_id.0)).await?;
            known.insert(ADVISOR_NAME, advisor.name);
        }
        Ok(known)
    }
}
