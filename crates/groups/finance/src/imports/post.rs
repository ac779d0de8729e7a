use super::{opening::is_opening_balance, records::ImportRecord};
use crate::{
    accounts::AccountRecord,
    category_rules::Fitting,
    error::Error,
    formats::Row,
    journal::{Entry, Journal, OPENING_BALANCE, UNCATEGORISED},
};
use finance_contract::{STATEMENT_IMPORTED, StatementImported, TransactionKind};
use kernel::{AuditRecord, CallContext, CallError, Money, NewEvent};
use store::{Batch, Stored};
use uuid::Uuid;

/// A row about to be posted.
#[derive(Debug, Clone)]
pub(crate) struct NewRow {
    pub(crate) number: u32,
    pub(crate) id: Uuid,
    pub(crate) named: Option<Uuid>,
    pub(crate) row: Row,
    pub(crate) category: String,
}

/// The category of a row: of the opening balance, else the file's own, else what the owner's rules say, else none.
pub(crate) fn category(rules: &Fitting, account: Uuid, row: &Row) -> String {
    if let Some(category) = &row.category {
        return category.clone();
    }
    if is_opening_balance(&row.description) {
        return OPENING_BALANCE.to_owned();
    }
    let ruled = rules.first(account, &row.description, row.amount);
    ruled.map_or(UNCATEGORISED, |(_, category)| category).to_owned()
}

/// Adds rows to a commit: the journal entries, what they change of balances, and the events.
pub(crate) async fn post(
    journal: &Journal,
    cx: &CallContext,
    account: &Stored<AccountRecord>,
    (import_id, import): (Uuid, &ImportRecord),
    rows: &[&NewRow],
    batch: &mut Batch,
) -> Result<(), Error> {
    let mut page = journal.page(account.tenant_id, account.user_id).await?;
    for row in rows {
        page.post(cx, batch, row.id, entry(account, import_id, import, row)?)?;
    }
    page.finish(cx, batch);
    announce(cx, batch, account, import_id, rows.len());
    Ok(())
}

fn entry(
    account: &Stored<AccountRecord>,
    import_id: Uuid,
    import: &ImportRecord,
    new: &NewRow,
) -> Result<Entry, Error> {
    let row = &new.row;
    let amount = Money::new(row.amount.abs(), account.currency)
        .map_err(|error| CallError::internal(error.to_string()))?;
    let kind = if row.amount.is_sign_negative() {
        TransactionKind::Expense
    } else {
        TransactionKind::Income
    };
    let entry = Entry::on_account(account, kind, amount, &new.category, row.date)?;
    Ok(entry
        .described(Some(row.description.clone()))
        .imported(import_id)
        .posted_by(import.requested_by.clone(), import.correlation))
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
