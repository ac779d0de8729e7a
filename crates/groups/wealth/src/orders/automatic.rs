//! What happens to orders without anybody's request: a schedule makes them, a last day ends them.

use super::{
    broker::Broker,
    models::{OrderRecord, OrderState, OrderWay},
    service::Orders,
    steps::{announce, step},
};
use crate::{
    entries::{account_of, quantity_check},
    error::Error,
    market::Price,
    timers::{Timer, TimerKind},
};
use kernel::{CallContext, MAX_PAGE, PageRequest, Scope};
use rust_decimal::Decimal;
use store::{Batch, Query, Sort, Stored};
use uuid::Uuid;

/// How often an order is offered again because somebody else was faster.
const MOST_RACES: usize = 16;

/// What a schedule orders.
pub(crate) struct ScheduledOrder {
    pub(crate) id: Uuid,
    pub(crate) schedule_id: Uuid,
    pub(crate) portfolio_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) symbol: String,
    pub(crate) side: OrderWay,
    pub(crate) quantity: Decimal,
    /// By which it is checked and offered to the broker.
    pub(crate) quote: Price,
}

impl Orders {
    /// Puts an order with all of its first steps into a batch: drafted, checked, placed, and filled where the broker does so at
    /// once; or drafted and held.
    pub(crate) async fn order_for(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        wanted: ScheduledOrder,
    ) -> Result<Stored<OrderRecord>, Error> {
        let portfolio = self.entries.to_change(cx, wanted.portfolio_id).await?;
        let account = account_of(&portfolio, Some(wanted.account_id))?;
        quantity_check(wanted.quantity).map_err(|message| Error::invalid("quantity", message))?;
        self.entries
            .tradable(cx, &wanted.symbol, account.currency)
            .await?;
        let draft = OrderRecord {
            user_id: portfolio.user_id,
            client_id: portfolio.client_id,
            advisor_id: portfolio.advisor_id,
            portfolio_id: portfolio.id,
            account_id: account.id,
            symbol: wanted.symbol,
            side: wanted.side,
            schedule_id: Some(wanted.schedule_id),
            quantity: wanted.quantity,
            limit_price: None,
            expires_on: None,
            state: OrderState::Draft,
            filled: Decimal::ZERO,
            steps: vec![self.note(OrderState::Draft, Vec::new())],
            waiting_for: None,
        };
        // As it will read: only what comes of it is inserted.
        let mut order = self.store.batch(cx).insert(wanted.id, draft);
        match self.verdict(cx, &order).await? {
            Err(reasons) => {
                batch.require(&portfolio);
                order.data.steps.push(self.note(OrderState::Draft, reasons));
            }
            Ok(notes) => {
                order.data.steps.push(self.note(OrderState::Checked, notes));
                order.data.steps.push(self.note(OrderState::Placed, Vec::new()));
                order.data.enter(OrderState::Placed);
                match self.broker.place(&order, Some(wanted.quote)) {
                    Some(fill) => {
                        self.fill_in(cx, batch, &mut order, fill, Decimal::ZERO).await?;
                    }
                    None => batch.require(&portfolio),
                }
            }
        }
        let stored = batch.insert(order.id, order.data);
        for steps in 1..=stored.steps.len() {
            announce(cx, batch, &at_step(&stored, steps));
        }
        Ok(stored)
    }

    /// Offers the orders that wait for a quote of a symbol to the broker, the oldest first.
    pub(crate) async fn offer_waiting(&self, cx: &CallContext, symbol: &str) -> Result<(), Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut cursor = None;
        loop {
            let waiting = Query::sorted(Sort::ascending("created_at"))
                .equals("waiting_for", symbol)
                .page(PageRequest {
                    limit: MAX_PAGE,
                    cursor,
                    count: false,
                });
            let page = self.store.find::<OrderRecord>(&scope, waiting).await?;
            for order in &page.items {
                self.offer_again(cx, order.id).await?;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn offer_again(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        let mut races = 0;
        loop {
            match self.offer(cx, id).await {
                Err(error) if error.is_lost_race() && races < MOST_RACES => races += 1,
                done => return done,
            }
        }
    }

    /// Offers an order that waits to the broker by the newest quote. One that the portfolio cannot settle, or that is of
    /// before a split, is rejected, and its history says why.
    async fn offer(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        let order = self.store.get_anywhere::<OrderRecord>(id).await?;
        let Some(order) = order.filter(|order| order.waiting_for.is_some()) else {
            return Ok(());
        };
        if self.in_time(&order).is_err() {
            return Ok(());
        }
        let mut batch = self.store.batch(cx);
        if self.is_split(cx, &order).await? {
            let reasons = vec!["split_since_placed".to_owned()];
            step(cx, &mut batch, &order, self.note(OrderState::Rejected, reasons))?;
            self.store.commit(batch).await?;
            return Ok(());
        }
        let quote = self.quote(cx, &order.symbol).await?;
        let Some(fill) = self.broker.place(&order, quote) else {
            return Ok(());
        };
        let mut next = order.clone();
        match self.fill_in(cx, &mut batch, &mut next, fill, Decimal::ZERO).await {
            Ok(()) => {
                let stored = batch.replace(&next);
                announce(cx, &mut batch, &stored);
            }
            Err(Error::Standing { code, .. }) => {
                batch = self.store.batch(cx);
                let reasons = vec![code.to_owned()];
                step(cx, &mut batch, &order, self.note(OrderState::Rejected, reasons))?;
            }
            Err(error) => return Err(error),
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Whether its quantity and its limit are of before a split: what they say is not what was meant.
    async fn is_split(&self, cx: &CallContext, order: &OrderRecord) -> Result<bool, Error> {
        let placed = order.steps.iter().find(|step| step.state == OrderState::Placed);
        let Some(placed) = placed.map(|step| self.market.day(step.at)) else {
            return Ok(false);
        };
        let instrument = self.market.instrument(cx.tenant(), &order.symbol).await?;
        let today = self.market.today();
        Ok(instrument.is_some_and(|instrument| {
            let mut splits = instrument.splits.iter();
            splits.any(|split| placed < split.ex_date && split.ex_date <= today)
        }))
    }

    /// Ends an order whose last day is over, whatever was done of it. Nothing when it has ended, or has time.
    pub(crate) async fn expire(&self, cx: &CallContext, id: Uuid) -> Result<(), Error> {
        let mut batch = self.store.batch(cx);
        let order = self.store.get_anywhere::<OrderRecord>(id).await?;
        let order = order.filter(|order| order.state.may_become(OrderState::Expired));
        let last_day = order.as_ref().and_then(|order| order.expires_on);
        let ends = last_day.and_then(|day| day.succ_opt());
        let mut again = None;
        if let (Some(order), Some(ends)) = (order, ends) {
            if ends <= self.market.today() {
                let reasons = vec!["last_day_over".to_owned()];
                step(cx, &mut batch, &order, self.note(OrderState::Expired, reasons))?;
            } else {
                again = Some(self.market.begins(ends));
            }
        }
        Timer::set(&self.store, &mut batch, id, TimerKind::OrderExpiry, again).await?;
        self.store.commit(batch).await?;
        Ok(())
    }
}

/// An order as it was after its first steps.
fn at_step(order: &Stored<OrderRecord>, steps: usize) -> Stored<OrderRecord> {
    order.changed(|data| {
        data.steps.truncate(steps);
        let state = data.steps.last().map_or(OrderState::Draft, |step| step.state);
        data.enter(state);
        data.filled = data.steps.iter().filter_map(|step| step.quantity).sum();
    })
}
