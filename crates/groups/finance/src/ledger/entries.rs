use super::entry_requests::{EntryCreateRequest, EntryResponse, ReversalRequest};
use crate::{
    access::Access,
    accounts::AccountsService,
    balances::Folding,
    error::Error,
    journal::{Entry, Journal, Legs, UNCATEGORISED, reversal_id},
    metrics::LedgerMetrics,
    transactions::{TransactionRecord, reversed},
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use finance_contract::{TRANSACTION_CREATED, TRANSACTION_REVERSED};
use kernel::{AuditRecord, CalendarDate, CallContext, IdempotencyKey, NewEvent, Scope, Text, UserId};
use store::{Batch, Document, StoreError, Stored};
use uuid::Uuid;

/// Posts journal entries of any legs, and takes entries back.
pub(crate) struct EntriesService {
    journal: Journal,
    accounts: AccountsService,
    access: Access,
    folding: Folding,
    metrics: LedgerMetrics,
    timezone: Tz,
}

impl EntriesService {
    pub(crate) fn new(
        journal: Journal,
        accounts: AccountsService,
        access: Access,
        folding: Folding,
        metrics: LedgerMetrics,
        timezone: Tz,
    ) -> Self {
        Self {
            journal,
            accounts,
            access,
            folding,
            metrics,
            timezone,
        }
    }

    /// One entry that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<EntryResponse, Error> {
        let entry = self.visible(cx, id).await?;
        let reversal = self.reversal_of(&entry).await?;
        EntryResponse::new(entry, reversal.map(|reversal| reversal.id))
    }

    /// Posts an entry, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &EntryCreateRequest,
    ) -> Result<EntryResponse, Error> {
        let posted = self.create_once(cx, key, request).await?;
        self.folding.posted(cx.tenant(), posted.user_id.0);
        Ok(posted)
    }

    async fn create_once(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &EntryCreateRequest,
    ) -> Result<EntryResponse, Error> {
        let documents = self.journal.documents();
        self.journal
            .once(cx, "finance.create_entry", key, request, |mut batch| async move {
                let user = Access::subject(cx, request.user_id)?;
                let legs = self.legs(cx, user, request).await?;
                let owner = self.access.owner(cx, user).await?;
                let date = request.date.map_or_else(|| self.today(), CalendarDate::date);
                let description = request.description.clone().map(Text::into_string);
                let entry = Entry::of_legs(owner, legs, UNCATEGORISED, date).described(description);
                let id = documents.sources().ids().next::<Uuid>();
                let stored = self.post(cx, &mut batch, id, entry).await?;
                Ok((batch, EntryResponse::new(stored, None)?))
            })
            .await
    }

    /// Takes an entry back by another one with its legs turned round: once, and with the reason.
    pub(crate) async fn reverse(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: &ReversalRequest,
    ) -> Result<EntryResponse, Error> {
        let reversal = match self.reverse_once(cx, key, id, request).await {
            Err(Error::Store(StoreError::Duplicate { collection, .. }))
                if collection == TransactionRecord::collection().name() =>
            {
                return Err(Error::AlreadyReversed);
            }
            done => done?,
        };
        self.folding.posted(cx.tenant(), reversal.user_id.0);
        Ok(reversal)
    }

    async fn reverse_once(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: &ReversalRequest,
    ) -> Result<EntryResponse, Error> {
        self.journal
            .once(
                cx,
                "finance.reverse_entry",
                key,
                &(id, request),
                |mut batch| async move {
                    let entry = self.visible(cx, id).await?;
                    Access::writing(cx, entry.user_id)?;
                    if entry.reverses.is_some() {
                        return Err(Error::IsReversal);
                    }
                    if self.reversal_of(&entry).await?.is_some() {
                        return Err(Error::AlreadyReversed);
                    }
                    let reason = request.reason.clone().into_string();
                    let date = match request.date {
                        Some(date) => date.date(),
                        None => {
                            let page = self.journal.page(entry.tenant_id, entry.user_id).await?;
                            match page.check_date(entry.date) {
                                Ok(()) => entry.date,
                                Err(_) => self.today(),
                            }
                        }
                    };
                    let reversal = Entry::reversal(&entry, date, reason)?;
                    let stored = self.post(cx, &mut batch, reversal_id(entry.id), reversal).await?;
                    announce_reversal(cx, &mut batch, &entry, stored.id);
                    Ok((batch, EntryResponse::new(stored, None)?))
                },
            )
            .await
    }

    /// The entry that took this one back.
    pub(crate) async fn reversal_of(
        &self,
        entry: &Stored<TransactionRecord>,
    ) -> Result<Option<Stored<TransactionRecord>>, Error> {
        let scope = Scope::Tenant {
            tenant: entry.tenant_id,
        };
        let documents = self.journal.documents();
        Ok(documents.get(&scope, reversal_id(entry.id)).await?)
    }

    async fn post(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        id: Uuid,
        entry: Entry,
    ) -> Result<Stored<TransactionRecord>, Error> {
        let mut page = self.journal.page(cx.tenant(), entry.owner().user_id).await?;
        let stored = page.post(cx, batch, id, entry)?;
        page.finish(cx, batch);
        let audit = AuditRecord::new(TRANSACTION_CREATED, format!("transaction/{id}"))
            .changing("type", None, Some(stored.kind))
            .changing("amount", None, Some(stored.amount.to_string()))
            .changing("currency", None, Some(stored.currency));
        batch.event(audit.into_event(cx));
        self.metrics.posted(stored.kind, stored.currency, stored.amount);
        Ok(stored)
    }

    /// The legs that are asked for. Money accounts must be of the book, and take their own currency only.
    async fn legs(
        &self,
        cx: &CallContext,
        user: UserId,
        request: &EntryCreateRequest,
    ) -> Result<Legs, Error> {
        let mut legs = Vec::with_capacity(request.legs.len());
        for (at, asked) in request.legs.iter().enumerate() {
            legs.push(asked.leg(at, self.accounts.currency())?);
        }
        let legs = Legs::new(legs)?;
        for (at, leg) in legs.as_slice().iter().enumerate() {
            let Some(id) = leg.account.money() else {
                continue;
            };
            let account = self.accounts.to_post_to(cx, id).await?;
            if account.user_id != user {
                return Err(Error::AccountNotFound);
            }
            if account.currency != leg.amount.currency() {
                let reason = format!("this account takes only {}", account.currency);
                return Err(Error::invalid(&format!("legs[{at}].currency"), reason));
            }
        }
        Ok(legs)
    }

    async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<TransactionRecord>, Error> {
        let found = self.access.visible(cx, id).await?;
        found.ok_or(Error::TransactionNotFound)
    }

    fn today(&self) -> NaiveDate {
        let now = self.journal.documents().sources().now();
        now.with_timezone(&self.timezone).date_naive()
    }
}

fn announce_reversal(cx: &CallContext, batch: &mut Batch, entry: &Stored<TransactionRecord>, reversal: Uuid) {
    let facts = reversed(entry, reversal);
    let data = serde_json::to_value(facts).unwrap_or_default();
    let subject = format!("transaction/{}", entry.id);
    batch.event(NewEvent::new(cx, TRANSACTION_REVERSED, subject, data));
}
