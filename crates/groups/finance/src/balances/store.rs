use super::models::{BalanceRecord, MonthlyChange, MonthlyTotal, Tally};
use crate::error::Error;
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{MAX_PAGE, Page, PageRequest, Scope, TenantId};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Key, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

static CHANGES: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("monthly_changes", Scoping::Tenant)
        .field("account_id", FieldKind::Uuid)
        .serves(&["account_id"], &["id"])
});

static TOTALS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("monthly_totals", Scoping::Tenant)
        .field("account_id", FieldKind::Uuid)
        .field("month", FieldKind::Time)
        .serves(&["account_id"], &["month"])
});

static BALANCES: LazyLock<Collection> = LazyLock::new(|| Collection::new("balances", Scoping::Tenant));

impl Document for MonthlyChange {
    fn collection() -> &'static Collection {
        &CHANGES
    }
}

impl Document for MonthlyTotal {
    fn collection() -> &'static Collection {
        &TOTALS
    }
}

impl Document for BalanceRecord {
    fn collection() -> &'static Collection {
        &BALANCES
    }
}

/// The queries on balances. They ask for accounts that the caller of this was already allowed to see.
#[derive(Clone)]
pub(crate) struct BalancesStore {
    store: Store,
}

impl BalancesStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// For batches.
    pub(crate) fn documents(&self) -> &Store {
        &self.store
    }

    pub(crate) async fn position(
        &self,
        tenant: TenantId,
        account: Uuid,
    ) -> Result<Option<Stored<BalanceRecord>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, account).await?)
    }

    /// One page of an account's unfolded changes.
    pub(crate) async fn changes(
        &self,
        tenant: TenantId,
        account: Uuid,
        cursor: Option<String>,
    ) -> Result<Page<Stored<MonthlyChange>>, Error> {
        let query = Query::sorted(Sort::ascending("id"))
            .equals("account_id", account)
            .page(full_page(cursor));
        Ok(self.store.find(&Scope::Tenant { tenant }, query).await?)
    }

    /// One page of an account's totals of the months before `until`, in the order of months.
    pub(crate) async fn totals(
        &self,
        tenant: TenantId,
        account: Uuid,
        until: Option<NaiveDate>,
        cursor: Option<String>,
    ) -> Result<Page<Stored<MonthlyTotal>>, Error> {
        let query = Query::sorted(Sort::ascending("month"))
            .equals("account_id", account)
            .between(None, until.map(Key::from))
            .page(full_page(cursor));
        Ok(self.store.find(&Scope::Tenant { tenant }, query).await?)
    }

    pub(crate) async fn total(
        &self,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<Option<Stored<MonthlyTotal>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, id).await?)
    }
}

fn full_page(cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: MAX_PAGE,
        cursor,
        count: false,
    }
}

/// The id of a monthly total: there can be one for each account, month, kind and category.
pub(crate) fn total_id(tally: &Tally) -> Uuid {
    let kind = match tally.kind {
        TransactionKind::Income => "income",
        TransactionKind::Expense => "expense",
    };
    let name = format!(
        "monthly-total\u{0}{}\u{0}{}\u{0}{kind}\u{0}{}",
        tally.account_id, tally.month, tally.category
    );
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
