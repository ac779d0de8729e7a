use super::models::{BookBalances, BookChange, DayTotal, Flow, MonthTotal};
use crate::error::Error;
use chrono::NaiveDate;
use kernel::{MAX_PAGE, Page, PageRequest, Scope, TenantId};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Key, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

static CHANGES: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("book_changes", Scoping::Tenant)
        .unlisted()
        .within_firms()
        .field("book", FieldKind::Uuid)
        .serves(&["book"], &["id"])
});

static MONTHS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("month_totals", Scoping::Tenant)
        .unlisted()
        .within_firms()
        .field("book", FieldKind::Uuid)
        .field("date", FieldKind::Time)
        .serves(&["book"], &["date"])
});

static DAYS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("day_totals", Scoping::Tenant)
        .unlisted()
        .within_firms()
        .field("book", FieldKind::Uuid)
        .field("date", FieldKind::Time)
        .serves(&["book"], &["date"])
});

static BALANCES: LazyLock<Collection> = LazyLock::new(|| Collection::new("book_balances", Scoping::Tenant));

impl Document for BookChange {
    fn collection() -> &'static Collection {
        &CHANGES
    }
}

impl Document for MonthTotal {
    fn collection() -> &'static Collection {
        &MONTHS
    }
}

impl Document for DayTotal {
    fn collection() -> &'static Collection {
        &DAYS
    }
}

impl Document for BookBalances {
    fn collection() -> &'static Collection {
        &BALANCES
    }
}

/// The days of a list: from the first, before the second; open where there is none.
pub(crate) type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// The queries on balances. They ask for books that the caller of this was already allowed to see.
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
        book: Uuid,
    ) -> Result<Option<Stored<BookBalances>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, book).await?)
    }

    /// One page of a book's unfolded changes.
    pub(crate) async fn changes(
        &self,
        tenant: TenantId,
        book: Uuid,
        cursor: Option<String>,
    ) -> Result<Page<Stored<BookChange>>, Error> {
        let query = Query::sorted(Sort::ascending("id"))
            .equals("book", book)
            .page(full_page(cursor));
        Ok(self.store.find(&Scope::Tenant { tenant }, query).await?)
    }

    /// All of a book's totals of some days: [`MonthTotal`] or [`DayTotal`].
    pub(crate) async fn totals<T: Document>(
        &self,
        tenant: TenantId,
        book: Uuid,
        (from, until): Days,
    ) -> Result<Vec<Stored<T>>, Error> {
        let query = Query::sorted(Sort::ascending("date"))
            .equals("book", book)
            .between(from.map(Key::from), until.map(Key::from));
        Ok(self.store.find_all(&Scope::Tenant { tenant }, query).await?)
    }

    pub(crate) async fn total<T: Document>(
        &self,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<Option<Stored<T>>, Error> {
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

/// The id of a total: there can be one for each book, pair of accounts, currency and day or month.
pub(crate) fn total_id(book: Uuid, flow: &Flow) -> Uuid {
    let name = format!(
        "flow-total\u{0}{book}\u{0}{}\u{0}{}\u{0}{}\u{0}{}",
        flow.date, flow.debit, flow.credit, flow.currency
    );
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
