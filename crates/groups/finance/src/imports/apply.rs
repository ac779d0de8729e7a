use super::{
    checked::check_figure,
    content_key::ContentKeys,
    opening::is_opening_balance,
    post::{NewRow, category, post},
    records::ImportRecord,
    requests::{ImportState, PreviewRow},
    source::Source,
};
use crate::{
    accounts::{AccountRecord, AccountsService},
    balances::Folding,
    category_rules::{CategoryRules, Fitting},
    error::Error,
    formats::{Parsed, StatementReader},
    journal::Journal,
    metrics::LedgerMetrics,
    transactions::{TransactionRecord, TransactionsStore},
};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use futures::TryStreamExt;
use kernel::{Amount, CallContext, CallError, Scope};
use std::collections::HashSet;
use store::{StoreError, Stored};
use uuid::Uuid;

/// How many rows one commit posts.
const COMMIT_ROWS: usize = 500;

/// After how many rows that post nothing the progress is written down.
const PROGRESS_ROWS: u32 = 5_000;

/// How often a commit is decided anew because another import was faster.
const ATTEMPTS: usize = 16;

/// How many pages of known transactions are read before rows are looked up one by one.
const MOST_PAGES: usize = 10;

/// How many rows a dry run shows.
const MOST_PREVIEWED: usize = 20;

/// Posts the rows of statements that were checked.
#[derive(Clone)]
pub(crate) struct Applier {
    transactions: TransactionsStore,
    journal: Journal,
    accounts: AccountsService,
    folding: Folding,
    metrics: LedgerMetrics,
    rules: CategoryRules,
}

/// An import under way. Its record is written in the commits of its rows, so it always says what is posted.
pub(crate) struct Importing {
    pub(crate) id: Uuid,
    pub(crate) account: Stored<AccountRecord>,
    pub(crate) record: ImportRecord,
    /// As it is stored; none before the first commit.
    pub(crate) stored: Option<Stored<ImportRecord>>,
    pub(crate) preview: Vec<PreviewRow>,
    /// The first day on which something new was found.
    pub(crate) first_new: Option<NaiveDate>,
}

/// What the next commit takes.
#[derive(Default)]
struct Chunk {
    rows: Vec<NewRow>,
    read: u32,
    skipped: u32,
    repeated: u32,
}

impl Applier {
    pub(crate) fn new(
        transactions: TransactionsStore,
        journal: Journal,
        accounts: AccountsService,
        rules: CategoryRules,
        folding: Folding,
        metrics: LedgerMetrics,
    ) -> Self {
        Self {
            transactions,
            journal,
            accounts,
            folding,
            metrics,
            rules,
        }
    }

    /// Posts the rows that are not dealt with yet, at most 500 in a commit. Begun again, it goes on where it ended; the
    /// ids of rows see to it that none is posted twice. `cx` makes a context for every commit; `stopping` ends it between two.
    pub(crate) async fn apply(
        &self,
        importing: &mut Importing,
        source: &Source,
        cx: impl Fn() -> CallContext,
        stopping: impl Fn() -> bool,
    ) -> Result<(), Error> {
        if !importing.record.dry_run {
            self.check_periods(importing, source, &cx).await?;
        }
        self.go_through(importing, source, &cx, &stopping).await?;
        if !importing.record.dry_run {
            self.accounts.look_again(&cx(), &importing.account).await?;
            self.folding
                .start(importing.account.tenant_id, importing.account.user_id.0);
        }
        Ok(())
    }

    /// Refuses a file that would post into a closed period, before anything of it is posted. Rows that are known may lie
    /// there.
    async fn check_periods(
        &self,
        importing: &Importing,
        source: &Source,
        cx: &impl Fn() -> CallContext,
    ) -> Result<(), Error> {
        let account = &importing.account;
        let page = self.journal.page(account.tenant_id, account.user_id).await?;
        let first = importing.record.checked.first;
        if first.is_none_or(|first| page.check_date(first).is_ok()) {
            return Ok(());
        }
        let mut rehearsal = Importing {
            id: importing.id,
            account: account.clone(),
            record: importing.record.clone(),
            stored: None,
            preview: Vec::new(),
            first_new: None,
        };
        rehearsal.record.dry_run = true;
        self.go_through(&mut rehearsal, source, cx, &|| false).await?;
        rehearsal.first_new.map_or(Ok(()), |first| page.check_date(first))
    }

    async fn go_through(
        &self,
        importing: &mut Importing,
        source: &Source,
        cx: &impl Fn() -> CallContext,
        stopping: &impl Fn() -> bool,
    ) -> Result<(), Error> {
        let account = &importing.account;
        let rules = self.rules.of(account.tenant_id, account.user_id).await?;
        let restated_after = self.restated_after(importing).await?;
        let mut reader = StatementReader::new(&importing.record.reading);
        let mut keys = ContentKeys::new(importing.account.id);
        let mut pieces = source.pieces(self.transactions.documents());
        let (mut chunk, mut rows, mut seen, mut over) = (Chunk::default(), Vec::new(), 0, false);
        while !over {
            match pieces.try_next().await? {
                Some(piece) => reader.push(&piece, &mut rows)?,
                None => {
                    reader.finish(&mut rows)?;
                    over = true;
                }
            }
            for parsed in rows.drain(..) {
                // A full one is written once more is known to come: the last commit also says that it is the last.
                if chunk.is_full() {
                    let full = std::mem::take(&mut chunk);
                    self.commit(&cx(), importing, full, ImportState::Running).await?;
                    if stopping() {
                        return Err(StoreError::unavailable("the process is stopping").into());
                    }
                }
                seen += 1;
                let known = seen <= importing.record.rows_read + chunk.read;
                let about = About {
                    account: &importing.account,
                    rules: &rules,
                    restated_after,
                };
                take(&mut keys, &mut chunk, parsed, &about, known);
            }
        }
        self.commit(&cx(), importing, chunk, ImportState::Done).await
    }

    /// The day after which an opening balance only restates what earlier rows add up to: the first day of which
    /// something is known, in the file or on the account.
    async fn restated_after(&self, importing: &Importing) -> Result<Option<NaiveDate>, Error> {
        let checked = &importing.record.checked;
        let Some(last) = checked.last_opening else {
            return Ok(None);
        };
        // No row is older; the calendar's own beginning is none that every store can hold.
        let days = (NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default(), last);
        let account = &importing.account;
        let oldest = self
            .transactions
            .of_days(account.tenant_id, account.id, days, None)
            .await?;
        let on_account = oldest.items.first().map(|transaction| transaction.date);
        Ok([on_account, checked.first].into_iter().flatten().min())
    }

    /// Writes a chunk in one commit. When another import was faster, it is looked at again.
    async fn commit(
        &self,
        cx: &CallContext,
        importing: &mut Importing,
        chunk: Chunk,
        state: ImportState,
    ) -> Result<(), Error> {
        let documents = self.transactions.documents();
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let known = self.known(&importing.account, &chunk.rows).await?;
            let new: Vec<&NewRow> = chunk.rows.iter().filter(|row| !is_known(&known, row)).collect();
            let mut next = importing.record.clone();
            next.state = state;
            next.rows_read += chunk.read;
            next.skipped += chunk.skipped;
            next.imported += count(new.len());
            next.duplicates += count(chunk.rows.len() - new.len()) + chunk.repeated;
            let first = new.iter().map(|row| row.row.date).min();
            if next.dry_run {
                importing.show(&chunk.rows, &known);
                importing.first_new = [importing.first_new, first].into_iter().flatten().min();
            }
            if next.dry_run && importing.stored.is_none() {
                importing.record = next;
                return Ok(());
            }
            let mut batch = documents.batch(cx);
            if !next.dry_run && !new.is_empty() {
                let import = (importing.id, &next);
                post(&self.journal, cx, &importing.account, import, &new, &mut batch).await?;
            }
            let stored = match &importing.stored {
                Some(stored) => batch.replace(&stored.with(next.clone())),
                None => batch.insert(importing.id, next.clone()),
            };
            match documents.commit(batch).await {
                Ok(_) => {
                    if !next.dry_run {
                        self.count(importing, &new);
                    }
                    (importing.stored, importing.record) = (Some(stored), next);
                    return Ok(());
                }
                Err(error) if error.is_lost_race() => {
                    self.still_ours(importing).await?;
                    last = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(last.map_or_else(|| CallError::internal("no attempt was made").into(), Error::from))
    }

    /// The ids of the chunk's rows that are on the account, as far as it tells: of the days of the chunk, or of its rows.
    async fn known(&self, account: &Stored<AccountRecord>, rows: &[NewRow]) -> Result<HashSet<Uuid>, Error> {
        let mut known = HashSet::new();
        let days = rows.iter().map(|row| row.row.date);
        let (Some(first), Some(last)) = (days.clone().min(), days.max()) else {
            return Ok(known);
        };
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .transactions
                .of_days(account.tenant_id, account.id, (first, last), cursor)
                .await?;
            known.extend(page.items.iter().map(|transaction| transaction.id));
            cursor = page.next;
            if cursor.is_none() {
                return Ok(known);
            }
        }
        let scope = Scope::Tenant {
            tenant: account.tenant_id,
        };
        let mut ids = Vec::with_capacity(rows.len());
        for row in rows {
            ids.push(row.id);
            ids.extend(row.named);
        }
        for id in ids {
            let found = self
                .transactions
                .documents()
                .get::<TransactionRecord>(&scope, id)
                .await?;
            if let Some(found) = found
                && found.moved_on(account.id)?.is_some()
            {
                known.insert(id);
            }
        }
        Ok(known)
    }

    /// Whether the import was not taken over by another process.
    async fn still_ours(&self, importing: &Importing) -> Result<(), Error> {
        let fresh = self
            .transactions
            .documents()
            .get_anywhere::<ImportRecord>(importing.id)
            .await?;
        let version = |stored: Option<&Stored<ImportRecord>>| stored.map(|stored| stored.version);
        match version(fresh.as_ref()) == version(importing.stored.as_ref()) {
            true => Ok(()),
            false => Err(StoreError::unavailable("another process goes on with this import").into()),
        }
    }

    fn count(&self, importing: &Importing, rows: &[&NewRow]) {
        for new in rows {
            let amount = new.row.amount;
            let kind = match amount.is_sign_negative() {
                true => TransactionKind::Expense,
                false => TransactionKind::Income,
            };
            self.metrics
                .posted(kind, importing.account.currency, amount.abs());
        }
    }
}

impl Importing {
    /// Shows what would come of rows.
    fn show(&mut self, rows: &[NewRow], known: &HashSet<Uuid>) {
        let room = MOST_PREVIEWED.saturating_sub(self.preview.len());
        self.preview.extend(rows.iter().take(room).map(|new| PreviewRow {
            row: new.number,
            date: new.row.date,
            description: new.row.description.clone(),
            amount: Amount(new.row.amount),
            category: new.category.clone(),
            duplicate: is_known(known, new),
        }));
    }
}

/// What a row is looked at with.
struct About<'a> {
    account: &'a Stored<AccountRecord>,
    rules: &'a Fitting,
    restated_after: Option<NaiveDate>,
}

impl Chunk {
    fn is_full(&self) -> bool {
        self.rows.len() >= COMMIT_ROWS || self.read >= PROGRESS_ROWS
    }
}

/// Takes a row into a chunk, unless it was dealt with before: then it only counts among its equals.
fn take(keys: &mut ContentKeys, chunk: &mut Chunk, parsed: Parsed, about: &About<'_>, known: bool) {
    chunk.read += u32::from(!known);
    // A wrong row can only be met in a dry run.
    let Ok(row) = parsed.row else { return };
    if check_figure(&row, about.account.currency).is_err() {
        return;
    }
    let restates = about.restated_after.is_some_and(|first| row.date > first);
    if restates && row.reference.is_none() && is_opening_balance(&row.description) {
        chunk.skipped += u32::from(!known);
        return;
    }
    let ids = keys.next(&row);
    match ids {
        _ if known => {}
        _ if row.amount.is_zero() => chunk.skipped += 1,
        None => chunk.repeated += 1,
        Some(ids) => chunk.rows.push(NewRow {
            number: parsed.number,
            id: ids.id,
            named: ids.named,
            category: category(about.rules, about.account.id, &row),
            row,
        }),
    }
}

fn is_known(known: &HashSet<Uuid>, row: &NewRow) -> bool {
    known.contains(&row.id) || row.named.is_some_and(|named| known.contains(&named))
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
