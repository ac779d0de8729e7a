use super::{models::AccountRecord, requests::AccountFilter};
use crate::error::Error;
use kernel::{Currency, Page, PageRequest, Scope, TenantId, UserId};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

static ACCOUNTS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("accounts", Scoping::Client)
        .personal_text(&["name"])
        .field("name", FieldKind::Text)
        .serves(&[], &["name"])
        .serves(&["user_id"], &["created_at"])
});

impl Document for AccountRecord {
    fn collection() -> &'static Collection {
        &ACCOUNTS
    }
}

/// The queries on accounts, each scoped to the caller.
#[derive(Clone)]
pub(crate) struct AccountsStore {
    store: Store,
}

impl AccountsStore {
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
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<Stored<AccountRecord>>, Error> {
        let sort = filter.sort.map_or("created_at", |sort| sort.as_str());
        let query = Query::sorted(Sort::parse(sort)).page(page);
        Ok(self.store.find(scope, query).await?)
    }

    /// All accounts of a scope, oldest first.
    pub(crate) async fn all(&self, scope: &Scope) -> Result<Vec<Stored<AccountRecord>>, Error> {
        Ok(self.store.find_all(scope, Query::all()).await?)
    }

    /// An account whatever the caller may see: the caller of this has checked, or checks what it finds.
    pub(crate) async fn of_tenant(
        &self,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<Option<Stored<AccountRecord>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, id).await?)
    }

    pub(crate) async fn deleted(
        &self,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<Option<Stored<AccountRecord>>, Error> {
        Ok(self.store.get_deleted(&Scope::Tenant { tenant }, id).await?)
    }
}

/// The id of the account that takes what names none: the same in every process, so that it can only be made once.
pub(crate) fn default_account_id(tenant: TenantId, user: UserId, currency: Currency) -> Uuid {
    let name = format!("default-account\u{0}{tenant}\u{0}{user}\u{0}{currency}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
