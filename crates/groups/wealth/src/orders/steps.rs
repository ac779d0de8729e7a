use super::models::{OrderRecord, OrderState, OrderStep};
use crate::error::Error;
use kernel::{AuditRecord, CallContext, NewEvent};
use serde_json::json;
use store::{Batch, Stored};

/// Adds a step to an order, its event and its audit record; an illegal one is 409. A step that changes no state is a check that
/// held the order.
pub(super) fn step(
    cx: &CallContext,
    batch: &mut Batch,
    order: &Stored<OrderRecord>,
    step: OrderStep,
) -> Result<Stored<OrderRecord>, Error> {
    if order.state != step.state || step.quantity.is_some() {
        legal(order, step.state)?;
    }
    let stored = batch.replace(&order.changed(|data| {
        data.enter(step.state);
        data.filled += step.quantity.unwrap_or_default();
        data.steps.push(step);
    }));
    announce(cx, batch, &stored);
    Ok(stored)
}

/// Whether an order may take this step.
pub(super) fn legal(order: &OrderRecord, next: OrderState) -> Result<(), Error> {
    match order.state.may_become(next) {
        true => Ok(()),
        false => {
            let reason = format!(
                "the order is {}: it cannot become {}",
                order.state.as_str(),
                next.as_str()
            );
            Err(Error::standing("illegal_transition", reason))
        }
    }
}

/// The event of the last step: it holds all of it, so that an order can be made anew from the feed.
pub(super) fn announce(cx: &CallContext, batch: &mut Batch, stored: &Stored<OrderRecord>) {
    let name = match stored.steps.last() {
        Some(step) if step.state == OrderState::Draft && stored.steps.len() > 1 => "order.held".to_owned(),
        _ => format!("order.{}", stored.state.as_str()),
    };
    let subject = format!("order/{}", stored.id);
    let data = json!({
        "order_id": stored.id, "portfolio_id": stored.portfolio_id, "account_id": stored.account_id,
        "symbol": stored.symbol, "side": stored.side, "order_type": stored.order_type(), "schedule_id": stored.schedule_id, "quantity": stored.quantity, "filled": stored.filled,
        "step": stored.steps.last(),
    });
    batch.event(NewEvent::new(cx, &name, subject.clone(), data).at_version(stored.version));
    batch.event(
        AuditRecord::new(name, subject)
            .into_event(cx)
            .at_version(stored.version),
    );
}
