use super::{
    instalment::{self, InstalmentRecord, InstalmentState, instalment_id, order_id},
    models::{Due, MissedPolicy, ScheduleRecord, ScheduleState, ScheduleType},
    service::{announce, set_timer},
};
use crate::{
    error::Error,
    market::{AssetClass, Market, Prices},
    orders::{OrderState, OrderWay, Orders, ScheduledOrder},
    timers::{Timer, TimerKind},
};
use chrono::NaiveDate;
use kernel::{CallContext, Deadline, ErrorKind, Fault, TenantId};
use rust_decimal::{Decimal, RoundingStrategy};
use std::time::Duration;
use store::{Batch, Store, Stored};
use uuid::Uuid;

/// How many days after its day an instalment is made at the latest.
const LATEST: i64 = 31;

/// How many decimals the units of a mutual fund have; everything else is traded in whole units.
const FUND_UNITS: u32 = 3;

/// Why an instalment cannot be done, nor any later one.
const PORTFOLIO_GONE: &str = "portfolio_gone";

/// How long one instalment may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the instalments that are due.
#[derive(Clone)]
pub(crate) struct Runner {
    store: Store,
    market: Market,
    orders: Orders,
}

/// What came of an attempt.
struct Attempt {
    state: InstalmentState,
    reasons: Vec<String>,
    order_id: Option<Uuid>,
    units: Option<Units>,
}

impl Attempt {
    fn without_order(state: InstalmentState, reason: &str) -> Self {
        Self {
            state,
            reasons: vec![reason.to_owned()],
            order_id: None,
            units: None,
        }
    }
}

/// How many are ordered, and how that was reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Units {
    quantity: Decimal,
    price: Decimal,
    leftover: Option<Decimal>,
}

impl Runner {
    pub(crate) fn new(store: Store, market: Market, orders: Orders) -> Self {
        Self {
            store,
            market,
            orders,
        }
    }

    fn context(&self, tenant: TenantId) -> CallContext {
        CallContext::system(self.store.group(), tenant, self.store.sources().ids())
            .with_deadline(Deadline::within(PATIENCE))
    }

    /// Makes all instalments of a schedule that are due, each in a commit of its own. Whoever loses against another process has to
    /// look again.
    pub(crate) async fn run_schedule(&self, timer: &Stored<Timer>) -> Result<(), Error> {
        while self.next(&self.context(timer.tenant_id), timer.id).await? {}
        Ok(())
    }

    /// Makes the next instalment of a schedule; answers whether there was one to be made.
    async fn next(&self, cx: &CallContext, id: Uuid) -> Result<bool, Error> {
        let mut batch = self.store.batch(cx);
        let today = self.market.today();
        let schedule = self.store.get_anywhere::<ScheduleRecord>(id).await?;
        let due = schedule.as_ref().and_then(|schedule| {
            let due = schedule.next()?;
            (schedule.state == ScheduleState::Active && due.on <= today).then_some(due)
        });
        let made = match (&schedule, due) {
            (Some(schedule), Some(due)) => {
                self.make(cx, &mut batch, schedule, due, today).await?;
                true
            }
            (Some(schedule), None) => {
                set_timer(&self.store, &self.market, &mut batch, schedule).await?;
                if !batch.is_empty() {
                    // Who resumes it meanwhile has set the timer anew.
                    batch.require(schedule);
                }
                false
            }
            (None, _) => {
                Timer::set(&self.store, &mut batch, id, TimerKind::Schedule, None).await?;
                false
            }
        };
        self.store.commit(batch).await?;
        Ok(made)
    }

    /// Puts an instalment, its order and the schedule's progress into a batch.
    async fn make(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        schedule: &Stored<ScheduleRecord>,
        due: Due,
        today: NaiveDate,
    ) -> Result<(), Error> {
        let id = instalment_id(schedule.id, schedule.place);
        let days = (today - due.on).num_days();
        let attempt = match (days > 0, schedule.missed) {
            (true, MissedPolicy::Skip) => Attempt::without_order(InstalmentState::Skipped, "missed"),
            (true, MissedPolicy::CatchUp) if days > LATEST => {
                Attempt::without_order(InstalmentState::Skipped, "too_late")
            }
            _ => self.attempt(cx, batch, schedule, id).await?,
        };
        let record = InstalmentRecord {
            user_id: schedule.user_id,
            portfolio_id: schedule.portfolio_id,
            schedule_id: schedule.id,
            number: schedule.made + 1,
            date: due.date,
            due_on: due.on,
            done_on: today,
            late: days > 0,
            state: attempt.state,
            reasons: Vec::new(),
            attempts: 0,
            retry_on: None,
            order_id: None,
            quantity: None,
            price: None,
            leftover: None,
        };
        let gone = attempt.reasons == [PORTFOLIO_GONE];
        let record = self.outcome(schedule, record, attempt, today);
        let retry = record.retry_on.map(|day| self.market.begins(day));
        let stored = batch.insert(id, record);
        instalment::announce(cx, batch, schedule, &stored);
        Timer::set(&self.store, batch, id, TimerKind::Instalment, retry).await?;
        let mut next = schedule.changed(|data| {
            data.place += 1;
            data.made += 1;
        });
        if gone {
            next.data.state = ScheduleState::Cancelled;
        } else if next.next().is_none() {
            next.data.state = ScheduleState::Completed;
        }
        let stored = batch.replace(&next);
        match stored.state {
            ScheduleState::Cancelled => announce(cx, batch, "schedule.cancelled", &stored),
            ScheduleState::Completed => announce(cx, batch, "schedule.completed", &stored),
            ScheduleState::Active | ScheduleState::Paused => {}
        }
        set_timer(&self.store, &self.market, batch, &stored).await
    }

    /// Tries an instalment again that could not be done.
    pub(crate) async fn retry(&self, timer: &Stored<Timer>) -> Result<(), Error> {
        let cx = &self.context(timer.tenant_id);
        let mut batch = self.store.batch(cx);
        let today = self.market.today();
        let instalment = self.store.get_anywhere::<InstalmentRecord>(timer.id).await?;
        let waiting = instalment.filter(|one| one.state == InstalmentState::Retrying);
        let schedule = match &waiting {
            Some(one) => self.store.get_anywhere::<ScheduleRecord>(one.schedule_id).await?,
            None => None,
        };
        let mut again = None;
        if let (Some(instalment), Some(schedule)) = (waiting, schedule) {
            again = instalment.retry_on;
            if again.is_none_or(|day| day <= today) {
                let attempt = match schedule.state {
                    ScheduleState::Active | ScheduleState::Completed => {
                        self.attempt(cx, &mut batch, &schedule, instalment.id).await?
                    }
                    state => {
                        let reason = format!("schedule_{}", state.as_str());
                        Attempt::without_order(InstalmentState::Failed, &reason)
                    }
                };
                let next = self.outcome(&schedule, instalment.data.clone(), attempt, today);
                again = next.retry_on;
                let stored = batch.replace(&instalment.with(next));
                instalment::announce(cx, &mut batch, &schedule, &stored);
            }
        }
        let again = again.map(|day| self.market.begins(day));
        Timer::set(&self.store, &mut batch, timer.id, TimerKind::Instalment, again).await?;
        self.store.commit(batch).await?;
        Ok(())
    }

    /// How an instalment reads after an attempt: what could not be done waits for the next business day while there are tries.
    fn outcome(
        &self,
        schedule: &ScheduleRecord,
        mut record: InstalmentRecord,
        attempt: Attempt,
        today: NaiveDate,
    ) -> InstalmentRecord {
        record.state = attempt.state;
        record.reasons = attempt.reasons;
        record.done_on = today;
        record.order_id = attempt.order_id;
        record.quantity = attempt.units.map(|units| units.quantity);
        record.price = attempt.units.map(|units| units.price);
        record.leftover = attempt.units.and_then(|units| units.leftover);
        record.retry_on = None;
        if record.state != InstalmentState::Skipped {
            record.attempts += 1;
        }
        if record.state == InstalmentState::Retrying {
            let gone = record.reasons == [PORTFOLIO_GONE];
            match !gone && record.attempts <= schedule.retries {
                true => record.retry_on = Some(schedule.business_day_after(today)),
                false => record.state = InstalmentState::Failed,
            }
        }
        record
    }

    /// Orders what an instalment is for, by the newest quote. What cannot be done leaves nothing in the batch; what may be done a
    /// little later, because somebody who is needed is away, is an error.
    async fn attempt(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        schedule: &Stored<ScheduleRecord>,
        instalment: Uuid,
    ) -> Result<Attempt, Error> {
        let refused = |reason: &str| Ok(Attempt::without_order(InstalmentState::Retrying, reason));
        let symbol = schedule.symbol.as_str();
        let prices = Prices::today(&self.market, schedule.tenant_id, [symbol], &[]).await?;
        let Some(instrument) = prices.instruments.get(symbol) else {
            return refused("unknown_symbol");
        };
        let quote = match prices.price(symbol) {
            None => return refused("no_quote"),
            Some(quote) if quote.stale => return refused("stale_quote"),
            Some(quote) => quote,
        };
        let Some(units) = units(schedule, instrument.class, quote.price) else {
            return refused("amount_too_small");
        };
        let wanted = ScheduledOrder {
            id: order_id(instalment),
            schedule_id: schedule.id,
            portfolio_id: schedule.portfolio_id,
            account_id: schedule.account_id,
            symbol: schedule.symbol.clone(),
            side: match schedule.kind {
                ScheduleType::Sip => OrderWay::Buy,
                ScheduleType::Swp => OrderWay::Sell,
            },
            quantity: units.quantity,
            quote,
        };
        let mut tried = self.store.batch(cx);
        let order = match self.orders.order_for(cx, &mut tried, wanted).await {
            Ok(order) => order,
            Err(error) => match refusal(&error) {
                Some(reason) => return refused(&reason),
                None => return Err(error),
            },
        };
        batch.absorb(tried);
        let held = order.state == OrderState::Draft;
        let mut reasons = Vec::new();
        if held {
            reasons.push("compliance_hold".to_owned());
            reasons.extend(
                order
                    .steps
                    .last()
                    .map(|step| step.reasons.clone())
                    .unwrap_or_default(),
            );
        }
        Ok(Attempt {
            state: match held {
                true => InstalmentState::Held,
                false => InstalmentState::Ordered,
            },
            reasons,
            order_id: Some(order.id),
            units: Some(units),
        })
    }
}

/// How many units an instalment is, and what is left of its amount. None when the amount buys none.
fn units(schedule: &ScheduleRecord, class: AssetClass, price: Decimal) -> Option<Units> {
    let Some(amount) = schedule.amount else {
        return schedule.quantity.map(|quantity| Units {
            quantity,
            price,
            leftover: None,
        });
    };
    let decimals = match class {
        AssetClass::MutualFund => FUND_UNITS,
        _ => 0,
    };
    let quantity = amount
        .checked_div(price)?
        .round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
        .normalize();
    let leftover = amount - quantity.checked_mul(price)?;
    (quantity > Decimal::ZERO).then_some(Units {
        quantity,
        price,
        leftover: Some(leftover.normalize()),
    })
}

/// The code of what stands in the way of an instalment; none when somebody who is needed is away.
fn refusal(error: &Error) -> Option<String> {
    let kind = error.kind();
    match error {
        Error::Store(_) => None,
        Error::Missing { what: "portfolio" } => Some(PORTFOLIO_GONE.to_owned()),
        _ if matches!(
            kind,
            ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound | ErrorKind::Forbidden
        ) =>
        {
            Some(error.code().into_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FUND_UNITS, Units, units};
    use crate::{
        market::AssetClass,
        schedules::{ScheduleRecord, models::ScheduleState},
    };
    use rust_decimal::Decimal;
    use serde_json::json;

    fn schedule(amount: &str) -> ScheduleRecord {
        let id = "0190a5c0-0000-7000-8000-000000000000";
        let record: ScheduleRecord = serde_json::from_value(json!({
            "user_id": id, "client_id": null, "advisor_id": null, "portfolio_id": id, "account_id": id,
            "symbol": "AAA", "type": "SIP", "amount": amount, "quantity": null, "frequency": "monthly",
            "day_of_month": null, "start_date": "2026-01-15", "end_date": null, "instalments": null,
            "calendar": "NSE", "convention": "following", "missed": "catch_up", "retries": 3,
            "state": "active", "place": 0, "made": 0,
        }))
        .unwrap();
        assert_eq!(record.state, ScheduleState::Active);
        record
    }

    #[test]
    fn an_amount_buys_whole_shares_and_parts_of_funds_and_the_rest_is_said() {
        let price: Decimal = "37.5".parse().unwrap();
        let shares = units(&schedule("1000"), AssetClass::Equity, price).unwrap();
        assert_eq!((shares.quantity, shares.leftover), (26.into(), Some(25.into())));
        let fund = units(&schedule("1000"), AssetClass::MutualFund, price).unwrap();
        assert_eq!(
            fund,
            Units {
                quantity: Decimal::new(26_666, FUND_UNITS),
                price,
                leftover: Some("0.025".parse().unwrap()),
            }
        );
        assert_eq!(units(&schedule("37.49"), AssetClass::Etf, price), None);
    }
}
