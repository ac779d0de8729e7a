use super::models::{BudgetAlert, BudgetRecord};
use crate::error::Error;
use kernel::{Page, PageRequest, Scope, TenantId, UserId};
use std::sync::LazyLock;
use store::{Collection, Document, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

static BUDGETS: LazyLock<Collection> =
    LazyLock::new(|| Collection::new("budgets", Scoping::Client).personal_text(&["name"]));

static ALERTS: LazyLock<Collection> = LazyLock::new(|| Collection::new("budget_alerts", Scoping::Tenant));

impl Document for BudgetRecord {
    fn collection() -> &'static Collection {
        &BUDGETS
    }
}

impl Document for BudgetAlert {
    fn collection() -> &'static Collection {
        &ALERTS
    }
}

/// The queries on budgets, each scoped to the caller.
#[derive(Clone)]
pub(crate) struct BudgetsStore {
    store: Store,
}

impl BudgetsStore {
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
        page: PageRequest,
    ) -> Result<Page<Stored<BudgetRecord>>, Error> {
        let query = Query::sorted(Sort::ascending("created_at")).page(page);
        Ok(self.store.find(scope, query).await?)
    }

    /// All budgets of a user.
    pub(crate) async fn of_user(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<Stored<BudgetRecord>>, Error> {
        let scope = Scope::Own { tenant, user };
        Ok(self.store.find_all(&scope, Query::all()).await?)
    }

    pub(crate) async fn of_tenant(
        &self,
        tenant: TenantId,
        id: Uuid,
    ) -> Result<Option<Stored<BudgetRecord>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, id).await?)
    }

    /// Whether this was said already.
    pub(crate) async fn is_said(&self, tenant: TenantId, alert: &BudgetAlert) -> Result<bool, Error> {
        let scope = Scope::Tenant { tenant };
        Ok(self.store.get::<BudgetAlert>(&scope, alert.id()).await?.is_some())
    }
}
