use super::{
    GoalRecord,
    outlook::months_until,
    service::{look, tell, worth_of},
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use events::{
    Failure,
    jobs::{JobDone, JobHandler, JobRun},
};
use kernel::{CallContext, MAX_PAGE, PageRequest};
use rust_decimal::Decimal;
use store::{Query, Sort, Store, StoreError, Stored};

/// Looks at every goal again as time passes: once another month has begun, or its portfolios are worth a hundredth more or
/// less. Whichever process is faster, a goal is looked at and told of once.
pub(crate) struct GoalsJob {
    store: Store,
    timezone: Tz,
}

impl GoalsJob {
    /// The kind of the job: to be asked for once an hour or so.
    pub(crate) const KIND: &'static str = "advisory.goals";

    pub(crate) fn new(store: Store, timezone: Tz) -> Self {
        Self { store, timezone }
    }

    async fn look_again(&self, goal: &Stored<GoalRecord>, today: NaiveDate) -> Result<(), Failure> {
        let cx = CallContext::system(self.store.group(), goal.tenant_id, self.store.sources().ids());
        let worth = worth_of(&self.store, &cx, goal)
            .await
            .map_err(Failure::from_fault)?;
        let months = months_until(today, goal.target_date);
        if goal.months_left == Some(months) && !has_moved(goal.portfolio_value, worth) {
            return Ok(());
        }
        let mut next = goal.clone();
        next.data.portfolio_value = worth;
        if let Err(error) = look(&mut next.data, today) {
            // Its figures leave what can be calculated: it stays as it is, and the others are looked at.
            tracing::warn!(goal = %goal.id, error = &error as &dyn std::error::Error, "a goal cannot be looked at");
            return Ok(());
        }
        let mut batch = self.store.batch(&cx);
        let stored = batch.replace(&next);
        tell(&cx, &mut batch, "goal.looked_at", Some(goal), &stored);
        match self.store.commit(batch).await {
            // Somebody changed it meanwhile, and looked at it, too.
            Ok(_) | Err(StoreError::VersionConflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether it is a hundredth more or less.
fn has_moved(was: Decimal, is: Decimal) -> bool {
    let moved = (is - was).abs();
    !moved.is_zero() && moved.saturating_mul(Decimal::ONE_HUNDRED) >= was.abs()
}

#[rpc::async_trait]
impl JobHandler for GoalsJob {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn run(&self, job: &mut JobRun) -> Result<JobDone, Failure> {
        let now = self.store.sources().now();
        let today = now.with_timezone(&self.timezone).date_naive();
        let mut cursor = None;
        loop {
            let page = PageRequest {
                limit: MAX_PAGE,
                cursor,
                count: false,
            };
            let all = Query::sorted(Sort::ascending("id")).page(page);
            let page = self.store.find_everywhere::<GoalRecord>(all).await?;
            for goal in &page.items {
                if job.is_stopping() {
                    return Ok(JobDone::empty());
                }
                self.look_again(goal, today).await?;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(JobDone::empty());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_is_a_move() {
        for (was, is, moved) in [
            (0, 0, false),
            (0, 1, true),
            (100, 100, false),
            (1000, 1009, false),
            (1000, 990, true),
        ] {
            assert_eq!(
                has_moved(Decimal::from(was), Decimal::from(is)),
                moved,
                "{was} {is}"
            );
        }
    }
}
