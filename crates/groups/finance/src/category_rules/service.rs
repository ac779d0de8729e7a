use super::{
    apply::recategorise,
    models::{CategoryRule, CategoryRulesRecord, Fitting, rules_id},
    requests::{RuleFit, RulesOutcome, RulesRequest, RulesResponse, RulesRun},
};
use crate::{
    access::Access,
    balances::Folding,
    error::Error,
    journal::{Journal, UNCATEGORISED, reversal_id},
    transactions::TransactionRecord,
};
use chrono::NaiveDate;
use finance_contract::TransactionKind;
use kernel::{Amount, AuditRecord, CallContext, MAX_PAGE, PageRequest, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use store::{Key, Query, Sort, Store, StoreError, Stored};

/// How many transactions one commit puts into other categories.
const COMMIT: usize = 100;

/// How many rules a user may have.
const MOST_RULES: usize = 200;

/// How many transactions one run looks at.
const MOST_LOOKED_AT: u32 = 5_000;

/// How many of those that fit are shown.
const MOST_SHOWN: usize = 50;

/// The rules of rules.
#[derive(Clone)]
pub(crate) struct CategoryRules {
    store: Store,
    journal: Journal,
    access: Access,
    folding: Folding,
}

impl CategoryRules {
    pub(crate) fn new(store: Store, journal: Journal, access: Access, folding: Folding) -> Self {
        Self {
            store,
            journal,
            access,
            folding,
        }
    }

    /// The rules of a user whom the caller may see.
    pub(crate) async fn get(&self, cx: &CallContext, user: Option<UserId>) -> Result<RulesResponse, Error> {
        let user = Access::subject(cx, user)?;
        self.access.reading(cx, user).await?;
        let known = self.record(cx.tenant(), user).await?;
        Ok(answer(user, known.as_ref()))
    }

    /// Replaces a user's rules as a whole.
    pub(crate) async fn put(
        &self,
        cx: &CallContext,
        user: Option<UserId>,
        if_match: Option<u64>,
        request: RulesRequest,
    ) -> Result<RulesResponse, Error> {
        check(&request.rules)?;
        let user = Access::subject(cx, user)?;
        self.access.reading(cx, user).await?;
        Access::writing(cx, user)?;
        let known = self.record(cx.tenant(), user).await?;
        let version = known.as_ref().map_or(0, |known| known.version);
        if if_match.is_some_and(|expected| expected != version) {
            return Err(Error::PreconditionFailed);
        }
        let record = CategoryRulesRecord {
            user_id: user,
            rules: request.rules,
        };
        let mut batch = self.store.batch(cx);
        let stored = match &known {
            Some(known) => batch.replace(&known.with(record)),
            None => batch.insert(rules_id(user), record),
        };
        let audit = AuditRecord::new("category_rules.changed", format!("user/{user}"));
        batch.event(audit.naming(["rules"]).into_event(cx));
        match self.store.commit(batch).await {
            Ok(_) => Ok(answer(user, Some(&stored))),
            Err(StoreError::VersionConflict { .. } | StoreError::Duplicate { .. }) => {
                Err(Error::PreconditionFailed)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A user's rules, ready to be asked. The caller of this was already allowed to act for the user.
    pub(crate) async fn of(&self, tenant: TenantId, user: UserId) -> Result<Fitting, Error> {
        let known = self.record(tenant, user).await?;
        Ok(known.map_or_else(Fitting::default, |known| Fitting::new(&known.rules)))
    }

    /// What rules, the saved ones or others, would do.
    pub(crate) async fn preview(&self, cx: &CallContext, run: &RulesRun) -> Result<RulesOutcome, Error> {
        let user = Access::subject(cx, run.user_id)?;
        let scope = self.access.reading(cx, user).await?;
        let rules = match &run.rules {
            Some(rules) => {
                check(rules)?;
                rules.clone()
            }
            None => self
                .record(cx.tenant(), user)
                .await?
                .map(|known| known.data.rules)
                .unwrap_or_default(),
        };
        let mut outcome = RulesOutcome {
            by_rule: vec![0; rules.len()],
            ..RulesOutcome::default()
        };
        self.fits(&scope, run, &Fitting::new(&rules), &mut outcome)
            .await?;
        Ok(outcome)
    }

    /// Puts the transactions without a category that the saved rules fit into their categories: each is reversed and
    /// posted again, on its own day and once. What lies in a closed period stays.
    pub(crate) async fn apply(&self, cx: &CallContext, run: &RulesRun) -> Result<RulesOutcome, Error> {
        if run.rules.is_some() {
            return Err(Error::invalid(
                "rules",
                "can only be tried in a preview: save them first",
            ));
        }
        let user = Access::subject(cx, run.user_id)?;
        let scope = self.access.reading(cx, user).await?;
        Access::writing(cx, user)?;
        let fitting = self.of(cx.tenant(), user).await?;
        let mut outcome = RulesOutcome {
            by_rule: vec![0; fitting.len()],
            ..RulesOutcome::default()
        };
        let fits = self.fits(&scope, run, &fitting, &mut outcome).await?;
        for fits in fits.chunks(COMMIT) {
            let (changed, closed) = recategorise(&self.store, &self.journal, cx, user, fits).await?;
            outcome.changed += changed;
            outcome.closed += closed;
        }
        if outcome.changed > 0 {
            self.folding.start(cx.tenant(), user.0);
        }
        Ok(outcome)
    }

    /// The transactions without a category that rules fit, counted in `outcome`.
    async fn fits(
        &self,
        scope: &Scope,
        run: &RulesRun,
        fitting: &Fitting,
        outcome: &mut RulesOutcome,
    ) -> Result<Vec<(Stored<TransactionRecord>, String)>, Error> {
        let from: Option<NaiveDate> = run.from.map(|from| from.date());
        let until = run.to.and_then(|to| to.date().succ_opt());
        let mut fits = Vec::new();
        let mut cursor = None;
        loop {
            let query = Query::sorted(Sort::ascending("date"))
                .equals("category", UNCATEGORISED)
                .between(from.map(Key::from), until.map(Key::from))
                .page(PageRequest {
                    limit: MAX_PAGE,
                    cursor,
                    count: false,
                });
            let page = self.store.find::<TransactionRecord>(scope, query).await?;
            for transaction in page.items {
                if run.account_id.is_some_and(|only| only != transaction.account_id) {
                    continue;
                }
                outcome.looked_at += 1;
                let Some(fit) = fit(&transaction, fitting) else {
                    continue;
                };
                if self.is_reversed(scope, &transaction).await? {
                    continue;
                }
                note(&transaction, fit, outcome);
                fits.push((transaction, fit.1.to_owned()));
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(fits);
            }
            if outcome.looked_at >= MOST_LOOKED_AT {
                outcome.more_from = fits.last().map(|(transaction, _)| transaction.date).or(from);
                return Ok(fits);
            }
        }
    }

    async fn is_reversed(
        &self,
        scope: &Scope,
        transaction: &Stored<TransactionRecord>,
    ) -> Result<bool, Error> {
        let id = reversal_id(transaction.id);
        Ok(self.store.get::<TransactionRecord>(scope, id).await?.is_some())
    }

    async fn record(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Option<Stored<CategoryRulesRecord>>, Error> {
        Ok(self.store.get(&Scope::Tenant { tenant }, rules_id(user)).await?)
    }
}

/// What fits a transaction: the number of the rule, the category and the amount.
type Fit<'a> = (usize, &'a str, Decimal);

/// Asks the rules about a transaction.
fn fit<'a>(transaction: &TransactionRecord, fitting: &'a Fitting) -> Option<Fit<'a>> {
    let amount = signed(transaction)?;
    let description = transaction.description.as_deref().unwrap_or_default();
    let (rule, category) = fitting.first(transaction.account_id, description, amount)?;
    (category != UNCATEGORISED).then_some((rule, category, amount))
}

/// Notes what rules say about a transaction.
fn note(
    transaction: &Stored<TransactionRecord>,
    (rule, category, amount): Fit<'_>,
    outcome: &mut RulesOutcome,
) {
    outcome.fitting += 1;
    if let Some(count) = outcome.by_rule.get_mut(rule) {
        *count += 1;
    }
    if outcome.rows.len() < MOST_SHOWN {
        outcome.rows.push(RuleFit {
            transaction_id: transaction.id,
            date: transaction.date,
            description: transaction.description.clone(),
            amount: Amount(amount),
            rule: u32::try_from(rule + 1).unwrap_or(u32::MAX),
            category: category.to_owned(),
        });
    }
}

/// What a transaction moved; nothing for what has no category by its nature.
fn signed(transaction: &TransactionRecord) -> Option<Decimal> {
    match transaction.kind {
        TransactionKind::Income => Some(transaction.amount),
        TransactionKind::Expense => Some(-transaction.amount),
        TransactionKind::Transfer | TransactionKind::Entry | TransactionKind::Reversal => None,
    }
}

fn answer(user_id: UserId, known: Option<&Stored<CategoryRulesRecord>>) -> RulesResponse {
    RulesResponse {
        user_id,
        version: known.map_or(0, |known| known.version),
        rules: known.map(|known| known.rules.clone()).unwrap_or_default(),
    }
}

fn check(rules: &[CategoryRule]) -> Result<(), Error> {
    if rules.len() > MOST_RULES {
        return Err(Error::invalid("rules", format!("may be at most {MOST_RULES}")));
    }
    for (index, rule) in rules.iter().enumerate() {
        rule.check()
            .map_err(|(field, message)| Error::invalid(&format!("rules[{index}].{field}"), message))?;
    }
    Ok(())
}
