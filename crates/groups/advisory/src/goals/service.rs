use super::{
    models::GoalRecord,
    outlook::{USUAL_PATHS, outlook},
    requests::{GoalFilter, GoalRequest, GoalResponse, Projection, ProjectionParameters},
};
use crate::{
    access::{Owner, client_in, may_write, visible},
    clients::{ClientRecord, figure, portfolios_worth},
    error::Error,
    versions::{check_versions, commit},
};
use chrono::{Months, NaiveDate};
use chrono_tz::Tz;
use kernel::{Amount, AuditRecord, CallContext, IdempotencyKey, NewEvent, Page, PageRequest};
use rust_decimal::Decimal;
use serde_json::json;
use store::{Batch, Query, Sort, Store, Stored};
use uuid::Uuid;

/// The farthest goal.
const LONGEST: Months = Months::new(600);
/// The largest seed.
const LARGEST_SEED: u64 = 2_147_483_647;

/// The rules of goals.
pub(crate) struct GoalsService {
    store: Store,
    timezone: Tz,
}

impl GoalsService {
    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    /// One page of goals, the nearest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &GoalFilter,
        page: PageRequest,
    ) -> Result<Page<GoalResponse>, Error> {
        let mut query = Query::sorted(Sort::ascending("target_date")).page(page);
        if let Some(client) = filter.client_id {
            query = query.equals("client_id", client.0);
        }
        if let Some(on_track) = filter.on_track {
            if filter.client_id.is_some() {
                return Err(Error::invalid(
                    "on_track",
                    "cannot be asked for together with client_id",
                ));
            }
            query = query.equals("on_track", on_track);
        }
        let found = self.store.find::<GoalRecord>(&cx.scope()?, query).await?;
        Ok(found.map(GoalResponse::from))
    }

    /// One goal.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<GoalResponse, Error> {
        Ok(self.fresh(cx, id).await?.into())
    }

    /// A goal with what its portfolios are worth now.
    async fn fresh(&self, cx: &CallContext, id: Uuid) -> Result<Stored<GoalRecord>, Error> {
        let goal = self.goal(cx, id).await?;
        let worth = worth_of(&self.store, cx, &goal).await?;
        Ok(goal.changed(|goal| goal.portfolio_value = worth))
    }

    /// What becomes of a goal.
    pub(crate) async fn project(
        &self,
        cx: &CallContext,
        id: Uuid,
        parameters: &ProjectionParameters,
    ) -> Result<Projection, Error> {
        let goal = self.fresh(cx, id).await?;
        let seed = parameters.seed.unwrap_or(1);
        if seed > LARGEST_SEED {
            return Err(Error::invalid("seed", format!("must be {LARGEST_SEED} or less")));
        }
        let paths = parameters.paths.unwrap_or(USUAL_PATHS);
        if !(100..=5000).contains(&paths) {
            return Err(Error::invalid("paths", "must be a whole number from 100 to 5000"));
        }
        outlook(&goal, self.today(), paths, seed)
    }

    /// Makes a goal, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: GoalRequest,
    ) -> Result<GoalResponse, Error> {
        may_write(cx, "goals.write")?;
        if request.version.is_some() {
            return Err(Error::invalid(
                "version",
                "is for changes: leave it out of a new goal",
            ));
        }
        self.store
            .once(cx, "advisory.create_goal", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    let client = client_in(&self.store, cx, request.client_id).await?;
                    let record = self.record(cx, &client, request).await?;
                    batch.require(&client);
                    let stored = batch.insert(self.store.sources().ids().next::<Uuid>(), record);
                    tell(cx, &mut batch, "goal.created", None, &stored);
                    Ok::<_, Error>((batch, GoalResponse::from(stored)))
                }
            })
            .await
    }

    /// Replaces a goal's data.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: GoalRequest,
    ) -> Result<GoalResponse, Error> {
        let current = self.goal(cx, id).await?;
        may_write(cx, "goals.write")?;
        check_versions(current.version, expected, request.version)?;
        if request.client_id != current.client_id {
            return Err(Error::invalid("client_id", "a goal stays its client's"));
        }
        let client = client_in(&self.store, cx, request.client_id).await?;
        let record = self.record(cx, &client, request).await?;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.with(record));
        tell(cx, &mut batch, "goal.updated", Some(&current), &stored);
        commit(&self.store, batch, expected).await?;
        Ok(stored.into())
    }

    /// Takes a goal away.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let current = self.goal(cx, id).await?;
        may_write(cx, "goals.write")?;
        check_versions(current.version, expected, None)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.delete(&current);
        tell(cx, &mut batch, "goal.deleted", Some(&current), &stored);
        commit(&self.store, batch, expected).await
    }

    async fn record(
        &self,
        cx: &CallContext,
        client: &Stored<ClientRecord>,
        request: GoalRequest,
    ) -> Result<GoalRecord, Error> {
        let owner = Owner::from(client);
        let currency = request.currency.unwrap_or(client.currency);
        let amount =
            |field, amount: Option<Amount>| figure(field, amount.unwrap_or(Amount(Decimal::ZERO)), currency);
        let mut record = GoalRecord {
            user_id: owner.user_id,
            client_id: owner.client_id,
            advisor_id: Some(owner.advisor_id),
            name: request.name.into_string(),
            target_amount: amount("target_amount", Some(request.target_amount))?,
            in_todays_money: request.in_todays_money.unwrap_or(false),
            currency,
            target_date: self.target_date(request.target_date.date())?,
            portfolio_ids: request.portfolio_ids.unwrap_or_default(),
            current_amount: amount("current_amount", request.current_amount)?,
            monthly_contribution: amount("monthly_contribution", request.monthly_contribution)?,
            expected_return: rate("expected_return", request.expected_return, (-50, 8, 100))?,
            volatility: rate("volatility", request.volatility, (0, 12, 100))?,
            inflation: rate("inflation", request.inflation, (-10, 5, 50))?,
            portfolio_value: Decimal::ZERO,
            probability: Decimal::ZERO,
            on_track: false,
            months_left: None,
        };
        if record.target_amount.is_zero() {
            return Err(Error::invalid("target_amount", "must be more than 0"));
        }
        if record.portfolio_ids.len() > 20 {
            return Err(Error::invalid("portfolio_ids", "may be 20 at most"));
        }
        record.portfolio_value = worth_of(&self.store, cx, &record).await?;
        look(&mut record, self.today())?;
        Ok(record)
    }

    fn target_date(&self, date: NaiveDate) -> Result<NaiveDate, Error> {
        let farthest = self.today().checked_add_months(LONGEST).unwrap_or(NaiveDate::MAX);
        match date <= farthest {
            true => Ok(date),
            false => Err(Error::invalid("target_date", "must be within 50 years")),
        }
    }

    fn today(&self) -> NaiveDate {
        self.store
            .sources()
            .now()
            .with_timezone(&self.timezone)
            .date_naive()
    }

    async fn goal(&self, cx: &CallContext, id: Uuid) -> Result<Stored<GoalRecord>, Error> {
        visible(&self.store, cx, id, "goal").await
    }
}

/// What a goal's portfolios are worth in its currency, as far as the wealth group told.
pub(super) async fn worth_of(store: &Store, cx: &CallContext, goal: &GoalRecord) -> Result<Decimal, Error> {
    match goal.portfolio_ids.is_empty() {
        true => Ok(Decimal::ZERO),
        false => portfolios_worth(store, cx, goal.user_id, &goal.portfolio_ids, goal.currency).await,
    }
}

/// Says anew how likely a goal is reached.
pub(super) fn look(goal: &mut GoalRecord, today: NaiveDate) -> Result<(), Error> {
    let found = outlook(goal, today, USUAL_PATHS, 1)?;
    (goal.probability, goal.on_track) = (found.success_probability.0, found.on_track);
    goal.months_left = Some(found.months);
    Ok(())
}

/// A rate within its bounds, in hundredths: least, what it is when it is left out, most.
fn rate(field: &str, sent: Option<Amount>, (least, usual, most): (i64, i64, i64)) -> Result<Decimal, Error> {
    let hundredths = |number| Decimal::new(number, 2);
    let rate = sent.map_or(hundredths(usual), |rate| rate.0).normalize();
    let within = rate >= hundredths(least) && rate <= hundredths(most) && rate.scale() <= 8;
    match within {
        true => Ok(rate),
        false => Err(Error::invalid(
            field,
            format!(
                "must be from {} to {}, with 8 decimals at most",
                hundredths(least),
                hundredths(most)
            ),
        )),
    }
}

/// Adds the events and the audit record of a change to its batch: also that the goal came on track, or left it.
pub(super) fn tell(
    cx: &CallContext,
    batch: &mut Batch,
    event: &str,
    before: Option<&GoalRecord>,
    stored: &Stored<GoalRecord>,
) {
    let subject = format!("goal/{}", stored.id);
    let data = json!({
        "goal_id": stored.id, "client_id": stored.client_id, "user_id": stored.user_id,
        "probability": stored.probability.to_string(), "on_track": stored.on_track,
    });
    let mut say = |event: &str| {
        batch.event(NewEvent::new(cx, event, subject.clone(), data.clone()).at_version(stored.version));
    };
    say(event);
    let was = before.is_none_or(|before| before.on_track);
    match (was, stored.on_track) {
        (true, false) => say("goal.off_track"),
        (false, true) => say("goal.on_track"),
        _ => {}
    }
    let target = |goal: &GoalRecord| goal.target_amount.to_string();
    let audit = AuditRecord::new(event, subject.clone()).changing(
        "target_amount",
        before.map(target),
        Some(target(stored)),
    );
    batch.event(audit.into_event(cx).at_version(stored.version));
}
