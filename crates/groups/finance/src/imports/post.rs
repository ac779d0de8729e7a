use super::{opening::is_opening_balance, records::ImportRecord};
use crate::{
    accounts::AccountRecord,
    balances::Changes,
    category_rules::Fitting,
    error::Error,
    formats::Row,
    transactions::{
        OPENING_BALANCE, TransactionRecord, TransactionsStore, UNCATEGORISED, announce_balance, created_event,
    },
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

/// Adds rows to a commit: the transactions, what they change of the account's balance, and the events.
pub(crate) fn post(
    transactions: &TransactionsStore,
    cx: &CallContext,
    account: &Stored<AccountRecord>,
    (import_id, import): (Uuid, &ImportRecord),
    rows: &[&NewRow],
    batch: &mut Batch,
) -> Result<(), Error> {
    let mut changes = Changes::default();
    let mut moved = Money::zero(account.currency);
    for row in rows {
        let stored = batch.insert(row.id, record(account, import_id, import, row));
        changes.add(&stored)?;
        moved = moved
            .plus(&stored.movement()?)
            .map_err(|error| CallError::internal(error.to_string()))?;
        batch.event(created_event(cx, &stored)?);
    }
    changes.post(transactions.documents(), batch);
    announce_balance(cx, batch, account, moved);
    announce(cx, batch, account, import_id, rows.len());
    Ok(())
}

fn record(
    account: &Stored<AccountRecord>,
    import_id: Uuid,
    import: &ImportRecord,
    new: &NewRow,
) -> TransactionRecord {
    let row = &new.row;
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
        category: new.category.clone(),
        date: row.date,
        import_id: Some(import_id),
        created_by: import.requested_by.clone(),
        correlation: import.correlation,
    }
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
