use super::{
    models::TransactionRecord,
    requests::{TransactionFilter, TransactionSort},
};
use crate::error::Error;
use chrono::{Days, NaiveDate};
use kernel::{MAX_PAGE, Page, PageRequest, Scope, TenantId};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Key, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

/// The money accounts that a transaction stands on: a transfer on both of its own. Filled from what is in the document, so
/// that transactions of older versions are found as well.
const STANDS_ON: &str = "account_id|to_account_id|also_on";

/// Every served pair is an index for each kind of caller, and every posting pays for all of them: so only pairs that
/// people use. A filter by user is no index of its own: it narrows the scope.
static TRANSACTIONS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("transactions", Scoping::Client)
        .personal(&["description", "reason"])
        .any_of(STANDS_ON, FieldKind::Uuid)
        .field("type", FieldKind::Text)
        .field("category", FieldKind::Text)
        .field("date", FieldKind::Time)
        .field("amount", FieldKind::Decimal)
        .belongs_to(STANDS_ON)
        .unlisted()
        .serves(&[], &["date", "created_at", "amount"])
        .serves(&[STANDS_ON], &["date", "created_at", "amount"])
        .serves(&["type"], &["date"])
        .serves(&["category"], &["date"])
        .serves(&[STANDS_ON, "type"], &["date"])
        .serves(&[STANDS_ON, "category"], &["date"])
});

impl Document for TransactionRecord {
    fn collection() -> &'static Collection {
        &TRANSACTIONS
    }
}

/// The queries on transactions, each scoped to the caller.
#[derive(Clone)]
pub(crate) struct TransactionsStore {
    store: Store,
}

impl TransactionsStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// For batches and keys.
    pub(crate) fn documents(&self) -> &Store {
        &self.store
    }

    pub(crate) async fn list(
        &self,
        scope: &Scope,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<Page<Stored<TransactionRecord>>, Error> {
        let sort = filter.sort.unwrap_or_default();
        check_combination(filter, sort)?;
        let mut query = Query::sorted(Sort::parse(sort.as_str())).page(page);
        if let Some(account) = filter.account_id {
            query = query.equals(STANDS_ON, account);
        }
        if let Some(kind) = filter.kind {
            query = query.equals("type", kind.as_str());
        }
        if let Some(category) = &filter.category {
            query = query.equals("category", category.as_str());
        }
        let from = filter.from.map(|from| Key::from(from.date()));
        let until = filter
            .to
            .and_then(|to| to.date().checked_add_days(Days::new(1)))
            .map(Key::from);
        Ok(self.store.find(scope, query.between(from, until)).await?)
    }

    /// One transaction whatever the caller may see: the caller of this has checked.
    pub(crate) async fn of_tenant(
        &self,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<Option<Stored<TransactionRecord>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, id).await?)
    }

    /// One page of what stands on one of a user's accounts, transfers from and to it included, in the order of dates. The
    /// caller of this was already allowed to see the account.
    pub(crate) async fn of_account(
        &self,
        owner: &Scope,
        account: Uuid,
        (from, to): (Option<NaiveDate>, Option<NaiveDate>),
        cursor: Option<String>,
    ) -> Result<Page<Stored<TransactionRecord>>, Error> {
        let until = to.and_then(|to| to.checked_add_days(Days::new(1)));
        let query = Query::sorted(Sort::ascending("date"))
            .equals(STANDS_ON, account)
            .between(from.map(Key::from), until.map(Key::from))
            .page(PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            });
        Ok(self.store.find(owner, query).await?)
    }

    /// One page of what a user's accounts, or one of them, were posted, in the order of posting. The caller of this was
    /// already allowed to see them.
    pub(crate) async fn in_order(
        &self,
        owner: &Scope,
        account: Option<Uuid>,
        cursor: Option<String>,
    ) -> Result<Page<Stored<TransactionRecord>>, Error> {
        let mut query = Query::sorted(Sort::ascending("created_at")).page(PageRequest {
            limit: MAX_PAGE,
            cursor,
            count: false,
        });
        if let Some(account) = account {
            query = query.equals(STANDS_ON, account);
        }
        Ok(self.store.find(owner, query).await?)
    }

    /// One page of an account's transactions of the days `from` to `to`, both included, in the order of dates. The
    /// caller of this was already allowed to see the account.
    pub(crate) async fn of_days(
        &self,
        tenant: TenantId,
        account: Uuid,
        (from, to): (NaiveDate, NaiveDate),
        cursor: Option<String>,
    ) -> Result<Page<Stored<TransactionRecord>>, Error> {
        let scope = Scope::Tenant { tenant };
        self.of_account(&scope, account, (Some(from), Some(to)), cursor)
            .await
    }
}

fn check_combination(filter: &TransactionFilter, sort: TransactionSort) -> Result<(), Error> {
    let by_date = [
        ("type", filter.kind.is_some()),
        ("category", filter.category.is_some()),
        ("from", filter.from.is_some()),
        ("to", filter.to.is_some()),
    ];
    if let Some((field, _)) = by_date.iter().find(|(_, given)| *given)
        && !sort.is_by_date()
    {
        return Err(Error::invalid(field, "needs sort=date or sort=-date"));
    }
    if filter.kind.is_some() && filter.category.is_some() {
        return Err(Error::invalid("category", "cannot be combined with 'type'"));
    }
    Ok(())
}
