use super::models::{ItemRecord, LocationRecord, MovementRecord, ReorderRecord};
use crate::error::Error;
use kernel::{Page, PageRequest, Scope, TenantId, UserId};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Query, Scoping, Sort, Store, Stored};
use uuid::Uuid;

static ITEMS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("inventory_items", Scoping::Client)
        .personal_text(&["name"])
        .field("sku_key", FieldKind::Text)
        .field("low", FieldKind::Bool)
        .unique(&["user_id", "sku_key"])
        .serves(&[], &["sku_key"])
        .serves(&["low"], &["sku_key"])
});

static LOCATIONS: LazyLock<Collection> =
    LazyLock::new(|| Collection::new("inventory_locations", Scoping::Client).personal_text(&["name"]));

static MOVEMENTS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("inventory_movements", Scoping::Client)
        .personal(&["reference"])
        .field("item_id", FieldKind::Uuid)
        .serves(&["item_id"], &["created_at"])
});

static REORDERS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("inventory_reorders", Scoping::Client)
        .field("item_id", FieldKind::Uuid)
        .field("status", FieldKind::Text)
        .serves(&["item_id"], &["created_at"])
        .serves(&["status"], &["created_at"])
});

impl Document for ItemRecord {
    fn collection() -> &'static Collection {
        &ITEMS
    }
}

impl Document for LocationRecord {
    fn collection() -> &'static Collection {
        &LOCATIONS
    }
}

impl Document for MovementRecord {
    fn collection() -> &'static Collection {
        &MOVEMENTS
    }
}

impl Document for ReorderRecord {
    fn collection() -> &'static Collection {
        &REORDERS
    }
}

/// The queries on inventory, each scoped to the caller.
#[derive(Clone)]
pub(crate) struct InventoryStore {
    store: Store,
}

impl InventoryStore {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// For batches and keys.
    pub(crate) fn documents(&self) -> &Store {
        &self.store
    }

    /// Items by SKU; only those that are low, if that is asked.
    pub(crate) async fn items(
        &self,
        scope: &Scope,
        low: Option<bool>,
        page: PageRequest,
    ) -> Result<Page<Stored<ItemRecord>>, Error> {
        let mut query = Query::sorted(Sort::ascending("sku_key")).page(page);
        if let Some(low) = low {
            query = query.equals("low", low);
        }
        Ok(self.store.find(scope, query).await?)
    }

    /// Every item of a user.
    pub(crate) async fn items_of(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<Stored<ItemRecord>>, Error> {
        let scope = Scope::Own { tenant, user };
        let query = Query::sorted(Sort::ascending("sku_key"));
        Ok(self.store.find_all(&scope, query).await?)
    }

    pub(crate) async fn locations(
        &self,
        scope: &Scope,
        page: PageRequest,
    ) -> Result<Page<Stored<LocationRecord>>, Error> {
        let query = Query::sorted(Sort::ascending("created_at")).page(page);
        Ok(self.store.find(scope, query).await?)
    }

    pub(crate) async fn location_of(
        &self,
        tenant: TenantId,
        user: UserId,
        id: Uuid,
    ) -> Result<Option<Stored<LocationRecord>>, Error> {
        Ok(self.store.get(&Scope::Own { tenant, user }, id).await?)
    }

    /// Movements, newest first.
    pub(crate) async fn movements(
        &self,
        scope: &Scope,
        item: Option<Uuid>,
        page: PageRequest,
    ) -> Result<Page<Stored<MovementRecord>>, Error> {
        let mut query = Query::sorted(Sort::descending("created_at")).page(page);
        if let Some(item) = item {
            query = query.equals("item_id", item);
        }
        Ok(self.store.find(scope, query).await?)
    }

    /// Reorders, newest first.
    pub(crate) async fn reorders(
        &self,
        scope: &Scope,
        status: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<Stored<ReorderRecord>>, Error> {
        let mut query = Query::sorted(Sort::descending("created_at")).page(page);
        if let Some(status) = status {
            query = query.equals("status", status);
        }
        Ok(self.store.find(scope, query).await?)
    }

    /// How many items there are in the installation, and how many of them are low: for the operator's figures.
    pub(crate) async fn counts(&self) -> Result<(u64, u64), Error> {
        let count = |low: Option<bool>| async move {
            let mut query = Query::sorted(Sort::ascending("sku_key")).page(PageRequest {
                limit: 1,
                cursor: None,
                count: true,
            });
            if let Some(low) = low {
                query = query.equals("low", low);
            }
            let page = self.store.find_everywhere::<ItemRecord>(query).await?;
            Ok::<u64, Error>(page.total.unwrap_or_default())
        };
        Ok((count(None).await?, count(Some(true)).await?))
    }
}
