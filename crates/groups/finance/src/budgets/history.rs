use crate::{
    accounts::AccountsStore,
    balances::{Balances, Book, Flow, month_of, plus},
    error::Error,
    journal::{AccountType, LedgerAccount},
};
use chrono::{Months, NaiveDate};
use kernel::{Currency, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What a user's accounts in one currency took in and gave out, by month and category: the ledger's monthly totals.
#[derive(Clone)]
pub(crate) struct History {
    accounts: AccountsStore,
    balances: Balances,
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
    pub(crate) fn new(accounts: AccountsStore, balances: Balances) -> Self {
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
        for flow in self
            .balances
            .months(Book { tenant, user }, (Some(first), until))
            .await?
        {
            if flow.currency == currency {
                sums.add(&flow, &accounts)?;
            }
        }
        Ok(sums)
    }
}
