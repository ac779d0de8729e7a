use crate::{
    accounts::AccountsStore,
    balances::{BalancesStore, Days, Flow, MonthTotal, month_of, plus},
    error::Error,
    journal::{AccountType, LedgerAccount},
};
use chrono::{Months, NaiveDate};
use kernel::{Currency, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;

/// How often a read begins anew because a fold came in between.
const ATTEMPTS: usize = 32;

/// What a user's accounts in one currency took in and gave out, by month and category: the ledger's monthly totals.
#[derive(Clone)]
pub(crate) struct History {
    accounts: AccountsStore,
    balances: BalancesStore,
}

/// The sums of some months.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By first day of the month and category.
    pub(super) expenses: BTreeMap<(NaiveDate, String), Decimal>,
    /// By first day of the month.
    pub(super) income: BTreeMap<NaiveDate, Decimal>,
}

impl Sums {
    fn add(&mut self, flow: &Flow, accounts: &BTreeSet<LedgerAccount>) -> Result<(), Error> {
        let (other, amount) = match (accounts.contains(&flow.debit), accounts.contains(&flow.credit)) {
            (true, false) => (&flow.credit, flow.amount),
            (false, true) => (&flow.debit, -flow.amount),
            _ => return Ok(()),
        };
        let month = month_of(flow.date);
        let (sum, amount) = match other.name() {
            Some((AccountType::Income, _)) => (self.income.entry(month).or_default(), amount),
            Some((AccountType::Expense, category)) => (
                self.expenses.entry((month, category.to_owned())).or_default(),
                -amount,
            ),
            _ => return Ok(()),
        };
        *sum = plus(*sum, amount)?;
        Ok(())
    }

    /// What was spent on a category in a month.
    pub(super) fn spent(&self, month: NaiveDate, category: &str) -> Decimal {
        let key = (month, category.to_owned());
        self.expenses.get(&key).copied().unwrap_or_default()
    }
}

impl History {
    pub(crate) fn new(accounts: AccountsStore, balances: BalancesStore) -> Self {
        Self { accounts, balances }
    }

    /// The sums of the months from `first` to `last`, both included. The caller of this has checked that the user's money
    /// may be seen.
    pub(super) async fn sums(
        &self,
        tenant: TenantId,
        user: UserId,
        currency: Currency,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Sums, Error> {
        let mut sums = Sums::default();
        let until = last.checked_add_months(Months::new(1));
        let accounts: BTreeSet<LedgerAccount> = self
            .accounts
            .all(&Scope::Own { tenant, user })
            .await?
            .iter()
            .filter(|account| account.currency == currency)
            .map(|account| LedgerAccount::Money(account.id))
            .collect();
        for flow in self.of_book(tenant, user, (Some(first), until)).await? {
            let inside = flow.date >= first && until.is_none_or(|until| flow.date < until);
            if flow.currency == currency && inside {
                sums.add(&flow, &accounts)?;
            }
        }
        Ok(sums)
    }

    /// Folded and unfolded flows of a book, read again until no fold comes in between. Consumers need this to be a
    /// future that may move between threads, which the reads of [`crate::balances::Balances`] are not.
    async fn of_book(&self, tenant: TenantId, user: UserId, days: Days) -> Result<Vec<Flow>, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.balances.position(tenant, user.0).await?;
            let months = self.balances.totals::<MonthTotal>(tenant, user.0, days).await?;
            let mut flows: Vec<Flow> = months.into_iter().map(|total| total.data.0.into_flow()).collect();
            let mut cursor = None;
            loop {
                let page = self.balances.changes(tenant, user.0, cursor).await?;
                flows.extend(page.items.into_iter().flat_map(|change| change.data.flows));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let after = self.balances.position(tenant, user.0).await?;
            if before.map(|position| position.version) == after.map(|position| position.version) {
                return Ok(flows);
            }
        }
        Err(StoreError::unavailable("the book is folded faster than it can be read").into())
    }
}
