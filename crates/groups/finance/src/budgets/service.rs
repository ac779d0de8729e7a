use super::{
    actual::actual,
    history::History,
    models::{BudgetLine, BudgetRecord},
    requests::{
        ActualFilter, BudgetActualResponse, BudgetCreateRequest, BudgetFilter, BudgetLineRequest,
        BudgetResponse, BudgetUpdateRequest,
    },
    store::BudgetsStore,
};
use crate::{
    access::Access, balances::month_of, error::Error, stamps::stamp_what_was_missed,
    transactions::check_amount, versions,
};
use chrono::NaiveDate;
use chrono_tz::Tz;
use finance_contract::{BUDGET_CREATED, BUDGET_DELETED, BUDGET_UPDATED, BudgetChanged};
use kernel::{
    AuditRecord, CalendarDate, CallContext, Currency, IdempotencyKey, Money, NewEvent, Page, PageRequest,
    fold,
};
use std::collections::HashSet;
use store::{Batch, Stored};
use uuid::Uuid;

/// How many categories a budget has at most.
const MOST_LINES: usize = 100;

/// The rules of budgets.
pub(crate) struct BudgetsService {
    budgets: BudgetsStore,
    history: History,
    access: Access,
    currency: Currency,
    timezone: Tz,
}

impl BudgetsService {
    pub(crate) fn new(
        budgets: BudgetsStore,
        history: History,
        access: Access,
        currency: Currency,
        timezone: Tz,
    ) -> Self {
        Self {
            budgets,
            history,
            access,
            currency,
            timezone,
        }
    }

    /// The budgets that the caller may see, oldest first.
    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &BudgetFilter,
        page: PageRequest,
    ) -> Result<Page<BudgetResponse>, Error> {
        let scope = match filter.user_id {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        let page = self.budgets.list(&scope, page).await?;
        Ok(page.map(BudgetResponse::from))
    }

    /// One budget that the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, id: Uuid) -> Result<BudgetResponse, Error> {
        Ok(self.visible(cx, id).await?.into())
    }

    /// Makes a budget, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: BudgetCreateRequest,
    ) -> Result<BudgetResponse, Error> {
        let user = Access::subject(cx, request.user_id)?;
        let currency = request.currency.unwrap_or(self.currency);
        let lines = lines(&request.categories, currency)?;
        let documents = self.budgets.documents();
        let created: BudgetResponse = documents
            .once(cx, "finance.create_budget", key, &request, |mut batch| {
                let (request, lines) = (request.clone(), lines.clone());
                async move {
                    let owner = self.access.owner(cx, user).await?;
                    let starts_on = request.starts_on.map_or_else(|| self.today(), CalendarDate::date);
                    let record = BudgetRecord {
                        user_id: owner.user_id,
                        client_id: owner.client_id,
                        advisor_id: owner.advisor_id,
                        name: request.name.into_string(),
                        currency,
                        starts_on: month_of(starts_on),
                        lines,
                    };
                    let stored = batch.insert(documents.sources().ids().next::<Uuid>(), record);
                    announce(cx, &mut batch, BUDGET_CREATED, &stored);
                    Ok::<_, Error>((batch, BudgetResponse::from(stored)))
                }
            })
            .await?;
        let stamped = (created.client_id, created.advisor_id);
        stamp_what_was_missed(&self.access, documents, cx, user, stamped).await?;
        Ok(created)
    }

    /// Replaces a budget's name and categories. `expected` is the version of `If-Match`.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: BudgetUpdateRequest,
    ) -> Result<BudgetResponse, Error> {
        let current = self.visible(cx, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, request.version)?;
        let lines = lines(&request.categories, current.currency)?;
        let mut batch = self.budgets.documents().batch(cx);
        let stored = batch.replace(&current.changed(|budget| {
            budget.name = request.name.into_string();
            budget.lines = lines;
        }));
        announce(cx, &mut batch, BUDGET_UPDATED, &stored);
        versions::commit(self.budgets.documents(), batch, expected).await?;
        Ok(stored.into())
    }

    /// Deletes a budget. Transactions stay as they are.
    pub(crate) async fn delete(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<(), Error> {
        let current = self.visible(cx, id).await?;
        Access::writing(cx, current.user_id)?;
        versions::check(current.version, expected, None)?;
        let mut batch = self.budgets.documents().batch(cx);
        let stored = batch.delete(&current);
        announce(cx, &mut batch, BUDGET_DELETED, &stored);
        versions::commit(self.budgets.documents(), batch, expected).await
    }

    /// A budget beside what was spent in a month.
    pub(crate) async fn actual(
        &self,
        cx: &CallContext,
        id: Uuid,
        filter: &ActualFilter,
    ) -> Result<BudgetActualResponse, Error> {
        let budget = self.visible(cx, id).await?;
        let month = filter.month.map_or_else(
            || month_of(self.today()).max(budget.starts_on),
            |month| month.first_day(),
        );
        if month < budget.starts_on {
            let message = format!("must not be before the budget starts: {}", budget.starts_on);
            return Err(Error::invalid("month", message));
        }
        actual(&self.history, &budget, month).await
    }

    async fn visible(&self, cx: &CallContext, id: Uuid) -> Result<Stored<BudgetRecord>, Error> {
        let found = self.access.visible(cx, id).await?;
        found.ok_or(Error::Missing { what: "budget" })
    }

    fn today(&self) -> NaiveDate {
        let now = self.budgets.documents().sources().now();
        now.with_timezone(&self.timezone).date_naive()
    }
}

/// Checks the lines of a budget.
fn lines(requests: &[BudgetLineRequest], currency: Currency) -> Result<Vec<BudgetLine>, Error> {
    if !(1..=MOST_LINES).contains(&requests.len()) {
        return Err(Error::invalid("categories", "must be 1 to 100"));
    }
    let mut seen = HashSet::new();
    let mut lines = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        let at = |field: &str| format!("categories[{index}].{field}");
        let category = fold(&request.category);
        if category.is_empty() {
            return Err(Error::invalid(&at("category"), "must contain letters or digits"));
        }
        if !seen.insert(category.clone()) {
            return Err(Error::invalid(&at("category"), "must not be used twice"));
        }
        let amount = match request.amount.0.is_zero() {
            true => Money::zero(currency),
            false => check_amount(request.amount.0, currency).map_err(|message| {
                Error::invalid(&at("amount"), message.replace("more than 0", "0 or more"))
            })?,
        };
        lines.push(BudgetLine {
            category,
            amount: amount.amount(),
            rollover: request.rollover.unwrap_or(false),
        });
    }
    Ok(lines)
}

/// Adds the event and the audit record of a change to its batch.
fn announce(cx: &CallContext, batch: &mut Batch, event: &str, stored: &Stored<BudgetRecord>) {
    let subject = format!("budget/{}", stored.id);
    let facts = BudgetChanged {
        budget_id: stored.id,
        user_id: stored.user_id,
        currency: stored.currency,
    };
    let data = serde_json::to_value(facts).unwrap_or_default();
    batch.event(NewEvent::new(cx, event, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(event, subject).naming(["name", "categories"]);
    batch.event(audit.into_event(cx).at_version(stored.version));
}
