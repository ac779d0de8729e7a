use super::{
    gauges::InventoryMetrics,
    models::{ItemRecord, LocationRecord, Replenishment, StockState},
    requests::{
        ItemCreateRequest, ItemFilter, ItemResponse, ItemUpdateRequest, LocationCreateRequest,
        LocationResponse, OwnerFilter, ReplenishmentFields,
    },
    store::InventoryStore,
};
use crate::{
    access::{Access, Owner},
    error::Error,
    stamps::stamp_what_was_missed,
    versions,
};
use finance_contract::{
    INVENTORY_ITEM_CREATED, INVENTORY_ITEM_DELETED, INVENTORY_ITEM_UPDATED, InventoryItemChanged,
};
use kernel::{
    Amount, AuditRecord, CallContext, Currency, IdempotencyKey, NewEvent, Page, PageRequest, UserId, fold,
};
use rust_decimal::Decimal;
use store::{Batch, StoreError, Stored};
use uuid::Uuid;

/// Quantities and costs are below this.
const TOO_LARGE: i64 = 1_000_000_000_000;
/// What is counted when nothing is said.
const USUAL_UNIT: &str = "piece";

/// The rules of items and locations.
#[derive(Clone)]
pub(crate) struct ItemsService {
    store: InventoryStore,
    access: Access,
    currency: Currency,
    metrics: InventoryMetrics,
}

impl ItemsService {
    pub(crate) fn new(
        store: InventoryStore,
        access: Access,
        currency: Currency,
        metrics: InventoryMetrics,
    ) -> Self {
        Self {
            store,
            access,
            currency,
            metrics,
        }
    }

    /// The items that the caller may see, by SKU.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &ItemFilter,
        page: PageRequest,
    ) -> Result<Page<ItemResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        let page = self.store.items(&scope, filter.low, page).await?;
        Ok(page.map(ItemResponse::from))
    }

    /// One item that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<ItemResponse, Error> {
        Ok(self.visible(cx, id).await?.into())
    }

    /// Makes an item, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: ItemCreateRequest,
    ) -> Result<ItemResponse, Error> {
        let user = Access::subject(cx, request.user_id)?;
        let documents = self.store.documents();
        let made = documents
            .once(cx, "finance.create_inventory_item", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let owner = self.access.owner(cx, user).await?;
                    let record = self.record(owner, request)?;
                    let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
                    announce(cx, &mut batch, INVENTORY_ITEM_CREATED, &stored);
                    Ok::<_, Error>((batch, ItemResponse::from(stored)))
                }
            })
            .await;
        let made: ItemResponse = made.map_err(sku_in_use)?;
        self.metrics.changed();
        let stamped = (made.client_id, made.advisor_id);
        stamp_what_was_missed(&self.access, documents, cx, user, stamped).await?;
        Ok(made)
    }

    /// Replaces an item's data. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: ItemUpdateRequest,
    ) -> Result<ItemResponse, Error> {
        let current = self.visible(cx, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, request.version)?;
        let replenishment = replenishment(request.replenishment.as_ref())?;
        let mut batch = self.store.documents().batch(cx);
        let mut changed = current.changed(|item| {
            item.name = request.name.into_string();
            if let Some(unit) = request.unit {
                item.unit = unit.into_string();
            }
            item.allow_negative = request.allow_negative.unwrap_or(false);
            item.replenishment = replenishment;
        });
        super::reorders::look(
            cx,
            self.store.documents(),
            &mut batch,
            current.id,
            &mut changed.data,
        )?;
        let stored = batch.replace(&changed);
        announce(cx, &mut batch, INVENTORY_ITEM_UPDATED, &stored);
        versions::commit(self.store.documents(), batch, expected).await?;
        self.metrics.changed();
        Ok(stored.into())
    }

    /// Deletes an item of which there is nothing.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let current = self.visible(cx, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, None)?;
        if !current.stock.on_hand.is_zero() || !current.stock.places.is_empty() {
            return Err(Error::Standing {
                code: "item_in_stock",
                reason: "there is some of this item: issue it first",
            });
        }
        let mut batch = self.store.documents().batch(cx);
        let stored = batch.delete(&current);
        announce(cx, &mut batch, INVENTORY_ITEM_DELETED, &stored);
        versions::commit(self.store.documents(), batch, expected).await?;
        self.metrics.changed();
        Ok(())
    }

    /// The locations that the caller may see, oldest first.
    pub(crate) async fn locations(
        &self,
        cx: &CallContext,
        filter: &OwnerFilter,
        page: PageRequest,
    ) -> Result<Page<LocationResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        Ok(self
            .store
            .locations(&scope, page)
            .await?
            .map(LocationResponse::from))
    }

    /// Makes a location, once for each key.
    pub(crate) async fn create_location(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: LocationCreateRequest,
    ) -> Result<LocationResponse, Error> {
        let user = Access::subject(cx, request.user_id)?;
        let documents = self.store.documents();
        let made: LocationResponse = documents
            .once(
                cx,
                "finance.create_inventory_location",
                key,
                &request,
                |mut batch| {
                    let name = request.name.as_str().to_owned();
                    async move {
                        let owner = self.access.owner(cx, user).await?;
                        let record = LocationRecord {
                            user_id: owner.user_id,
                            client_id: owner.client_id,
                            advisor_id: owner.advisor_id,
                            name,
                        };
                        let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
                        Ok::<_, Error>((batch, LocationResponse::from(stored)))
                    }
                },
            )
            .await?;
        Ok(made)
    }

    pub(super) async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<ItemRecord>, Error> {
        let found = self.access.visible(cx, id).await?;
        found.ok_or(Error::Missing { what: "item" })
    }

    /// The stamps for something new of a user.
    pub(super) async fn owner(&self, cx: &CallContext, user: UserId) -> Result<Owner, Error> {
        self.access.owner(cx, user).await
    }

    /// A new item as it is stored.
    pub(super) fn record(&self, owner: Owner, request: ItemCreateRequest) -> Result<ItemRecord, Error> {
        let sku_key = fold(&request.sku);
        if sku_key.is_empty() {
            return Err(Error::invalid("sku", "must contain letters or digits"));
        }
        let unit = request
            .unit
            .map_or_else(|| USUAL_UNIT.to_owned(), |unit| unit.into_string());
        Ok(ItemRecord {
            user_id: owner.user_id,
            client_id: owner.client_id,
            advisor_id: owner.advisor_id,
            sku: request.sku.into_string(),
            sku_key,
            name: request.name.into_string(),
            unit,
            currency: request.currency.unwrap_or(self.currency),
            valuation: request.valuation.unwrap_or_default().into(),
            allow_negative: request.allow_negative.unwrap_or(false),
            replenishment: replenishment(request.replenishment.as_ref())?,
            stock: StockState::default(),
            low: false,
            open_reorder: None,
        })
    }
}

/// A quantity that moves: more than 0, below 10^12, with at most 6 decimals.
pub(super) fn check_quantity(field: &str, quantity: Amount) -> Result<Decimal, Error> {
    let quantity = quantity.0.normalize();
    if quantity <= Decimal::ZERO {
        return Err(Error::invalid(field, "must be more than 0"));
    }
    within(field, quantity)
}

/// A quantity or cost that may be nothing.
pub(super) fn check_figure(field: &str, figure: Amount) -> Result<Decimal, Error> {
    let figure = figure.0.normalize();
    if figure < Decimal::ZERO {
        return Err(Error::invalid(field, "must not be negative"));
    }
    within(field, figure)
}

fn within(field: &str, figure: Decimal) -> Result<Decimal, Error> {
    if figure >= Decimal::from(TOO_LARGE) {
        return Err(Error::invalid(field, "must be less than 1000000000000"));
    }
    if figure.scale() > 6 {
        return Err(Error::invalid(field, "must have at most 6 decimals"));
    }
    Ok(figure)
}

fn replenishment(fields: Option<&ReplenishmentFields>) -> Result<Replenishment, Error> {
    let Some(fields) = fields else {
        return Ok(Replenishment::default());
    };
    let figure = |name: &str, figure: Option<Amount>| {
        let field = format!("replenishment.{name}");
        figure.map(|figure| check_figure(&field, figure)).transpose()
    };
    let service_level = figure("service_level", fields.service_level)?;
    if service_level.is_some_and(|level| level.is_zero() || level >= Decimal::ONE) {
        let message = "must be more than 0 and less than 1, such as 0.95";
        return Err(Error::invalid("replenishment.service_level", message));
    }
    let holding_cost = figure("holding_cost", fields.holding_cost)?;
    if holding_cost.is_some_and(|cost| cost.is_zero()) {
        return Err(Error::invalid(
            "replenishment.holding_cost",
            "must be more than 0",
        ));
    }
    Ok(Replenishment {
        reorder_point: figure("reorder_point", fields.reorder_point)?,
        daily_demand: figure("daily_demand", fields.daily_demand)?,
        lead_time_days: figure("lead_time_days", fields.lead_time_days)?,
        demand_sd: figure("demand_sd", fields.demand_sd)?,
        service_level,
        order_cost: figure("order_cost", fields.order_cost)?,
        holding_cost,
    })
}

/// Says that an SKU is taken, in the owner's terms.
pub(super) fn sku_in_use(error: Error) -> Error {
    match error {
        Error::Store(StoreError::Duplicate { fields, .. })
            if fields.iter().any(|field| field == "sku_key") =>
        {
            Error::Standing {
                code: "sku_in_use",
                reason: "there is an item with this SKU: change that one, or choose another SKU",
            }
        }
        other => other,
    }
}

/// Adds the event and the audit record of a change to its batch.
pub(super) fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<ItemRecord>) {
    let subject = format!("inventory_item/{}", stored.id);
    let facts = InventoryItemChanged {
        item_id: stored.id,
        user_id: stored.user_id,
        low: stored.low,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject).naming(["name", "replenishment"]);
    batch.event(audit.into_event(cx).at_version(stored.version));
}
