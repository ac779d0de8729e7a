use super::{
    check_amount,
    models::{TransactionRecord, reversed},
    requests::{Posting, TransactionResponse, subject},
};
use crate::{
    access::Access,
    accounts::{AccountRecord, AccountsService},
    balances::Folding,
    error::Error,
    fx::FxRates,
    journal::{Entry, Journal, JournalPage, UNCATEGORISED, reversal_id},
    metrics::LedgerMetrics,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use finance_contract::{TRANSACTION_CREATED, TRANSACTION_REVERSED, TransactionKind};
use kernel::{
    AuditRecord, CallContext, CallError, ErrorKind, Fault, IdempotencyKey, Money, NewEvent, Scope, Sources,
    fold,
};
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use store::{Batch, Stored};
use tracing::Instrument;
use uuid::Uuid;

/// Why something was taken back, for those who read the ledger.
const REPLACED: &str = "replaced: it was changed where it came from";

/// Where a transaction stands that somebody else keeps as well.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Place {
    /// The id that it is to have: posted once for each id.
    pub(crate) id: Option<Uuid>,
    /// The transaction that it stands in place of.
    pub(crate) replaces: Option<Uuid>,
}

/// Posts single transactions.
#[derive(Clone)]
pub(crate) struct Poster {
    journal: Journal,
    accounts: AccountsService,
    rates: FxRates,
    folding: Folding,
    metrics: LedgerMetrics,
    sources: Sources,
    timezone: Tz,
}

impl Poster {
    pub(crate) fn new(
        journal: Journal,
        accounts: AccountsService,
        rates: FxRates,
        folding: Folding,
        metrics: LedgerMetrics,
        sources: Sources,
        timezone: Tz,
    ) -> Self {
        Self {
            journal,
            accounts,
            rates,
            folding,
            metrics,
            sources,
            timezone,
        }
    }

    /// Posts an income, an expense or a transfer, once for each key.
    pub(crate) async fn post(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        posting: Posting,
    ) -> Result<TransactionResponse, Error> {
        self.post_at(cx, key, posting, Place::default()).await
    }

    /// The same under an id of the caller's choosing, and in place of another transaction: that one is taken back in the
    /// same commit.
    pub(crate) async fn post_at(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        posting: Posting,
        place: Place,
    ) -> Result<TransactionResponse, Error> {
        let span = tracing::info_span!("create_transaction");
        let posted = self.post_once(cx, key, &posting, place).instrument(span).await;
        if let Err(error) = &posted
            && matches!(error.kind(), ErrorKind::Internal | ErrorKind::Unavailable)
        {
            report(error, &posting);
        }
        posted
    }

    async fn post_once(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        posting: &Posting,
        place: Place,
    ) -> Result<TransactionResponse, Error> {
        let made = Mutex::new(None);
        let posted = self
            .journal
            .once(cx, "finance.create_transaction", key, posting, |mut batch| {
                let made = &made;
                async move {
                    let account = self.account(cx, posting).await?;
                    let (entry, to) = self.entry(cx, posting, &account).await?;
                    let mut page = self.journal.page(account.tenant_id, account.user_id).await?;
                    if let Some(replaced) = place.replaces {
                        self.take_back(cx, &mut page, &mut batch, &account, replaced)
                            .await?;
                    }
                    let id = place.id.unwrap_or_else(|| self.sources.ids().next::<Uuid>());
                    let stored = page.post(cx, &mut batch, id, entry)?;
                    batch.event(audit(&stored).into_event(cx));
                    page.finish(cx, &mut batch);
                    *made.lock().unwrap_or_else(PoisonError::into_inner) = Some((stored.id, account, to));
                    Ok::<_, Error>((batch, TransactionResponse::from(stored)))
                }
            })
            .await?;
        let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A key that was used before is answered from the store: nothing new to count.
        if let Some((id, account, to)) = made
            && id == posted.id
        {
            self.accounts.look_again(cx, &account).await?;
            if let Some(to) = to {
                self.accounts.look_again(cx, &to).await?;
            }
            self.metrics.posted(posted.kind, posted.currency, posted.amount.0);
            self.folding.posted(account.tenant_id, account.user_id.0);
        }
        Ok(posted)
    }

    /// Takes back what another entry of the same commit stands in place of.
    async fn take_back(
        &self,
        cx: &CallContext,
        page: &mut JournalPage,
        batch: &mut Batch,
        account: &Stored<AccountRecord>,
        id: Uuid,
    ) -> Result<(), Error> {
        let documents = self.journal.documents();
        let scope = Scope::Tenant {
            tenant: account.tenant_id,
        };
        let replaced = documents.get::<TransactionRecord>(&scope, id).await?;
        let replaced = replaced.filter(|replaced| replaced.user_id == account.user_id);
        let replaced = replaced.ok_or(Error::TransactionNotFound)?;
        if replaced.reverses.is_some() {
            return Err(Error::IsReversal);
        }
        let back = reversal_id(id);
        if documents.get::<TransactionRecord>(&scope, back).await?.is_some() {
            return Err(Error::AlreadyReversed);
        }
        let entry = Entry::reversal(&replaced, replaced.date, REPLACED.to_owned())?;
        let reversal = page.post(cx, batch, back, entry)?;
        let facts = serde_json::to_value(reversed(&replaced, reversal.id)).map_err(CallError::internal)?;
        let subject = subject(id);
        batch.event(NewEvent::new(cx, TRANSACTION_REVERSED, subject.clone(), facts));
        batch.event(AuditRecord::new(TRANSACTION_REVERSED, subject).into_event(cx));
        Ok(())
    }

    /// The account that is named, or the user's main one.
    async fn account(&self, cx: &CallContext, posting: &Posting) -> Result<Stored<AccountRecord>, Error> {
        let Some(id) = posting.account_id else {
            let user = Access::subject(cx, posting.user_id)?;
            let currency = posting.currency.unwrap_or(self.accounts.currency());
            amount(posting, currency)?;
            category(posting)?;
            return self.accounts.default_of(cx, user, currency).await;
        };
        let account = self.accounts.to_post_to(cx, id).await?;
        if posting.user_id.is_some_and(|user| user != account.user_id) {
            return Err(Error::AccountNotFound);
        }
        if posting
            .currency
            .is_some_and(|currency| currency != account.currency)
        {
            return Err(Error::Refused {
                field: "currency",
                reason: format!("this account takes only {}", account.currency),
            });
        }
        Ok(account)
    }

    /// The entry that is meant, and the other account of a transfer.
    async fn entry(
        &self,
        cx: &CallContext,
        posting: &Posting,
        account: &Stored<AccountRecord>,
    ) -> Result<(Entry, Option<Stored<AccountRecord>>), Error> {
        let date = posting.date.unwrap_or_else(|| self.today());
        let sent = amount(posting, account.currency)?;
        if posting.kind == TransactionKind::Transfer {
            let to = self.other_account(cx, posting, account).await?;
            let received = self.received(posting, sent, &to, date).await?;
            let entry = Entry::transfer(account, sent, &to, received, date)?;
            return Ok((entry.described(posting.description.clone()), Some(to)));
        }
        for (field, given) in [
            ("to_account_id", posting.to_account_id.is_some()),
            ("received_amount", posting.received.is_some()),
        ] {
            if given {
                return Err(Error::invalid(field, "belongs to a transfer: leave it out"));
            }
        }
        let entry = Entry::on_account(account, posting.kind, sent, &category(posting)?, date)?;
        Ok((entry.described(posting.description.clone()), None))
    }

    /// Where a transfer goes: another account of the same user.
    async fn other_account(
        &self,
        cx: &CallContext,
        posting: &Posting,
        from: &Stored<AccountRecord>,
    ) -> Result<Stored<AccountRecord>, Error> {
        if posting.category.is_some() {
            return Err(Error::invalid("category", "a transfer has none: leave it out"));
        }
        let id = posting
            .to_account_id
            .ok_or_else(|| Error::invalid("to_account_id", "a transfer needs it"))?;
        if id == from.id {
            return Err(Error::invalid("to_account_id", "must be another account"));
        }
        let to = self.accounts.to_post_to(cx, id).await?;
        match to.user_id == from.user_id {
            true => Ok(to),
            false => Err(Error::AccountNotFound),
        }
    }

    /// What arrives.
    async fn received(
        &self,
        posting: &Posting,
        sent: Money,
        to: &Stored<AccountRecord>,
        date: NaiveDate,
    ) -> Result<Money, Error> {
        if posting
            .received_currency
            .is_some_and(|currency| currency != to.currency)
        {
            let reason = format!("the account that receives takes only {}", to.currency);
            return Err(Error::invalid("received", reason));
        }
        let named = match posting.received {
            Some(amount) => Some(
                check_amount(amount, to.currency)
                    .map_err(|message| Error::invalid("received_amount", message))?,
            ),
            None => None,
        };
        match named {
            Some(named) if sent.currency() == to.currency && named != sent => Err(Error::invalid(
                "received_amount",
                "must be the amount that is sent: both accounts have the same currency",
            )),
            Some(named) => Ok(named),
            None if sent.currency() == to.currency => Ok(sent),
            None => {
                let converted = self.rates.convert(to.tenant_id, sent, to.currency, date).await?;
                let wrong = match converted {
                    Some(converted) if converted.is_positive() => return Ok(converted),
                    Some(_) => "is nothing by the rate of the day: say how much arrives".to_owned(),
                    None => format!(
                        "must say how much arrives in {}: there is no rate for {date}",
                        to.currency
                    ),
                };
                Err(Error::invalid("received_amount", wrong))
            }
        }
    }

    fn today(&self) -> NaiveDate {
        let now = self.sources.now();
        now.with_timezone(&self.timezone).date_naive()
    }
}

fn amount(posting: &Posting, currency: kernel::Currency) -> Result<Money, Error> {
    check_amount(posting.amount, currency).map_err(|message| Error::invalid("amount", message))
}

fn category(posting: &Posting) -> Result<String, Error> {
    let category = posting
        .category
        .as_deref()
        .map_or_else(|| UNCATEGORISED.to_owned(), fold);
    if category.is_empty() {
        return Err(Error::invalid("category", "must contain letters or digits"));
    }
    Ok(category)
}

/// The audit record of a posting: its figures, and not what it was for.
fn audit(stored: &Stored<TransactionRecord>) -> AuditRecord {
    AuditRecord::new(TRANSACTION_CREATED, subject(stored.id))
        .changing("account_id", None, Some(stored.account_id))
        .changing("type", None, Some(stored.kind))
        .changing("amount", None, Some(stored.amount.to_string()))
        .changing("currency", None, Some(stored.currency))
}

/// Source 004's log line: the error and the transaction, without its description.
fn report(error: &Error, posting: &Posting) {
    let transaction = Posting {
        description: None,
        ..posting.clone()
    };
    let transaction = serde_json::to_string(&transaction).unwrap_or_default();
    tracing::error!(
        error = error as &dyn std::error::Error,
        transaction,
        "Transaction failed"
    );
}
