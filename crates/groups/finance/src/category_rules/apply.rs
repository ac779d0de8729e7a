use crate::{
    accounts::AccountRecord,
    error::Error,
    journal::{Entry, Journal, JournalPage, reversal_id},
    transactions::{TransactionRecord, reversed},
};
use finance_contract::TRANSACTION_REVERSED;
use kernel::{AuditRecord, CallContext, NewEvent, Scope, UserId};
use store::{Batch, Store, StoreError, Stored};
use uuid::Uuid;

/// How often a commit is decided anew because somebody else was faster.
const ATTEMPTS: usize = 16;

/// Reverses transactions and posts them again in other categories, all in one commit. Answers how many, and how many lie
/// in a closed period and stay.
pub(super) async fn recategorise(
    store: &Store,
    journal: &Journal,
    cx: &CallContext,
    user: UserId,
    fits: &[(Stored<TransactionRecord>, String)],
) -> Result<(u32, u32), Error> {
    let scope = Scope::Tenant { tenant: cx.tenant() };
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let mut batch = store.batch(cx);
        let mut page = journal.page(cx.tenant(), user).await?;
        let (mut changed, mut closed) = (0, 0);
        for (transaction, category) in fits {
            let known = store
                .get::<TransactionRecord>(&scope, reversal_id(transaction.id))
                .await?;
            let account = store.get::<AccountRecord>(&scope, transaction.account_id).await?;
            let (None, Some(account)) = (known, account) else {
                continue;
            };
            if page.check_date(transaction.date).is_err() {
                closed += 1;
                continue;
            }
            again(cx, &mut page, &mut batch, &account, transaction, category)?;
            changed += 1;
        }
        page.finish(cx, &mut batch);
        match store.commit(batch).await {
            Ok(_) => return Ok((changed, closed)),
            Err(error) if error.is_lost_race() => last = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    Err(last
        .unwrap_or_else(|| StoreError::internal("no attempt was made"))
        .into())
}

fn again(
    cx: &CallContext,
    page: &mut JournalPage,
    batch: &mut Batch,
    account: &Stored<AccountRecord>,
    transaction: &Stored<TransactionRecord>,
    category: &str,
) -> Result<(), Error> {
    let reason = format!("category by rules: {category}");
    let back = Entry::reversal(transaction, transaction.date, reason)?;
    let reversal = page.post(cx, batch, reversal_id(transaction.id), back)?;
    let subject = format!("transaction/{}", transaction.id);
    let facts = serde_json::to_value(reversed(transaction, reversal.id)).unwrap_or_default();
    batch.event(NewEvent::new(cx, TRANSACTION_REVERSED, subject.clone(), facts));
    let audit = AuditRecord::new(TRANSACTION_REVERSED, subject);
    batch.event(
        audit
            .changing("category", Some(transaction.category.as_str()), Some(category))
            .into_event(cx),
    );
    let amount = transaction.money()?;
    let mut entry = Entry::on_account(account, transaction.kind, amount, category, transaction.date)?
        .described(transaction.description.clone());
    entry.import_id = transaction.import_id;
    page.post(
        cx,
        batch,
        Uuid::new_v5(&transaction.id, b"category-by-rules"),
        entry,
    )?;
    Ok(())
}
