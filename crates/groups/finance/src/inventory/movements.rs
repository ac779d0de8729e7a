use super::{
    bookkeeping::entries,
    costing::Cost,
    gauges::InventoryMetrics,
    items::{check_figure, check_quantity},
    models::{ItemRecord, MovementKind, MovementRecord},
    movement_requests::{MovementCreateRequest, MovementFilter, MovementResponse},
    reorders::look,
    store::InventoryStore,
};
use crate::{
    access::Access, balances::Folding, error::Error, journal::Journal, stamps::stamp_what_was_missed,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use finance_contract::{INVENTORY_ADJUSTED, InventoryAdjusted};
use kernel::{
    AuditRecord, CalendarDate, CallContext, CallError, IdempotencyKey, Money, NewEvent, Page, PageRequest,
};
use rust_decimal::Decimal;
use store::{Batch, Stored};
use uuid::Uuid;

/// The rules of movements.
pub(crate) struct MovementsService {
    store: InventoryStore,
    access: Access,
    timezone: Tz,
    metrics: InventoryMetrics,
    journal: Journal,
    folding: Folding,
}

/// A movement whose figures were checked.
struct Checked {
    quantity: Decimal,
    unit_cost: Option<Decimal>,
}

impl MovementsService {
    pub(crate) fn new(
        store: InventoryStore,
        access: Access,
        timezone: Tz,
        metrics: InventoryMetrics,
        (journal, folding): (Journal, Folding),
    ) -> Self {
        Self {
            store,
            access,
            timezone,
            metrics,
            journal,
            folding,
        }
    }

    /// The movements that the caller may see, newest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &MovementFilter,
        page: PageRequest,
    ) -> Result<Page<MovementResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        let page = self.store.movements(&scope, filter.item_id, page).await?;
        Ok(page.map(MovementResponse::from))
    }

    /// Posts a movement with its journal entries, once for each key. Somebody who was faster is taken into account.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: MovementCreateRequest,
    ) -> Result<MovementResponse, Error> {
        let checked = check(&request)?;
        let documents = self.store.documents();
        let posted: MovementResponse = self
            .journal
            .once(
                cx,
                "finance.create_inventory_movement",
                key,
                &request,
                |mut batch| {
                    let (request, checked) = (&request, &checked);
                    async move {
                        let item = self.access.visible::<ItemRecord>(cx, request.item_id).await?;
                        let item = item.ok_or(Error::Missing { what: "item" })?;
                        Access::writing(cx, item.user_id)?;
                        for (field, location) in [
                            ("location_id", request.location_id),
                            ("to_location_id", request.to_location_id),
                        ] {
                            self.check_location(cx, &item, field, location).await?;
                        }
                        let mut changed = item.clone();
                        let cost = apply(&mut changed.data, request, checked)?;
                        let record = self.record(cx, &changed, request, (checked.quantity, cost));
                        self.post(cx, &mut batch, &record).await?;
                        let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
                        look(cx, documents, &mut batch, item.id, &mut changed.data)?;
                        batch.replace(&changed);
                        announce(cx, &mut batch, &stored)?;
                        Ok::<_, Error>((batch, MovementResponse::from(stored)))
                    }
                },
            )
            .await?;
        self.metrics.changed();
        self.folding.posted(cx.tenant(), posted.user_id.0);
        if let Some(item) = self.access.visible::<ItemRecord>(cx, posted.item_id).await? {
            let stamped = (item.client_id, item.advisor_id);
            stamp_what_was_missed(&self.access, documents, cx, item.user_id, stamped).await?;
        }
        Ok(posted)
    }

    /// Adds the journal entries of a movement to the commit that carries it.
    async fn post(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        movement: &MovementRecord,
    ) -> Result<(), Error> {
        let mut page = self.journal.page(cx.tenant(), movement.user_id).await?;
        for entry in entries(movement)? {
            let id = self.store.documents().sources().ids().next::<Uuid>();
            page.post(cx, batch, id, entry)?;
        }
        page.finish(cx, batch);
        Ok(())
    }

    async fn check_location(
        &self,
        cx: &CallContext,
        item: &Stored<ItemRecord>,
        field: &str,
        location: Option<Uuid>,
    ) -> Result<(), Error> {
        let Some(id) = location else { return Ok(()) };
        match self.store.location_of(cx.tenant(), item.user_id, id).await? {
            Some(_) => Ok(()),
            None => Err(Error::invalid(field, "is no location of the item's owner")),
        }
    }

    fn record(
        &self,
        cx: &CallContext,
        item: &Stored<ItemRecord>,
        request: &MovementCreateRequest,
        (quantity, cost): (Decimal, Cost),
    ) -> MovementRecord {
        let reference = request.reference.as_ref().map(|text| text.as_str().to_owned());
        MovementRecord {
            user_id: item.user_id,
            client_id: item.client_id,
            advisor_id: item.advisor_id,
            item_id: item.id,
            kind: request.kind,
            quantity,
            cost: exact(cost.cost, item),
            cost_adjustment: exact(cost.adjustment, item),
            currency: item.currency,
            location_id: request.location_id,
            to_location_id: request.to_location_id,
            reference: reference.filter(|text| !text.is_empty()),
            date: request.date.map_or_else(|| self.today(), CalendarDate::date),
            on_hand: item.stock.on_hand,
            created_by: cx.principal.reference(),
        }
    }

    fn today(&self) -> NaiveDate {
        let now = self.store.documents().sources().now();
        now.with_timezone(&self.timezone).date_naive()
    }
}

fn exact(mut amount: Decimal, item: &ItemRecord) -> Decimal {
    amount.rescale(item.currency.decimals());
    amount
}

fn check(request: &MovementCreateRequest) -> Result<Checked, Error> {
    let quantity = check_quantity("quantity", request.quantity)?;
    let unit_cost = request
        .unit_cost
        .map(|cost| check_figure("unit_cost", cost))
        .transpose()?;
    match request.kind {
        MovementKind::Receipt if unit_cost.is_none() => {
            return Err(Error::invalid("unit_cost", "is required for a receipt"));
        }
        MovementKind::Issue | MovementKind::Lost | MovementKind::Transfer if unit_cost.is_some() => {
            let message = "must be left out: the cost follows from what came in";
            return Err(Error::invalid("unit_cost", message));
        }
        MovementKind::Transfer if request.location_id == request.to_location_id => {
            let message = "must be another location than 'location_id'";
            return Err(Error::invalid("to_location_id", message));
        }
        MovementKind::Transfer => {}
        _ if request.to_location_id.is_some() => {
            return Err(Error::invalid(
                "to_location_id",
                "must be left out except for a transfer",
            ));
        }
        _ => {}
    }
    Ok(Checked { quantity, unit_cost })
}

/// Moves the stock of an item.
fn apply(item: &mut ItemRecord, request: &MovementCreateRequest, checked: &Checked) -> Result<Cost, Error> {
    let quantity = checked.quantity;
    let (from, to) = (request.location_id, request.to_location_id);
    let goes_out = !matches!(request.kind, MovementKind::Receipt | MovementKind::Found);
    if goes_out && !item.allow_negative && item.at(from) < quantity {
        return Err(Error::Standing {
            code: "insufficient_stock",
            reason: "there is less than that: receive some first, or allow negative stock for the item",
        });
    }
    match request.kind {
        MovementKind::Receipt | MovementKind::Found => {
            let unit_cost = checked.unit_cost.unwrap_or_else(|| item.unit_cost());
            item.put(from, quantity);
            item.receive(quantity, unit_cost)
        }
        MovementKind::Issue | MovementKind::Lost => {
            item.put(from, -quantity);
            item.issue(quantity)
        }
        MovementKind::Transfer => {
            item.put(from, -quantity);
            item.put(to, quantity);
            Ok(Cost::default())
        }
    }
}

/// Adds the event and the audit record of a movement to its commit.
fn announce(cx: &CallContext, batch: &mut Batch, stored: &Stored<MovementRecord>) -> Result<(), Error> {
    let subject = format!("inventory_item/{}", stored.item_id);
    let cost =
        Money::new(stored.cost, stored.currency).map_err(|error| CallError::internal(error.to_string()))?;
    let facts = InventoryAdjusted {
        movement_id: stored.id,
        item_id: stored.item_id,
        user_id: stored.user_id,
        kind: stored.kind.as_str().to_owned(),
        quantity: stored.quantity.normalize().to_string(),
        on_hand: stored.on_hand.normalize().to_string(),
        cost,
        date: stored.date,
    };
    let data = serde_json::to_value(facts).map_err(CallError::internal)?;
    batch.event(NewEvent::new(cx, INVENTORY_ADJUSTED, subject.clone(), data));
    let audit = AuditRecord::new(INVENTORY_ADJUSTED, subject)
        .changing("quantity", None, Some(stored.quantity.to_string()))
        .changing("cost", None, Some(stored.cost.to_string()));
    batch.event(audit.into_event(cx));
    Ok(())
}
