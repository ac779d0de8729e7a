use super::{
    items::check_quantity,
    models::{ItemRecord, ReorderRecord, ReorderStatus},
    requests::{ReorderCloseRequest, ReorderCreateRequest, ReorderEnd, ReorderFilter, ReorderResponse},
    store::InventoryStore,
};
use crate::{access::Access, error::Error, versions};
use finance_contract::{
    INVENTORY_LOW_STOCK, INVENTORY_REORDER_CLOSED, INVENTORY_REORDER_OPENED, InventoryLowStock,
    InventoryReorderChanged,
};
use kernel::{Amount, AuditRecord, CallContext, IdempotencyKey, NewEvent, Page, PageRequest};
use rust_decimal::Decimal;
use store::{Batch, Store, Stored};
use uuid::Uuid;

/// The rules of reorders.
pub(crate) struct ReordersService {
    store: InventoryStore,
    access: Access,
}

impl ReordersService {
    pub(crate) fn new(store: InventoryStore, access: Access) -> Self {
        Self { store, access }
    }

    /// The reorders that the caller may see, newest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &ReorderFilter,
        page: PageRequest,
    ) -> Result<Page<ReorderResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        let status = filter.status.map(|status| match status {
            ReorderStatus::Open => "open",
            ReorderStatus::Received => "received",
            ReorderStatus::Cancelled => "cancelled",
        });
        let page = self.store.reorders(&scope, status, page).await?;
        Ok(page.map(ReorderResponse::from))
    }

    /// Opens a reorder of an item that has none open, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: ReorderCreateRequest,
    ) -> Result<ReorderResponse, Error> {
        let named = request
            .quantity
            .map(|quantity| check_quantity("quantity", quantity));
        let named = named.transpose()?;
        let documents = self.store.documents();
        documents
            .once(
                cx,
                "finance.create_inventory_reorder",
                key,
                &request,
                |mut batch| {
                    let item_id = request.item_id;
                    async move {
                        let item = self.access.visible::<ItemRecord>(cx, item_id).await?;
                        let item = item.ok_or(Error::Missing { what: "item" })?;
                        Access::writing(cx, item.user_id)?;
                        if item.open_reorder.is_some() {
                            return Err(Error::Standing {
                                code: "reorder_open",
                                reason: "a reorder of this item is open: close it first",
                            });
                        }
                        let mut changed = item.clone();
                        let quantity = named.unwrap_or_else(|| item.suggested_quantity());
                        let reason = item.low_reason().unwrap_or_else(|| "asked for".to_owned());
                        let stored = open(
                            cx,
                            documents,
                            &mut batch,
                            (item.id, &mut changed.data),
                            (quantity, reason),
                        );
                        batch.replace(&changed);
                        Ok::<_, Error>((batch, ReorderResponse::from(stored)))
                    }
                },
            )
            .await
    }

    /// Ends a reorder that is open. `expected` is the version of `If-Match`.
    pub(crate) async fn close(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: &ReorderCloseRequest,
    ) -> Result<ReorderResponse, Error> {
        let reorder = self.access.visible::<ReorderRecord>(cx, id).await?;
        let reorder = reorder.ok_or(Error::Missing { what: "reorder" })?;
        Access::writing(cx, reorder.user_id)?;
        versions::check(reorder.version, expected, None)?;
        if reorder.status != ReorderStatus::Open {
            return Err(Error::Standing {
                code: "reorder_closed",
                reason: "this reorder was closed already",
            });
        }
        let documents = self.store.documents();
        let mut batch = documents.batch(cx);
        let stored = batch.replace(&reorder.changed(|reorder| {
            reorder.status = match request.status {
                ReorderEnd::Received => ReorderStatus::Received,
                ReorderEnd::Cancelled => ReorderStatus::Cancelled,
            };
        }));
        if let Some(item) = self.access.visible::<ItemRecord>(cx, reorder.item_id).await?
            && item.open_reorder == Some(id)
        {
            batch.replace(&item.changed(|item| item.open_reorder = None));
        }
        announce(cx, &mut batch, INVENTORY_REORDER_CLOSED, &stored);
        versions::commit(documents, batch, expected).await?;
        Ok(stored.into())
    }
}

/// Looks whether an item that is being changed became low: says so with the reason, and opens a reorder unless one is open.
/// The caller replaces the item in the same batch.
pub(super) fn look(
    cx: &CallContext,
    documents: &Store,
    batch: &mut Batch,
    id: Uuid,
    item: &mut ItemRecord,
) -> Result<(), Error> {
    let reason = item.low_reason();
    let was_low = std::mem::replace(&mut item.low, reason.is_some());
    let Some(reason) = reason.filter(|_| !was_low) else {
        return Ok(());
    };
    let quantity = item.suggested_quantity();
    if item.open_reorder.is_none() {
        open(cx, documents, batch, (id, item), (quantity, reason.clone()));
    }
    let facts = InventoryLowStock {
        item_id: id,
        user_id: item.user_id,
        on_hand: Amount(item.stock.on_hand.normalize()).to_string(),
        reorder_point: item.replenishment.point().unwrap_or_default().to_string(),
        reason,
        reorder_id: item.open_reorder,
    };
    let data = serde_json::to_value(facts).map_err(kernel::CallError::internal)?;
    batch.event(NewEvent::new(
        cx,
        INVENTORY_LOW_STOCK,
        format!("inventory_item/{id}"),
        data,
    ));
    Ok(())
}

fn open(
    cx: &CallContext,
    documents: &Store,
    batch: &mut Batch,
    (id, item): (Uuid, &mut ItemRecord),
    (quantity, reason): (Decimal, String),
) -> Stored<ReorderRecord> {
    let record = ReorderRecord {
        user_id: item.user_id,
        client_id: item.client_id,
        advisor_id: item.advisor_id,
        item_id: id,
        quantity,
        reason,
        status: ReorderStatus::Open,
    };
    let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
    item.open_reorder = Some(stored.id);
    announce(cx, batch, INVENTORY_REORDER_OPENED, &stored);
    stored
}

fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<ReorderRecord>) {
    let subject = format!("inventory_reorder/{}", stored.id);
    let facts = InventoryReorderChanged {
        reorder_id: stored.id,
        item_id: stored.item_id,
        user_id: stored.user_id,
        quantity: stored.quantity.normalize().to_string(),
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit =
        AuditRecord::new(event, subject).changing("quantity", None, Some(stored.quantity.to_string()));
    batch.event(audit.into_event(cx).at_version(stored.version));
}
