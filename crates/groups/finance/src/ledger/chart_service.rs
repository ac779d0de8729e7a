use super::{
    chart::{ChartAccount, chart_id, type_of},
    chart_requests::{
        ChartFilter, CurrencyAmount, LedgerAccountCreateRequest, LedgerAccountResponse,
        LedgerAccountUpdateRequest,
    },
};
use crate::{
    access::Access,
    accounts::{AccountKind, AccountRecord, AccountsStore},
    balances::{Balances, Book, Sums},
    error::Error,
    journal::{AccountType, Journal, LedgerAccount, LostGates, PeriodGate},
};
use finance_contract::{CHART_CHANGED, ChartChanged};
use kernel::{Amount, AuditRecord, CallContext, CallError, IdempotencyKey, Money, NewEvent, Text, UserId};
use std::collections::BTreeMap;
use store::{Batch, Document, StoreError, Stored};
use uuid::Uuid;

/// The chart of accounts of a book.
#[derive(Clone)]
pub(crate) struct ChartService {
    journal: Journal,
    accounts: AccountsStore,
    balances: Balances,
    access: Access,
}

/// The accounts of a book with what is known of them, in the order of accounts.
pub(crate) type Chart = BTreeMap<LedgerAccount, ChartEntry>;

/// One account of a chart.
#[derive(Debug, Clone)]
pub(crate) struct ChartEntry {
    pub(crate) account_type: AccountType,
    pub(crate) name: String,
    pub(crate) code: Option<String>,
    pub(crate) parent: Option<LedgerAccount>,
    pub(crate) closed: bool,
}

impl ChartService {
    pub(crate) fn new(journal: Journal, accounts: AccountsStore, balances: Balances, access: Access) -> Self {
        Self {
            journal,
            accounts,
            balances,
            access,
        }
    }

    /// All accounts of a book with their balances, in the order of codes, then of kinds and names.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &ChartFilter,
    ) -> Result<Vec<LedgerAccountResponse>, Error> {
        let user = Access::subject(cx, filter.user_id)?;
        let book = self.book(cx, user).await?;
        let sums = match filter.as_of {
            Some(day) => self.balances.as_of(book, day.date()).await?,
            None => self.balances.now(book).await?,
        };
        let chart = self.chart(cx, book, &sums).await?;
        let mut listed = Vec::with_capacity(chart.len());
        for (account, entry) in chart {
            listed.push(response(user, account, entry, &sums)?);
        }
        listed.sort_by(|left, right| {
            let key = |of: &LedgerAccountResponse| (of.code.is_none(), of.code.clone(), of.account_type);
            key(left).cmp(&key(right))
        });
        Ok(listed)
    }

    /// The book of a user whom the caller may see.
    pub(crate) async fn book(&self, cx: &CallContext, user: UserId) -> Result<Book, Error> {
        self.access.reading(cx, user).await?;
        Ok(Book {
            tenant: cx.tenant(),
            user,
        })
    }

    /// The kinds of a book's money accounts. The caller of this may see the book.
    pub(crate) async fn kinds(
        &self,
        cx: &CallContext,
        book: Book,
    ) -> Result<BTreeMap<Uuid, AccountKind>, Error> {
        let scope = kernel::Scope::Own {
            tenant: cx.tenant(),
            user: book.user,
        };
        let accounts = self.accounts.all(&scope).await?;
        Ok(accounts
            .iter()
            .map(|account| (account.id, account.kind))
            .collect())
    }

    /// Every account of a book that is open, was spoken of, or was ever used. The caller of this may see the book.
    pub(crate) async fn chart(&self, cx: &CallContext, book: Book, sums: &Sums) -> Result<Chart, Error> {
        let scope = kernel::Scope::Own {
            tenant: cx.tenant(),
            user: book.user,
        };
        let mut chart = Chart::new();
        for account in self.accounts.all(&scope).await? {
            chart.insert(LedgerAccount::Money(account.id), of_money(&account));
        }
        for (account, _, _) in sums.iter() {
            if !chart.contains_key(account) {
                chart.insert(account.clone(), of_name(account));
            }
        }
        for known in ChartAccount::all(self.journal.documents(), &scope).await? {
            let entry = chart
                .entry(known.account.clone())
                .or_insert_with(|| of_name(&known.account));
            if let Some(name) = &known.name {
                entry.name.clone_from(name);
            }
            entry.code.clone_from(&known.code);
            entry.parent.clone_from(&known.parent);
            entry.closed = known.closed_at.is_some();
        }
        Ok(chart)
    }

    /// Adds an account to a chart, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: &LedgerAccountCreateRequest,
    ) -> Result<LedgerAccountResponse, Error> {
        let documents = self.journal.documents();
        let made = documents
            .once(
                cx,
                "finance.create_ledger_account",
                key,
                request,
                |mut batch| async move {
                    let user = Access::subject(cx, request.user_id)?;
                    self.access.owner(cx, user).await?;
                    let account = LedgerAccount::named(request.account_type, &request.name)
                        .map_err(|message| Error::invalid("name", message))?;
                    let parent = self.parent(cx, user, &account, request.parent.as_ref()).await?;
                    if ChartAccount::of(documents, cx, user, &account).await?.is_some() {
                        return Err(Error::LedgerAccountExists);
                    }
                    let record = ChartAccount {
                        name: Some(request.name.as_str().to_owned()),
                        code: request.code.clone().map(Text::into_string),
                        parent,
                        ..ChartAccount::bare(user, account.clone())
                    };
                    batch.insert(chart_id(user, &account), record.clone());
                    announce(cx, &mut batch, &record);
                    let mut entry = of_name(&account);
                    fill(&mut entry, &record);
                    let response = response(user, account, entry, &Sums::default())?;
                    Ok::<_, Error>((batch, response))
                },
            )
            .await;
        made.map_err(in_words)
    }

    /// Replaces what is said about an account; closes it, or opens it again.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        account: &str,
        request: &LedgerAccountUpdateRequest,
    ) -> Result<LedgerAccountResponse, Error> {
        let account: LedgerAccount = account.parse().map_err(|_| Error::LedgerAccountNotFound)?;
        let user = Access::subject(cx, request.user_id)?;
        self.access.owner(cx, user).await?;
        let (mut tries, mut lost) = (0, LostGates::default());
        loop {
            match self.update_once(cx, user, &account, request).await {
                Err(Error::Store(StoreError::VersionConflict { .. })) if tries < 16 => tries += 1,
                Err(error) if lost.again(&error) => {}
                done => return done.map_err(in_words),
            }
        }
    }

    async fn update_once(
        &self,
        cx: &CallContext,
        user: UserId,
        account: &LedgerAccount,
        request: &LedgerAccountUpdateRequest,
    ) -> Result<LedgerAccountResponse, Error> {
        let documents = self.journal.documents();
        let book = self.book(cx, user).await?;
        let sums = self.balances.now(book).await?;
        let chart = self.chart(cx, book, &sums).await?;
        let mut entry = chart.get(account).cloned().ok_or(Error::LedgerAccountNotFound)?;
        let parent = self.parent(cx, user, account, request.parent.as_ref()).await?;
        let known = ChartAccount::of(documents, cx, user, account).await?;
        let was_closed = known.as_ref().and_then(|known| known.closed_at);
        let mut batch = documents.batch(cx);
        let record = ChartAccount {
            name: request.name.clone().map(Text::into_string),
            code: request.code.clone().map(Text::into_string),
            parent,
            closed_at: request.closed.then(|| was_closed.unwrap_or(batch.now())),
            ..ChartAccount::bare(user, account.clone())
        };
        match &known {
            Some(known) => batch.replace(&known.with(record.clone())),
            None => batch.insert(chart_id(user, account), record.clone()),
        };
        if request.closed != was_closed.is_some() {
            let change = |gate: &mut PeriodGate| {
                gate.closed_accounts.retain(|closed| closed != account);
                if request.closed {
                    gate.closed_accounts.push(account.clone());
                }
                Ok(())
            };
            PeriodGate::change(documents, cx.tenant(), user, &mut batch, change).await?;
        }
        announce(cx, &mut batch, &record);
        documents.commit(batch).await?;
        fill(&mut entry, &record);
        response(user, account.clone(), entry, &sums)
    }

    /// The account under which another one is to stand: of the same kind, and not below it.
    async fn parent(
        &self,
        cx: &CallContext,
        user: UserId,
        of: &LedgerAccount,
        named: Option<&Text<1, 120>>,
    ) -> Result<Option<LedgerAccount>, Error> {
        let Some(named) = named else {
            return Ok(None);
        };
        let wrong = |message: &str| Error::invalid("parent", message);
        let parent: LedgerAccount = named.as_str().parse().map_err(wrong)?;
        let kind = |account: &LedgerAccount| account.name().map(|(kind, _)| kind);
        if kind(&parent).is_none() || kind(of).is_some_and(|of| kind(&parent) != Some(of)) {
            return Err(wrong(
                "must be an account of the same kind, as in expense:household",
            ));
        }
        let mut above = Some(parent.clone());
        let mut steps = 0;
        while let Some(account) = above {
            steps += 1;
            if account == *of || steps > 32 {
                return Err(wrong("must not stand below the account itself"));
            }
            let known = ChartAccount::of(self.journal.documents(), cx, user, &account).await?;
            above = known.and_then(|known| known.data.parent);
        }
        Ok(Some(parent))
    }
}

fn of_money(account: &Stored<AccountRecord>) -> ChartEntry {
    ChartEntry {
        account_type: type_of(account.kind),
        name: account.name.clone(),
        code: None,
        parent: None,
        closed: false,
    }
}

/// An account of which nothing is known but what entries call it. A money account that is gone has nothing on it.
fn of_name(account: &LedgerAccount) -> ChartEntry {
    let (account_type, name) = account.name().unwrap_or((AccountType::Asset, "closed account"));
    ChartEntry {
        account_type,
        name: name.to_owned(),
        code: None,
        parent: None,
        closed: false,
    }
}

fn fill(entry: &mut ChartEntry, record: &ChartAccount) {
    if let Some(name) = &record.name {
        entry.name.clone_from(name);
    }
    entry.code.clone_from(&record.code);
    entry.parent.clone_from(&record.parent);
    entry.closed = record.closed_at.is_some();
}

fn response(
    user: UserId,
    account: LedgerAccount,
    entry: ChartEntry,
    sums: &Sums,
) -> Result<LedgerAccountResponse, Error> {
    let mut balances = Vec::new();
    for (_, currency, sum) in sums.iter().filter(|(of, _, _)| **of == account) {
        let sum = if entry.account_type.is_debit() { sum } else { -sum };
        let money = Money::new(sum, currency).map_err(|error| CallError::internal(error.to_string()))?;
        balances.push(CurrencyAmount {
            currency,
            amount: Amount(money.amount()),
        });
    }
    Ok(LedgerAccountResponse {
        id: account.id(user),
        account: account.to_string(),
        account_type: entry.account_type,
        name: entry.name,
        code: entry.code,
        parent: entry.parent.map(|parent| parent.to_string()),
        closed: entry.closed,
        balances,
    })
}

/// A lost race for a name or a code, as what it means.
fn in_words(error: Error) -> Error {
    match &error {
        Error::Store(StoreError::Duplicate { collection, fields })
            if collection == ChartAccount::collection().name() =>
        {
            match fields.iter().any(|field| field == "code") {
                true => Error::LedgerCodeTaken,
                false => Error::LedgerAccountExists,
            }
        }
        _ => error,
    }
}

fn announce(cx: &CallContext, batch: &mut Batch, record: &ChartAccount) {
    let subject = format!("book/{}", record.user_id);
    let facts = ChartChanged {
        user_id: record.user_id,
        account: record.account.to_string(),
        closed: record.closed_at.is_some(),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, CHART_CHANGED, subject.clone(), data));
    let audit = AuditRecord::new(CHART_CHANGED, subject)
        .changing("account", None, Some(record.account.to_string()))
        .changing("closed", None, Some(record.closed_at.is_some()));
    batch.event(audit.into_event(cx));
}
