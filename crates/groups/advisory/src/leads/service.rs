use super::{
    models::{Activity, LeadRecord, Stage},
    requests::{
        ActivityRequest, ConvertRequest, LeadCreateRequest, LeadFilter, LeadResponse, LeadScore,
        LeadUpdateRequest,
    },
    scoring::{reasons, score},
};
use crate::{
    access::{may_write, visible},
    clients::{
        ClientRecord, ClientResponse, ClientsService,
        book::{Advisors, announce, book_of},
        figure,
        requests::ClientCreateRequest,
    },
    error::Error,
    versions::{check_versions, commit},
};
use advisory_contract::CLIENT_CREATED;
use kernel::{
    Amount, AuditRecord, CallContext, ClientId, Currency, Email, IdempotencyKey, NewEvent, Page, PageRequest,
    Text,
};
use rust_decimal::Decimal;
use serde_json::json;
use std::{cmp::Reverse, sync::Arc};
use store::{Batch, Query, Sort, Store, StoreError, Stored};
use uuid::Uuid;

/// How many activities are kept of one lead.
const MOST_ACTIVITIES: usize = 100;

/// The rules of leads.
pub(crate) struct LeadsService {
    store: Store,
    clients: Arc<ClientsService>,
    advisors: Advisors,
    currency: Currency,
}

impl LeadsService {
    pub(crate) fn new(
        store: Store,
        clients: Arc<ClientsService>,
        advisors: Advisors,
        currency: Currency,
    ) -> Self {
        Self {
            store,
            clients,
            advisors,
            currency,
        }
    }

    /// One page of leads, by name.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &LeadFilter,
        page: PageRequest,
    ) -> Result<Page<LeadResponse>, Error> {
        let mut query = Query::sorted(Sort::ascending("name")).page(page);
        if let Some(stage) = filter.stage {
            query = query.equals("stage", stage.as_str());
        }
        if let Some(search) = &filter.search {
            query = query.prefix(search);
        }
        let found = self.store.find::<LeadRecord>(&cx.scope()?, query).await?;
        Ok(found.map(LeadResponse::from))
    }

    /// One lead.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<LeadResponse, Error> {
        Ok(self.lead(cx, id).await?.into())
    }

    /// The open leads with the highest scores; of equals in the order of their ids.
    pub(crate) async fn scores(&self, cx: &CallContext) -> Result<Vec<LeadScore>, Error> {
        let query = Query::sorted(Sort::ascending("name"));
        let leads = self.store.find_all::<LeadRecord>(&cx.scope()?, query).await?;
        let open = leads
            .into_iter()
            .filter(|lead| !matches!(lead.stage, Stage::Converted | Stage::Lost));
        let mut scores: Vec<LeadScore> = open.map(|lead| self.scored(lead)).collect();
        scores.sort_by_key(|scored| (Reverse(scored.score.0), scored.lead_id));
        scores.truncate(200);
        Ok(scores)
    }

    /// One lead's score.
    pub(crate) async fn score(&self, cx: &CallContext, id: Uuid) -> Result<LeadScore, Error> {
        Ok(self.scored(self.lead(cx, id).await?))
    }

    /// Makes a lead, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: LeadCreateRequest,
    ) -> Result<LeadResponse, Error> {
        let advisor_id = book_of(cx, request.advisor_id)?;
        self.advisors.check(cx, advisor_id).await?;
        let currency = request.currency.unwrap_or(self.currency);
        let record = LeadRecord {
            user_id: None,
            advisor_id,
            name: request.name.to_string(),
            email: request.email.as_ref().map(Email::to_string),
            phone: request.phone.as_ref().map(Text::to_string),
            source: request.source.unwrap_or_default(),
            stage: Stage::New,
            expected_assets: expected(request.expected_assets, currency)?,
            currency,
            lost_reason: None,
            activities: Vec::new(),
            client_id: None,
        };
        self.store
            .once(cx, "advisory.create_lead", key, &request, |mut batch| {
                let record = record.clone();
                async move {
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    tell(cx, &mut batch, "lead.created", None, &stored);
                    Ok::<_, Error>((batch, LeadResponse::from(stored)))
                }
            })
            .await
    }

    /// Replaces a lead's data.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected_version: Option<u64>,
        request: LeadUpdateRequest,
    ) -> Result<LeadResponse, Error> {
        let current = self.to_write(cx, id).await?;
        check_versions(current.version, expected_version, request.version)?;
        if request.stage == Stage::Converted {
            return Err(Error::invalid("stage", "a lead is converted by POST to /convert"));
        }
        if (request.stage == Stage::Lost) != request.lost_reason.is_some() {
            return Err(Error::invalid(
                "lost_reason",
                "belongs to the stage lost, and to no other",
            ));
        }
        let assets = expected(request.expected_assets, current.currency)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|lead| {
            lead.name = request.name.into_string();
            lead.email = request.email.map(|email| email.to_string());
            lead.phone = request.phone.map(|phone| phone.into_string());
            lead.source = request.source;
            lead.stage = request.stage;
            lead.expected_assets = assets;
            lead.lost_reason = request.lost_reason.map(|reason| reason.into_string());
        }));
        tell(cx, &mut batch, "lead.updated", Some(&current), &stored);
        commit(&self.store, batch, expected_version).await?;
        Ok(stored.into())
    }

    /// Takes a lead away.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let current = self.lead(cx, id).await?;
        may_write(cx, "leads.write")?;
        check_versions(current.version, expected, None)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.delete(&current);
        tell(cx, &mut batch, "lead.deleted", Some(&current), &stored);
        commit(&self.store, batch, expected).await
    }

    /// Writes down what happened with a lead, once for each key.
    pub(crate) async fn act(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: ActivityRequest,
    ) -> Result<LeadResponse, Error> {
        self.to_write(cx, id).await?;
        let now = self.store.sources().now();
        let at = request.at.unwrap_or(now);
        if at > now {
            return Err(Error::invalid("at", "must not be in the future"));
        }
        let asked = (id, request.kind, request.at);
        self.store
            .once(
                cx,
                "advisory.add_lead_activity",
                key,
                &asked,
                |mut batch| async move {
                    let current = self.to_write(cx, id).await?;
                    let stored = batch.replace(&current.changed(|lead| {
                        lead.activities.push(Activity {
                            kind: request.kind,
                            at,
                        });
                        lead.activities.sort_by_key(|activity| activity.at);
                        let surplus = lead.activities.len().saturating_sub(MOST_ACTIVITIES);
                        lead.activities.drain(..surplus);
                        if lead.stage == Stage::New {
                            lead.stage = Stage::Contacted;
                        }
                    }));
                    tell(cx, &mut batch, "lead.updated", Some(&current), &stored);
                    Ok::<_, Error>((batch, LeadResponse::from(stored)))
                },
            )
            .await
    }

    /// Makes a client of a lead: once, whoever asks however often and at the same moment. Asking again answers the client.
    pub(crate) async fn convert(
        &self,
        cx: &CallContext,
        id: Uuid,
        request: ConvertRequest,
    ) -> Result<ClientResponse, Error> {
        let current = self.lead(cx, id).await?;
        may_write(cx, "leads.write")?;
        // The same for everybody who asks, so that the invited user is one too.
        let key = IdempotencyKey::parse(&format!("lead-{id}"))?;
        let mut lost = 0;
        loop {
            let converted = self.convert_once(cx, &key, id, &request).await;
            match converted {
                Err(Error::Store(StoreError::VersionConflict { .. } | StoreError::Duplicate { .. }))
                    if lost < 16 =>
                {
                    lost += 1;
                }
                Err(Error::ClientNotFound) => {
                    let message =
                        "this lead became a client who has left the book: restore the client instead";
                    return Err(Error::standing("already_converted", message));
                }
                decided => {
                    tracing::debug!(lead = %current.id, lost, "a lead was converted");
                    return decided;
                }
            }
        }
    }

    async fn convert_once(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: &ConvertRequest,
    ) -> Result<ClientResponse, Error> {
        let lead = self.lead(cx, id).await?;
        if let Some(client) = lead.client_id {
            return self.clients.get(cx, client).await;
        }
        if lead.stage == Stage::Lost {
            return Err(Error::standing(
                "lead_lost",
                "this lead is lost: take it up again first",
            ));
        }
        let wanted = ClientCreateRequest::of_lead(&lead, request.risk_profile)?;
        let record = self.clients.prepared(cx, key, wanted, lead.advisor_id).await?;
        let client_id = ClientId(Uuid::new_v5(&lead.id, b"client"));
        let mut batch = self.store.batch(cx);
        let client: Stored<ClientRecord> = batch.insert(client_id, record);
        announce(cx, &mut batch, CLIENT_CREATED, None, &client, &["client"]);
        let converted = batch.replace(&lead.changed(|lead| {
            lead.stage = Stage::Converted;
            lead.client_id = Some(client_id);
        }));
        tell(cx, &mut batch, "lead.converted", Some(&lead), &converted);
        self.store.commit(batch).await?;
        Ok(client.into())
    }

    fn scored(&self, lead: Stored<LeadRecord>) -> LeadScore {
        let reasons = reasons(&lead, self.currency, self.store.sources().now());
        LeadScore {
            lead_id: lead.id,
            score: Amount(score(&reasons).normalize()),
            reasons,
            stage: lead.stage,
            name: lead.data.name,
        }
    }

    async fn lead(&self, cx: &CallContext, id: Uuid) -> Result<Stored<LeadRecord>, Error> {
        visible(&self.store, cx, id, "lead").await
    }

    /// A lead that can still be changed.
    async fn to_write(&self, cx: &CallContext, id: Uuid) -> Result<Stored<LeadRecord>, Error> {
        let lead = self.lead(cx, id).await?;
        may_write(cx, "leads.write")?;
        match lead.stage {
            Stage::Converted => Err(Error::standing(
                "already_converted",
                "this lead is a client: change the client instead",
            )),
            _ => Ok(lead),
        }
    }
}

fn expected(amount: Option<Amount>, currency: Currency) -> Result<Decimal, Error> {
    Ok(figure(
        "expected_assets",
        amount.unwrap_or(Amount(Decimal::ZERO)),
        currency,
    )?)
}

/// Adds the event and the audit record of a change to its batch.
fn tell(
    cx: &CallContext,
    batch: &mut Batch,
    event: &str,
    before: Option<&LeadRecord>,
    stored: &Stored<LeadRecord>,
) {
    let subject = format!("lead/{}", stored.id);
    let data = json!({
        "lead_id": stored.id, "advisor_id": stored.advisor_id, "stage": stored.stage, "client_id": stored.client_id,
    });
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let stage = |lead: &LeadRecord| lead.stage;
    let audit = AuditRecord::new(event, subject).changing("stage", before.map(stage), Some(stage(stored)));
    batch.event(audit.into_event(cx).at_version(stored.version));
}
