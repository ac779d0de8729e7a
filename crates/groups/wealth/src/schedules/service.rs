use super::{
    calendar::Calendar,
    instalment::InstalmentRecord,
    models::{ScheduleRecord, ScheduleState},
    requests::{
        MOST_INSTALMENTS, MOST_RETRIES, RETRIES, ScheduleCreateRequest, ScheduleFilter,
        ScheduleInstalmentResponse, ScheduleResponse, ScheduleUpdateRequest, calendar_of,
    },
};
use crate::{
    access::Access,
    due::DueJob,
    entries::{EntriesService, account_of, quantity_check},
    error::Error,
    market::Market,
    portfolios::PortfoliosStore,
    timers::{Timer, TimerKind},
    versions,
};
use events::jobs::NewJob;
use kernel::{
    Amount, AuditRecord, CallContext, Currency, IdempotencyKey, Money, NewEvent, Page, PageRequest, Scope,
};
use rust_decimal::Decimal;
use serde_json::json;
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The rules of schedules.
#[derive(Clone)]
pub(crate) struct Schedules {
    store: Store,
    access: Access,
    entries: EntriesService,
    portfolios: PortfoliosStore,
    market: Market,
}

/// How much each time: money or units, one of them.
type Measure = (Option<Decimal>, Option<Decimal>);

impl Schedules {
    pub(crate) fn new(
        store: Store,
        access: Access,
        entries: EntriesService,
        portfolios: PortfoliosStore,
        market: Market,
    ) -> Self {
        Self {
            store,
            access,
            entries,
            portfolios,
            market,
        }
    }

    /// Makes a schedule, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: ScheduleCreateRequest,
    ) -> Result<ScheduleResponse, Error> {
        self.store
            .once(cx, "wealth.create_schedule", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let record = self.record(cx, &mut batch, request).await?;
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    announce(cx, &mut batch, "schedule.created", &stored);
                    self.set_timer(&mut batch, &stored).await?;
                    self.begin(cx, &mut batch, &stored)?;
                    Ok((batch, ScheduleResponse::from(stored)))
                }
            })
            .await
    }

    async fn record(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        request: ScheduleCreateRequest,
    ) -> Result<ScheduleRecord, Error> {
        let portfolio = self.entries.to_change(cx, request.portfolio_id).await?;
        let account = account_of(&portfolio, request.account_id)?;
        let (amount, quantity) = measure(request.amount, request.quantity, account.currency)?;
        let (instalments, retries) = (instalments(request.instalments)?, retries(request.retries)?);
        let today = self.market.today();
        let start_date = request.start_date.map_or(today, |start| start.date());
        if start_date < today {
            return Err(Error::invalid("start_date", "must not be over"));
        }
        if let Some(day) = request.day_of_month {
            if !request.frequency.is_by_month() {
                return Err(Error::invalid(
                    "day_of_month",
                    "belongs to months and quarters only",
                ));
            }
            if !(1..=31).contains(&day) {
                return Err(Error::invalid("day_of_month", "must be 1 to 31"));
            }
        }
        let calendar = match &request.calendar {
            Some(code) => calendar_of(code.as_str())
                .map_err(|message| Error::invalid("calendar", message))?
                .code
                .clone(),
            None => Calendar::code_for(account.currency).to_owned(),
        };
        self.entries
            .tradable(cx, request.symbol.as_str(), account.currency)
            .await?;
        let record = ScheduleRecord {
            user_id: portfolio.user_id,
            client_id: portfolio.client_id,
            advisor_id: portfolio.advisor_id,
            portfolio_id: portfolio.id,
            account_id: account.id,
            symbol: request.symbol.to_string(),
            kind: request.kind,
            amount,
            quantity,
            frequency: request.frequency,
            day_of_month: request.day_of_month,
            start_date,
            end_date: request.end_date.map(|end| end.date()),
            instalments,
            calendar,
            convention: request.convention.unwrap_or_default(),
            missed: request.missed.unwrap_or_default(),
            retries,
            state: ScheduleState::Active,
            place: 0,
            made: 0,
        };
        if record.next().is_none() {
            return Err(Error::invalid(
                "end_date",
                "must not be before the first instalment",
            ));
        }
        // The stamps are those of this version: when they change, so do those of the schedule.
        batch.require(&portfolio);
        Ok(record)
    }

    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<ScheduleResponse, Error> {
        Ok(self.visible(cx, id).await?.into())
    }

    async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<ScheduleRecord>, Error> {
        let found = self.access.visible::<ScheduleRecord>(cx, id).await?;
        found.ok_or(Error::Missing { what: "schedule" })
    }

    async fn to_change(&self, cx: &CallContext, id: Uuid) -> Result<Stored<ScheduleRecord>, Error> {
        let schedule = self.visible(cx, id).await?;
        Access::writing(cx, schedule.user_id)?;
        Ok(schedule)
    }

    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &ScheduleFilter,
        page: PageRequest,
    ) -> Result<Page<ScheduleResponse>, Error> {
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
        let found = self.store.find::<ScheduleRecord>(&cx.scope()?, query).await?;
        Ok(found.map(ScheduleResponse::from))
    }

    /// The instalments of a schedule, newest first.
    pub(crate) async fn instalments(
        &self,
        cx: &CallContext,
        id: Uuid,
        page: PageRequest,
    ) -> Result<Page<ScheduleInstalmentResponse>, Error> {
        let schedule = self.visible(cx, id).await?;
        let scope = Scope::Tenant {
            tenant: schedule.tenant_id,
        };
        let query = Query::sorted(Sort::descending("number")).equals("schedule_id", schedule.id);
        let found = self
            .store
            .find::<InstalmentRecord>(&scope, query.page(page))
            .await?;
        Ok(found.map(ScheduleInstalmentResponse::from))
    }

    /// Replaces a schedule's terms.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: ScheduleUpdateRequest,
    ) -> Result<ScheduleResponse, Error> {
        let current = self.to_change(cx, id).await?;
        let portfolio = self.portfolios.visible(cx, current.portfolio_id).await?;
        let account = account_of(&portfolio, Some(current.account_id))?;
        let (amount, quantity) = measure(request.amount, request.quantity, account.currency)?;
        let (instalments, retries) = (instalments(request.instalments)?, retries(request.retries)?);
        versions::check(current.version, expected, request.version)?;
        if matches!(current.state, ScheduleState::Cancelled | ScheduleState::Completed) {
            return Err(ended(&current));
        }
        let mut batch = self.store.batch(cx);
        let mut next = current.changed(|schedule| {
            (schedule.amount, schedule.quantity) = (amount, quantity);
            schedule.end_date = request.end_date.map(|end| end.date());
            schedule.instalments = instalments;
            schedule.missed = request.missed.unwrap_or_default();
            schedule.retries = retries;
        });
        if next.next().is_none() {
            next.data.state = ScheduleState::Completed;
        }
        let stored = batch.replace(&next);
        announce(cx, &mut batch, "schedule.updated", &stored);
        self.set_timer(&mut batch, &stored).await?;
        versions::commit(&self.store, batch, expected).await?;
        Ok(stored.into())
    }

    /// Pauses, resumes or cancels a schedule; an illegal step is 409.
    pub(crate) async fn step(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        id: Uuid,
        state: ScheduleState,
    ) -> Result<ScheduleResponse, Error> {
        let named = (id, state);
        self.store
            .once(cx, "wealth.step_schedule", key, &named, |mut batch| async move {
                let current = self.to_change(cx, id).await?;
                if !current.state.may_become(state) {
                    return Err(ended(&current));
                }
                let today = self.market.today();
                let mut next = current.changed(|schedule| schedule.state = state);
                if state == ScheduleState::Active {
                    next.data.pass_until(today);
                    if next.next().is_none() {
                        next.data.state = ScheduleState::Completed;
                    }
                }
                let stored = batch.replace(&next);
                let event = match stored.state {
                    ScheduleState::Active => "schedule.resumed",
                    ScheduleState::Paused => "schedule.paused",
                    ScheduleState::Cancelled => "schedule.cancelled",
                    ScheduleState::Completed => "schedule.completed",
                };
                announce(cx, &mut batch, event, &stored);
                self.set_timer(&mut batch, &stored).await?;
                self.begin(cx, &mut batch, &stored)?;
                Ok((batch, ScheduleResponse::from(stored)))
            })
            .await
    }

    /// Has what is due today done now, and not when the job's time comes.
    fn begin(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        schedule: &Stored<ScheduleRecord>,
    ) -> Result<(), Error> {
        let active = schedule.state == ScheduleState::Active;
        let today = self.market.today();
        if active && schedule.next().is_some_and(|next| next.on <= today) {
            NewJob::new(DueJob::KIND, &())?.enqueue(&self.store, cx, batch);
        }
        Ok(())
    }

    async fn set_timer(&self, batch: &mut Batch, schedule: &Stored<ScheduleRecord>) -> Result<(), Error> {
        set_timer(&self.store, &self.market, batch, schedule).await
    }
}

/// Has the job called when the next instalment is due.
pub(super) async fn set_timer(
    store: &Store,
    market: &Market,
    batch: &mut Batch,
    schedule: &Stored<ScheduleRecord>,
) -> Result<(), Error> {
    let next = schedule
        .next()
        .filter(|_| schedule.state == ScheduleState::Active);
    let due = next.map(|next| market.begins(next.on));
    Timer::set(store, batch, schedule.id, TimerKind::Schedule, due).await
}

/// Adds the event and the audit record of a change to its batch.
pub(super) fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<ScheduleRecord>) {
    let subject = format!("schedule/{}", stored.id);
    let data = json!({
        "schedule_id": stored.id, "type": stored.kind, "user_id": stored.user_id, "client_id": stored.client_id,
        "portfolio_id": stored.portfolio_id, "account_id": stored.account_id, "symbol": stored.symbol,
        "amount": stored.amount, "quantity": stored.quantity, "state": stored.state, "made": stored.made,
    });
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject);
    batch.event(audit.into_event(cx).at_version(stored.version));
}

fn ended(schedule: &ScheduleRecord) -> Error {
    let reason = format!(
        "the schedule is {}: that step is not open to it",
        schedule.state.as_str()
    );
    Error::standing("illegal_transition", reason)
}

fn measure(amount: Option<Amount>, quantity: Option<Amount>, currency: Currency) -> Result<Measure, Error> {
    match (amount, quantity) {
        (Some(_), Some(_)) => Err(Error::invalid("quantity", "cannot stand beside 'amount'")),
        (None, None) => Err(Error::invalid("amount", "is required, or a quantity")),
        (Some(amount), None) => {
            if amount.0 <= Decimal::ZERO {
                return Err(Error::invalid("amount", "must be more than 0"));
            }
            let money = Money::new(amount.0, currency)
                .map_err(|error| Error::invalid("amount", error.to_string()))?;
            Ok((Some(money.amount()), None))
        }
        (None, Some(quantity)) => {
            quantity_check(quantity.0).map_err(|message| Error::invalid("quantity", message))?;
            Ok((None, Some(quantity.0.normalize())))
        }
    }
}

fn instalments(wanted: Option<u32>) -> Result<Option<u32>, Error> {
    match wanted {
        Some(count) if !(1..=MOST_INSTALMENTS).contains(&count) => Err(Error::invalid(
            "instalments",
            format!("must be 1 to {MOST_INSTALMENTS}"),
        )),
        other => Ok(other),
    }
}

fn retries(wanted: Option<u32>) -> Result<u32, Error> {
    match wanted.unwrap_or(RETRIES) {
        count if count > MOST_RETRIES => {
            Err(Error::invalid("retries", format!("must be 0 to {MOST_RETRIES}")))
        }
        count => Ok(count),
    }
}
