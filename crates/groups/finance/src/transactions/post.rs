use super::{
    check_amount,
    models::{TransactionRecord, UNCATEGORISED},
    requests::{Posting, TransactionResponse, created_event, subject},
    store::TransactionsStore,
};
use crate::{
    access::Access,
    accounts::{AccountRecord, AccountsService},
    balances::{Changes, Folding},
    error::Error,
    metrics::LedgerMetrics,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use finance_contract::{BALANCE_CHANGED, BalanceChanged, TRANSACTION_CREATED};
use kernel::{AuditRecord, CallContext, ErrorKind, Fault, IdempotencyKey, Money, NewEvent, Sources, fold};
use std::sync::{Mutex, PoisonError};
use store::{Batch, Stored};
use tracing::Instrument;
use uuid::Uuid;

/// Posts single transactions.
#[derive(Clone)]
pub(crate) struct Poster {
    transactions: TransactionsStore,
    accounts: AccountsService,
    folding: Folding,
    metrics: LedgerMetrics,
    sources: Sources,
    timezone: Tz,
}

impl Poster {
    pub(crate) fn new(
        transactions: TransactionsStore,
        accounts: AccountsService,
        folding: Folding,
        metrics: LedgerMetrics,
        sources: Sources,
        timezone: Tz,
    ) -> Self {
        Self {
            transactions,
            accounts,
            folding,
            metrics,
            sources,
            timezone,
        }
    }

    /// Posts an income or an expense, once for each key.
    pub(crate) async fn post(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        posting: Posting,
    ) -> Result<TransactionResponse, Error> {
        let span = tracing::info_span!("create_transaction");
        let posted = self.post_once(cx, key, &posting).instrument(span).await;
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
    ) -> Result<TransactionResponse, Error> {
        let made = Mutex::new(None);
        let documents = self.transactions.documents();
        let posted = documents
            .once(cx, "finance.create_transaction", key, posting, |mut batch| {
                let made = &made;
                async move {
                    let account = self.account(cx, posting).await?;
                    let record = self.record(cx, posting, &account)?;
                    let stored = batch.insert(self.sources.ids().next::<Uuid>(), record);
                    let mut changes = Changes::default();
                    changes.add(&stored)?;
                    changes.post(documents, &mut batch);
                    batch.event(created_event(cx, &stored)?);
                    batch.event(audit(&stored).into_event(cx));
                    announce_balance(cx, &mut batch, &account, stored.movement()?);
                    *made.lock().unwrap_or_else(PoisonError::into_inner) = Some((stored.id, account));
                    Ok::<_, Error>((batch, TransactionResponse::from(stored)))
                }
            })
            .await?;
        let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A key that was used before is answered from the store: nothing new to count.
        if let Some((id, account)) = made
            && id == posted.id
        {
            self.accounts.look_again(cx, &account).await?;
            self.metrics.posted(posted.kind, posted.currency, posted.amount.0);
            self.folding.posted(account.tenant_id, account.id);
        }
        Ok(posted)
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

    fn record(
        &self,
        cx: &CallContext,
        posting: &Posting,
        account: &Stored<AccountRecord>,
    ) -> Result<TransactionRecord, Error> {
        Ok(TransactionRecord {
            user_id: account.user_id,
            client_id: account.client_id,
            advisor_id: account.advisor_id,
            account_id: account.id,
            kind: posting.kind,
            amount: amount(posting, account.currency)?.amount(),
            currency: account.currency,
            description: posting.description.clone().filter(|text| !text.is_empty()),
            category: category(posting)?,
            date: posting.date.unwrap_or_else(|| self.today()),
            import_id: None,
            created_by: cx.principal.reference(),
            correlation: cx.request_id,
        })
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

/// Adds that an account's balance moved to the commit that moves it.
pub(crate) fn announce_balance(
    cx: &CallContext,
    batch: &mut Batch,
    account: &Stored<AccountRecord>,
    change: Money,
) {
    let facts = BalanceChanged {
        account_id: account.id,
        user_id: account.user_id,
        change,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(
        cx,
        BALANCE_CHANGED,
        format!("account/{}", account.id),
        data,
    ));
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
