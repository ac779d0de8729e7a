use crate::{
    accounts::AccountsStore,
    balances::{BalancesStore, Tally, plus},
    error::Error,
    transactions::OPENING_BALANCE,
};
use chrono::{Months, NaiveDate};
use finance_contract::TransactionKind;
use kernel::{Currency, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::StoreError;
use uuid::Uuid;

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
    fn add(&mut self, tally: Tally) -> Result<(), Error> {
        if tally.category == OPENING_BALANCE {
            return Ok(());
        }
        let sum = match tally.kind {
            TransactionKind::Income => self.income.entry(tally.month).or_default(),
            TransactionKind::Expense => self.expenses.entry((tally.month, tally.category)).or_default(),
        };
        *sum = plus(*sum, tally.amount)?;
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
        for account in self.accounts.all(&Scope::Own { tenant, user }).await? {
            if account.currency != currency {
                continue;
            }
            for tally in self.of_account(tenant, account.id, until).await? {
                if tally.month >= first && until.is_none_or(|until| tally.month < until) {
                    sums.add(tally)?;
                }
            }
        }
        Ok(sums)
    }

    /// Folded and unfolded sums of an account, read again until no fold comes in between. Consumers need this to be a
    /// future that may move between threads, which the reads of [`crate::balances::Balances`] are not.
    async fn of_account(
        &self,
        tenant: TenantId,
        account: Uuid,
        until: Option<NaiveDate>,
    ) -> Result<Vec<Tally>, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.balances.position(tenant, account).await?;
            let mut tallies = Vec::new();
            let mut cursor = None;
            loop {
                let page = self.balances.totals(tenant, account, until, cursor).await?;
                tallies.extend(page.items.into_iter().map(|total| total.data.0));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            loop {
                let page = self.balances.changes(tenant, account, cursor).await?;
                tallies.extend(page.items.into_iter().map(|change| change.data.0));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let after = self.balances.position(tenant, account).await?;
            if before.map(|position| position.version) == after.map(|position| position.version) {
                return Ok(tallies);
            }
        }
        Err(StoreError::unavailable("the account is folded faster than it can be read").into())
    }
}
