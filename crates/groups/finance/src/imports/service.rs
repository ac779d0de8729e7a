use super::{
    content_key, csv,
    csv::Statement,
    opening::is_opening_balance,
    requests::{ImportResponse, ImportTotals},
    row::Row,
};
use crate::{
    accounts::{AccountRecord, AccountsService},
    balances::{Changes, Folding, plus},
    error::Error,
    metrics::LedgerMetrics,
    transactions::{
        OPENING_BALANCE, TransactionRecord, TransactionsStore, UNCATEGORISED, announce_balance, check_amount,
        created_event,
    },
};
use chrono::NaiveDate;
use finance_contract::{STATEMENT_IMPORTED, StatementImported, TransactionKind};
use kernel::{Amount, AuditRecord, CallContext, CallError, FieldError, Money, NewEvent};
use rust_decimal::Decimal;
use std::collections::HashSet;
use store::{Batch, Stored};
use uuid::Uuid;

/// How many rows one commit takes.
const COMMIT_ROWS: usize = 500;

/// How often a commit is decided anew because another import was faster.
const ATTEMPTS: usize = 16;

/// Imports statements.
pub(crate) struct ImportService {
    transactions: TransactionsStore,
    accounts: AccountsService,
    folding: Folding,
    metrics: LedgerMetrics,
}

impl ImportService {
    pub(crate) fn new(
        transactions: TransactionsStore,
        accounts: AccountsService,
        folding: Folding,
        metrics: LedgerMetrics,
    ) -> Self {
        Self {
            transactions,
            accounts,
            folding,
            metrics,
        }
    }

    /// The account, if the caller may post to it.
    pub(crate) async fn account(&self, cx: &CallContext, id: Uuid) -> Result<Stored<AccountRecord>, Error> {
        self.accounts.to_post_to(cx, id).await
    }

    /// Checks every row, then writes those that are new.
    pub(crate) async fn import(
        &self,
        cx: &CallContext,
        account: Stored<AccountRecord>,
        dry_run: bool,
        file: &[u8],
    ) -> Result<ImportResponse, Error> {
        let mut statement = csv::read(file)?;
        check_figures(&mut statement, &account);
        if !dry_run && !statement.errors.is_empty() {
            return Err(refused(&statement));
        }
        let known_before = self.leave_out_restated_balances(&account, &mut statement).await?;
        let import_id = self.transactions.documents().sources().ids().next::<Uuid>();
        let postings = self.postings(cx, &account, import_id, &statement.rows);
        let skipped = statement.rows.len() - postings.len() + known_before;
        let mut imported = 0;
        for chunk in postings.chunks(COMMIT_ROWS) {
            imported += match dry_run {
                true => self.new_ones(&account, chunk).await?.len(),
                false => self.write(cx, &account, import_id, chunk).await?,
            };
        }
        if imported > 0 && !dry_run {
            self.accounts.look_again(cx, &account).await?;
            self.folding.start(account.tenant_id, account.id);
        }
        Ok(ImportResponse {
            import_id,
            dry_run,
            account_id: account.id,
            rows: statement.count,
            imported,
            duplicates: postings.len() - imported,
            skipped,
            totals: totals(&account, &statement.rows)?,
            errors: statement.errors,
        })
    }

    /// Leaves out opening balances of days before which something is known already, in the file or on the account:
    /// they restate what earlier rows add up to. Answers how many.
    async fn leave_out_restated_balances(
        &self,
        account: &Stored<AccountRecord>,
        statement: &mut Statement,
    ) -> Result<usize, Error> {
        let Some(last) = statement
            .rows
            .iter()
            .filter(|row| is_opening_balance(&row.description))
            .map(|row| row.date)
            .max()
        else {
            return Ok(0);
        };
        // No row is older; the calendar's own beginning is none that every store can hold.
        let days = (NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default(), last);
        let oldest = self
            .transactions
            .of_days(account.tenant_id, account.id, days, None)
            .await?;
        let on_account = oldest.items.first().map(|transaction| transaction.date);
        let in_file = statement.rows.iter().map(|row| row.date).min();
        let first = [on_account, in_file].into_iter().flatten().min().unwrap_or(last);
        let before = statement.rows.len();
        let restates = |row: &Row| is_opening_balance(&row.description) && row.date > first;
        let rows = std::mem::take(&mut statement.rows);
        let numbers = std::mem::take(&mut statement.numbers);
        (statement.numbers, statement.rows) = numbers
            .into_iter()
            .zip(rows)
            .filter(|(_, row)| !restates(row))
            .unzip();
        Ok(before - statement.rows.len())
    }

    /// What the rows that move something would write, in the order of dates so that a commit covers few days.
    fn postings(
        &self,
        cx: &CallContext,
        account: &Stored<AccountRecord>,
        import_id: Uuid,
        rows: &[Row],
    ) -> Vec<(Uuid, TransactionRecord)> {
        let ids = content_key::ids(account.id, rows);
        let mut postings: Vec<_> = ids
            .into_iter()
            .zip(rows)
            .filter(|(_, row)| !row.amount.is_zero())
            .map(|(id, row)| (id, record(cx, account, import_id, row)))
            .collect();
        postings.sort_by_key(|(_, record)| record.date);
        postings
    }

    /// The postings of a chunk that are not there yet. The chunk is in the order of dates.
    async fn new_ones<'a>(
        &self,
        account: &Stored<AccountRecord>,
        chunk: &'a [(Uuid, TransactionRecord)],
    ) -> Result<Vec<&'a (Uuid, TransactionRecord)>, Error> {
        let (Some((_, first)), Some((_, last))) = (chunk.first(), chunk.last()) else {
            return Ok(Vec::new());
        };
        let mut known = HashSet::new();
        let mut cursor = None;
        loop {
            let page = self
                .transactions
                .of_days(account.tenant_id, account.id, (first.date, last.date), cursor)
                .await?;
            known.extend(page.items.iter().map(|transaction| transaction.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(chunk.iter().filter(|(id, _)| !known.contains(id)).collect())
    }

    /// Writes the new postings of a chunk in one commit; answers how many. When another import was faster, the chunk
    /// is looked at again.
    async fn write(
        &self,
        cx: &CallContext,
        account: &Stored<AccountRecord>,
        import_id: Uuid,
        chunk: &[(Uuid, TransactionRecord)],
    ) -> Result<usize, Error> {
        let documents = self.transactions.documents();
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let postings = self.new_ones(account, chunk).await?;
            if postings.is_empty() {
                return Ok(0);
            }
            let mut batch = documents.batch(cx);
            let mut changes = Changes::default();
            let mut moved = Money::zero(account.currency);
            for (id, record) in &postings {
                let stored = batch.insert(*id, record.clone());
                changes.add(&stored)?;
                moved = sum(&moved, &stored.movement()?)?;
                batch.event(created_event(cx, &stored)?);
            }
            changes.post(documents, &mut batch);
            announce_balance(cx, &mut batch, account, moved);
            announce(cx, &mut batch, account, import_id, postings.len());
            match documents.commit(batch).await {
                Ok(_) => {
                    for (_, record) in &postings {
                        self.metrics.posted(record.kind, record.currency, record.amount);
                    }
                    return Ok(postings.len());
                }
                Err(error) if error.is_lost_race() => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.map_or_else(|| CallError::internal("no attempt was made").into(), Error::from))
    }
}

fn record(
    cx: &CallContext,
    account: &Stored<AccountRecord>,
    import_id: Uuid,
    row: &Row,
) -> TransactionRecord {
    let category = if is_opening_balance(&row.description) {
        OPENING_BALANCE
    } else {
        UNCATEGORISED
    };
    let mut amount = row.amount.abs().normalize();
    amount.rescale(account.currency.decimals());
    TransactionRecord {
        user_id: account.user_id,
        client_id: account.client_id,
        advisor_id: account.advisor_id,
        account_id: account.id,
        kind: if row.amount.is_sign_negative() {
            TransactionKind::Expense
        } else {
            TransactionKind::Income
        },
        amount,
        currency: account.currency,
        description: Some(row.description.clone()).filter(|text| !text.is_empty()),
        category: category.to_owned(),
        date: row.date,
        import_id: Some(import_id),
        created_by: cx.principal.reference(),
        correlation: cx.request_id,
    }
}

/// Refuses amounts that are too large, or finer than the account's currency.
fn check_figures(statement: &mut Statement, account: &Stored<AccountRecord>) {
    let wrong: Vec<(u32, String)> = statement
        .rows
        .iter()
        .zip(&statement.numbers)
        .filter(|(row, _)| !row.amount.is_zero())
        .filter_map(|(row, number)| {
            let error = check_amount(row.amount.abs(), account.currency).err()?;
            Some((*number, error))
        })
        .collect();
    if wrong.is_empty() {
        return;
    }
    let refused: HashSet<u32> = wrong.iter().map(|(number, _)| *number).collect();
    let rows = std::mem::take(&mut statement.rows);
    let numbers = std::mem::take(&mut statement.numbers);
    (statement.numbers, statement.rows) = numbers
        .into_iter()
        .zip(rows)
        .filter(|(number, _)| !refused.contains(number))
        .unzip();
    for (number, message) in wrong {
        statement.refuse(number, "Amount", message);
    }
    statement.errors.sort_by_key(|error| error.row);
}

/// 422 that names the rows.
fn refused(statement: &Statement) -> Error {
    let details = statement.errors.iter().map(|error| {
        let message = match error.field.as_str() {
            "row" => error.message.clone(),
            column => format!("{column} {}", error.message),
        };
        FieldError::new(format!("row {}", error.row), message)
    });
    CallError::Invalid {
        details: details.collect(),
    }
    .into()
}

fn totals(account: &Stored<AccountRecord>, rows: &[Row]) -> Result<ImportTotals, Error> {
    let (mut income, mut expenses) = (Decimal::ZERO, Decimal::ZERO);
    for row in rows {
        if row.amount.is_sign_negative() {
            expenses = plus(expenses, -row.amount)?;
        } else {
            income = plus(income, row.amount)?;
        }
    }
    let exact = |amount: Decimal| match Money::new(amount, account.currency) {
        Ok(money) => Ok(Amount(money.amount())),
        Err(error) => Err(CallError::internal(error.to_string())),
    };
    Ok(ImportTotals {
        currency: account.currency,
        income: exact(income)?,
        expenses: exact(expenses)?,
        net: exact(plus(income, -expenses)?)?,
    })
}

fn sum(left: &Money, right: &Money) -> Result<Money, CallError> {
    left.plus(right)
        .map_err(|error| CallError::internal(error.to_string()))
}

/// Adds the event and the audit record of an import to its commit.
fn announce(
    cx: &CallContext,
    batch: &mut Batch,
    account: &Stored<AccountRecord>,
    import_id: Uuid,
    transactions: usize,
) {
    let subject = format!("account/{}", account.id);
    let facts = StatementImported {
        import_id,
        account_id: account.id,
        user_id: account.user_id,
        transactions: u32::try_from(transactions).unwrap_or(u32::MAX),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, STATEMENT_IMPORTED, subject.clone(), data));
    let record = AuditRecord::new(STATEMENT_IMPORTED, subject)
        .changing("import_id", None, Some(import_id))
        .changing("transactions", None, Some(transactions));
    batch.event(record.into_event(cx));
}
