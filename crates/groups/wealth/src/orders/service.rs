use super::{
    broker::{Broker, Fill, SimulatedBroker},
    models::{OrderRecord, OrderState, OrderStep, OrderWay},
    requests::{OrderCreateRequest, OrderEndRequest, OrderFillRequest, OrderFilter, OrderResponse},
    steps::{announce, legal, step},
};
use crate::{
    access::Access,
    entries::{Deal, Desk, EntriesService, account_of, price_check, quantity_check},
    error::Error,
    market::{Market, Price, Prices},
    portfolios::PortfoliosStore,
    timers::{Timer, TimerKind},
};
use advisory_contract::{
    AdvisoryError, CheckOutcome, ComplianceClient, OrderSide, OrderToCheck, ProductRisk,
};
use kernel::{CallContext, IdempotencyKey, Money, Page, PageRequest};
use rust_decimal::Decimal;
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The rules of orders.
#[derive(Clone)]
pub(crate) struct Orders {
    pub(super) store: Store,
    access: Access,
    pub(super) entries: EntriesService,
    portfolios: PortfoliosStore,
    pub(super) market: Market,
    compliance: ComplianceClient,
    pub(super) broker: SimulatedBroker,
}

impl Orders {
    pub(crate) fn new(
        store: Store,
        access: Access,
        entries: EntriesService,
        portfolios: PortfoliosStore,
        market: Market,
        compliance: ComplianceClient,
    ) -> Self {
        Self {
            store,
            access,
            entries,
            portfolios,
            market,
            compliance,
            broker: SimulatedBroker,
        }
    }

    /// Writes an order down, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: OrderCreateRequest,
    ) -> Result<OrderResponse, Error> {
        self.store
            .once(cx, "wealth.create_order", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let record = self.record(cx, &mut batch, request).await?;
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    announce(cx, &mut batch, &stored);
                    if let Some(ends) = stored.expires_on.and_then(|last| last.succ_opt()) {
                        let timer = Timer {
                            kind: TimerKind::OrderExpiry,
                            due: self.market.begins(ends),
                        };
                        batch.insert(stored.id, timer);
                    }
                    Ok((batch, OrderResponse::from(stored)))
                }
            })
            .await
    }

    async fn record(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        request: OrderCreateRequest,
    ) -> Result<OrderRecord, Error> {
        let portfolio = self.entries.to_change(cx, request.portfolio_id).await?;
        let account = account_of(&portfolio, request.account_id)?;
        quantity_check(request.quantity.0).map_err(|message| Error::invalid("quantity", message))?;
        if let Some(limit) = request.limit_price {
            price_check(limit.0).map_err(|message| Error::invalid("limit_price", message))?;
        }
        if request
            .expires_on
            .is_some_and(|last| last.date() < self.market.today())
        {
            return Err(Error::invalid("expires_on", "must not be over"));
        }
        self.entries
            .tradable(cx, request.symbol.as_str(), account.currency)
            .await?;
        // The stamps are those of this version: when they change, so do those of the order.
        batch.require(&portfolio);
        Ok(OrderRecord {
            user_id: portfolio.user_id,
            client_id: portfolio.client_id,
            advisor_id: portfolio.advisor_id,
            portfolio_id: portfolio.id,
            account_id: account.id,
            symbol: request.symbol.to_string(),
            side: request.side,
            schedule_id: None,
            quantity: request.quantity.0.normalize(),
            limit_price: request.limit_price.map(|limit| limit.0),
            expires_on: request.expires_on.map(|last| last.date()),
            state: OrderState::Draft,
            filled: Decimal::ZERO,
            steps: vec![self.note(OrderState::Draft, Vec::new())],
            waiting_for: None,
        })
    }

    pub(super) fn note(&self, state: OrderState, reasons: Vec<String>) -> OrderStep {
        OrderStep {
            state,
            at: self.store.sources().now(),
            quantity: None,
            price: None,
            reasons,
        }
    }

    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<OrderResponse, Error> {
        Ok(self.visible(cx, id).await?.into())
    }

    async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<OrderRecord>, Error> {
        let found = self.access.visible::<OrderRecord>(cx, id).await?;
        found.ok_or(Error::Missing { what: "order" })
    }

    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &OrderFilter,
        page: PageRequest,
    ) -> Result<Page<OrderResponse>, Error> {
        let mut query = Query::sorted(Sort::ascending("created_at")).page(page);
        match (filter.portfolio_id, filter.state) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("state", "cannot stand beside 'portfolio_id'"));
            }
            (Some(portfolio), None) => {
                self.portfolios.visible(cx, portfolio).await?;
                query = query.equals("portfolio_id", portfolio);
            }
            (None, Some(state)) => query = query.equals("state", state.as_str()),
            (None, None) => {}
        }
        let found = self.store.find::<OrderRecord>(&cx.scope()?, query).await?;
        Ok(found.map(OrderResponse::from))
    }

    /// Has an order checked: it may be placed then, or stays a draft with the reasons for which it is held.
    pub(crate) async fn check(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
    ) -> Result<OrderResponse, Error> {
        self.store
            .once(cx, "wealth.check_order", key, &id, |mut batch| async move {
                let order = self.to_change(cx, id).await?;
                legal(&order, OrderState::Checked)?;
                let reasons = self.verdict(cx, &order).await?;
                let (state, reasons) = match reasons {
                    Ok(notes) => (OrderState::Checked, notes),
                    Err(reasons) => (OrderState::Draft, reasons),
                };
                let stored = step(cx, &mut batch, &order, self.note(state, reasons))?;
                Ok((batch, OrderResponse::from(stored)))
            })
            .await
    }

    /// What compliance says: notes when the order may be placed, reasons when it is held.
    pub(super) async fn verdict(
        &self,
        cx: &CallContext,
        order: &Stored<OrderRecord>,
    ) -> Result<Result<Vec<String>, Vec<String>>, Error> {
        let instrument = self.market.instrument(cx.tenant(), &order.symbol).await?;
        let instrument = instrument.ok_or(Error::Missing { what: "instrument" })?;
        let newest = instrument.price_on(self.market.today()).map(|(price, _)| price);
        let price = order.limit_price.or(newest);
        let price = price.ok_or_else(|| {
            Error::standing(
                "no_quote",
                "there is no quote to check the order by: keep one, or give a limit",
            )
        })?;
        let amount = order
            .quantity
            .checked_mul(price)
            .and_then(|amount| Money::rounded(amount, instrument.currency).ok());
        let amount = amount.ok_or_else(|| Error::invalid("quantity", "is too large to be kept exactly"))?;
        let asked = OrderToCheck {
            order_id: order.id,
            user_id: order.user_id,
            side: match order.side {
                OrderWay::Buy => OrderSide::Buy,
                OrderWay::Sell => OrderSide::Sell,
            },
            instrument: order.symbol.clone(),
            risk: Some(match instrument.product_risk {
                0 | 1 => ProductRisk::Low,
                2 => ProductRisk::LowToModerate,
                3 => ProductRisk::Moderate,
                4 => ProductRisk::High,
                _ => ProductRisk::VeryHigh,
            }),
            amount,
        };
        match self.compliance.check_order(cx, asked).await {
            Ok(verdict) => {
                let messages = verdict.reasons.into_iter().map(|reason| reason.code).collect();
                Ok(match verdict.outcome {
                    CheckOutcome::Pass => Ok(messages),
                    CheckOutcome::Hold => Err(messages),
                })
            }
            Err(AdvisoryError::ClientNotFound) => {
                Ok(Ok(vec!["nobody's client: nothing to check against".to_owned()]))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives an order to the broker, who may fill it at once.
    pub(crate) async fn place(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
    ) -> Result<OrderResponse, Error> {
        self.store
            .once(cx, "wealth.place_order", key, &id, |mut batch| async move {
                let order = self.to_change(cx, id).await?;
                legal(&order, OrderState::Placed)?;
                self.in_time(&order)?;
                let instrument = self.market.instrument(cx.tenant(), &order.symbol).await?;
                let quote = self.quote(cx, &order.symbol).await?;
                let mut next = order.changed(|data| {
                    data.enter(OrderState::Placed);
                    data.steps.push(self.note(OrderState::Placed, Vec::new()));
                });
                announce(cx, &mut batch, &next);
                if let Some(fill) = self.broker.place(&next, quote) {
                    self.fill_in(cx, &mut batch, &mut next, fill, Decimal::ZERO)
                        .await?;
                    announce(cx, &mut batch, &next);
                } else if let Some(instrument) = instrument {
                    // A quote that comes meanwhile would not find it among those that wait.
                    batch.require(&instrument);
                }
                let stored = batch.replace(&next);
                Ok((batch, OrderResponse::from(stored)))
            })
            .await
    }

    pub(super) async fn quote(&self, cx: &CallContext, symbol: &str) -> Result<Option<Price>, Error> {
        let prices = Prices::today(&self.market, cx.tenant(), [symbol], &[]).await?;
        Ok(prices.price(symbol))
    }

    /// Takes in what the broker did of an order; more than is left of it is 409.
    pub(crate) async fn fill(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        request: OrderFillRequest,
    ) -> Result<OrderResponse, Error> {
        self.store
            .once(
                cx,
                "wealth.fill_order",
                key,
                &(id, request.clone()),
                |mut batch| {
                    let request = request.clone();
                    async move {
                        Access::market(cx)?;
                        let order = self.to_change(cx, id).await?;
                        legal(&order, OrderState::PartiallyFilled)?;
                        let fill = Fill {
                            quantity: request.quantity.0,
                            price: request.price.0,
                        };
                        quantity_check(fill.quantity)
                            .map_err(|message| Error::invalid("quantity", message))?;
                        price_check(fill.price).map_err(|message| Error::invalid("price", message))?;
                        let fees = request.fees.map_or(Decimal::ZERO, |fees| fees.0);
                        price_check(fees).map_err(|message| Error::invalid("fees", message))?;
                        if fill.quantity > order.quantity - order.filled {
                            let reason = format!(
                                "{} are left of the order: it cannot be filled beyond that",
                                (order.quantity - order.filled).normalize()
                            );
                            return Err(Error::standing("overfilled", reason));
                        }
                        let mut next = order.clone();
                        self.fill_in(cx, &mut batch, &mut next, fill, fees).await?;
                        let stored = batch.replace(&next);
                        announce(cx, &mut batch, &stored);
                        Ok((batch, OrderResponse::from(stored)))
                    }
                },
            )
            .await
    }

    /// Enters a fill in the portfolio and in the order.
    pub(super) async fn fill_in(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        order: &mut Stored<OrderRecord>,
        fill: Fill,
        fees: Decimal,
    ) -> Result<(), Error> {
        let portfolio = self.entries.to_change(cx, order.portfolio_id).await?;
        let mut desk = Desk::new(&self.store, &self.market, portfolio);
        let symbol = order.symbol.clone();
        let deal = Deal {
            account: order.account_id,
            symbol: &symbol,
            date: self.market.today(),
            quantity: fill.quantity,
            price: fill.price,
            fees,
            cause: Some(format!("order/{}", order.id)),
        };
        match order.side {
            OrderWay::Buy => desk.buy(&deal).await?,
            OrderWay::Sell => desk.sell(&deal, None).await?,
        }
        desk.finish(cx, batch).await?;
        order.data.filled += fill.quantity;
        order.data.enter(match order.filled == order.quantity {
            true => OrderState::Filled,
            false => OrderState::PartiallyFilled,
        });
        let mut note = self.note(order.state, Vec::new());
        (note.quantity, note.price) = (Some(fill.quantity), Some(fill.price));
        order.data.steps.push(note);
        Ok(())
    }

    /// Ends an order: cancelled by whom it belongs to, rejected by the broker, or expired after its last day.
    pub(crate) async fn end(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        state: OrderState,
        request: OrderEndRequest,
    ) -> Result<OrderResponse, Error> {
        let named = (id, state, request.clone());
        self.store
            .once(cx, "wealth.end_order", key, &named, |mut batch| {
                let request = request.clone();
                async move {
                    let order = self.to_change(cx, id).await?;
                    if state == OrderState::Rejected {
                        Access::market(cx)?;
                    }
                    legal(&order, state)?;
                    if state == OrderState::Expired && self.in_time(&order).is_ok() {
                        let reason = "the order's last day is not over";
                        return Err(Error::standing("illegal_transition", reason));
                    }
                    let reasons = request
                        .reason
                        .into_iter()
                        .map(|reason| reason.into_string())
                        .collect();
                    let stored = step(cx, &mut batch, &order, self.note(state, reasons))?;
                    Ok((batch, OrderResponse::from(stored)))
                }
            })
            .await
    }

    pub(super) fn in_time(&self, order: &OrderRecord) -> Result<(), Error> {
        match order.expires_on.is_some_and(|last| last < self.market.today()) {
            true => Err(Error::standing(
                "order_expired",
                "the order's last day is over: write a new one",
            )),
            false => Ok(()),
        }
    }

    async fn to_change(&self, cx: &CallContext, id: Uuid) -> Result<Stored<OrderRecord>, Error> {
        let order = self.visible(cx, id).await?;
        Access::writing(cx, order.user_id)?;
        Ok(order)
    }
}
