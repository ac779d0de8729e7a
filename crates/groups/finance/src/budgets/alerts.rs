//! Says that a budget was exceeded, once for each budget, category and month.

use super::{
    actual::lines,
    history::History,
    models::{BudgetAlert, BudgetRecord},
    store::BudgetsStore,
};
use crate::{balances::month_of, error::Error};
use chrono::NaiveDate;
use chrono_tz::Tz;
use events::{Failure, Projection};
use finance_contract::{
    BUDGET_CREATED, BUDGET_EXCEEDED, BUDGET_UPDATED, BudgetChanged, BudgetExceeded, TRANSACTION_CREATED,
    TransactionCreated, TransactionKind,
};
use kernel::{CallContext, CallError, EventEnvelope, Money, NewEvent};
use serde::de::DeserializeOwned;
use std::{collections::HashSet, time::Duration};
use store::{Batch, Stored};

/// How many events one commit takes at most.
const LONGEST_RUN: usize = 100;

/// How long events gather: nobody minds hearing of an exceeded budget a twentieth of a second later.
const GATHERS_FOR: Duration = Duration::from_millis(50);

/// Hears the group's own feed: expenses, and budgets that were made or changed.
pub(crate) struct BudgetAlerts {
    budgets: BudgetsStore,
    history: History,
    timezone: Tz,
}

impl BudgetAlerts {
    pub(crate) fn new(budgets: BudgetsStore, history: History, timezone: Tz) -> Self {
        Self {
            budgets,
            history,
            timezone,
        }
    }

    /// Says what is exceeded in a month: of one category, or of all.
    async fn look(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        budget: &Stored<BudgetRecord>,
        (month, category): (NaiveDate, Option<&str>),
    ) -> Result<(), Error> {
        let any = budget.lines.iter().any(|line| concerns(category, &line.category));
        if month < budget.starts_on || !any {
            return Ok(());
        }
        let (lines, _) = lines(&self.history, budget, month).await?;
        for line in lines {
            if !concerns(category, &line.line.category) || !line.is_exceeded() {
                continue;
            }
            let alert = BudgetAlert {
                budget_id: budget.id,
                category: line.line.category.clone(),
                month,
            };
            if self.budgets.is_said(budget.tenant_id, &alert).await? {
                continue;
            }
            let money = |amount| {
                Money::new(amount, budget.currency).map_err(|error| CallError::internal(error.to_string()))
            };
            let facts = BudgetExceeded {
                budget_id: budget.id,
                user_id: budget.user_id,
                category: alert.category.clone(),
                month,
                available: money(line.available())?,
                actual: money(line.spent)?,
            };
            let data = serde_json::to_value(facts).map_err(CallError::internal)?;
            let subject = format!("budget/{}", budget.id);
            batch.event(NewEvent::new(cx, BUDGET_EXCEEDED, subject, data));
            batch.insert(alert.id(), alert);
        }
        Ok(())
    }

    async fn of_transaction(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        posted: &TransactionCreated,
    ) -> Result<(), Error> {
        let month = month_of(posted.date);
        for budget in self.budgets.of_user(cx.tenant(), posted.user_id).await? {
            if budget.currency == posted.amount.currency() {
                self.look(cx, batch, &budget, (month, Some(&posted.category)))
                    .await?;
            }
        }
        Ok(())
    }

    async fn of_budget(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        changed: &BudgetChanged,
        today: NaiveDate,
    ) -> Result<(), Error> {
        match self.budgets.of_tenant(cx.tenant(), changed.budget_id).await? {
            Some(budget) => self.look(cx, batch, &budget, (month_of(today), None)).await,
            None => Ok(()),
        }
    }
}

/// Whether a category is the one that is looked at, or all are.
fn concerns(wanted: Option<&str>, category: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == category)
}

fn read<T: DeserializeOwned>(event: &EventEnvelope) -> Result<T, Failure> {
    event
        .data_as()
        .map_err(|cause| Failure::from_fault(CallError::internal(cause)))
}

#[rpc::async_trait]
impl Projection for BudgetAlerts {
    fn name(&self) -> &'static str {
        "finance.budget_alerts"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, TRANSACTION_CREATED | BUDGET_CREATED | BUDGET_UPDATED)
    }

    fn longest_run(&self) -> usize {
        LONGEST_RUN
    }

    fn gathers_for(&self) -> Duration {
        GATHERS_FOR
    }

    async fn apply(&self, cx: &CallContext, event: &EventEnvelope) -> Result<Batch, Failure> {
        self.apply_run(cx, &[event]).await
    }

    async fn apply_run(&self, cx: &CallContext, run: &[&EventEnvelope]) -> Result<Batch, Failure> {
        let mut batch = self.budgets.documents().batch(cx);
        let mut looked_at = HashSet::new();
        for event in run {
            let looked = if event.event_type == TRANSACTION_CREATED {
                let posted: TransactionCreated = read(event)?;
                let place = (
                    posted.user_id,
                    posted.amount.currency(),
                    month_of(posted.date),
                    posted.category.clone(),
                );
                // What is spent is read from the balances, which hold all of the run: looking once is enough.
                if posted.kind != TransactionKind::Expense || !looked_at.insert(place) {
                    continue;
                }
                self.of_transaction(cx, &mut batch, &posted).await
            } else {
                let today = event.time.with_timezone(&self.timezone).date_naive();
                self.of_budget(cx, &mut batch, &read(event)?, today).await
            };
            looked.map_err(Failure::from_fault)?;
        }
        Ok(batch)
    }
}
