use super::{
    FOLD_AT, Folding,
    changes::{Changes, plus},
    models::Tally,
    store::BalancesStore,
};
use crate::{accounts::AccountRecord, error::Error};
use chrono::NaiveDate;
use kernel::Money;
use rust_decimal::Decimal;
use store::{StoreError, Stored};

/// How often a read begins anew because a fold came in between.
const ATTEMPTS: usize = 32;

/// Reads balances and monthly sums.
#[derive(Clone)]
pub(crate) struct Balances {
    store: BalancesStore,
    folding: Folding,
}

impl Balances {
    pub(crate) fn new(folding: Folding) -> Self {
        Self {
            store: folding.store().clone(),
            folding,
        }
    }

    /// Everything that came in less everything that went out, with the decimals of the account's currency.
    pub(crate) async fn balance(&self, account: &Stored<AccountRecord>) -> Result<Decimal, Error> {
        let (balance, _) = self
            .consistent(account, async |folded| {
                let mut balance = folded;
                for change in self.tail(account).await? {
                    balance = plus(balance, change.signed())?;
                }
                Ok(balance)
            })
            .await?;
        let money = Money::new(balance, account.currency)
            .map_err(|error| kernel::CallError::internal(error.to_string()))?;
        Ok(money.amount())
    }

    /// The sums of every month before `until` (all months when there is none), one for each kind and category.
    pub(crate) async fn months(
        &self,
        account: &Stored<AccountRecord>,
        until: Option<NaiveDate>,
    ) -> Result<Vec<Tally>, Error> {
        let (sums, _) = self
            .consistent(account, async |_| {
                let mut sums = Changes::default();
                for tally in self.totals(account, until).await? {
                    sums.merge(tally)?;
                }
                let tail = self.tail(account).await?;
                for change in tail
                    .into_iter()
                    .filter(|change| until.is_none_or(|until| change.month < until))
                {
                    sums.merge(change)?;
                }
                Ok(sums)
            })
            .await?;
        Ok(sums.into_tallies().collect())
    }

    /// Whether anything was ever posted to the account.
    pub(crate) async fn has_postings(&self, account: &Stored<AccountRecord>) -> Result<bool, Error> {
        // The changes first: a fold in between makes the position that is read next.
        let changes = self.store.changes(account.tenant_id, account.id, None).await?;
        if !changes.items.is_empty() {
            return Ok(true);
        }
        let position = self.store.position(account.tenant_id, account.id).await?;
        Ok(position.is_some())
    }

    /// Runs a read until no fold comes in between; it is given the folded balance. Answers with the position.
    async fn consistent<T>(
        &self,
        account: &Stored<AccountRecord>,
        read: impl AsyncFn(Decimal) -> Result<T, Error>,
    ) -> Result<(T, u64), Error> {
        let mut before = self.store.position(account.tenant_id, account.id).await?;
        for _ in 0..ATTEMPTS {
            let folded = before.as_ref().map_or(Decimal::ZERO, |position| position.balance);
            let answer = read(folded).await?;
            let after = self.store.position(account.tenant_id, account.id).await?;
            let version = after.as_ref().map_or(0, |position| position.version);
            if before.as_ref().map_or(0, |position| position.version) == version {
                return Ok((answer, version));
            }
            before = after;
        }
        Err(StoreError::unavailable("the account is folded faster than it can be read").into())
    }

    async fn tail(&self, account: &Stored<AccountRecord>) -> Result<Vec<Tally>, Error> {
        let mut tail = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.store.changes(account.tenant_id, account.id, cursor).await?;
            tail.extend(page.items.into_iter().map(|change| change.data.0));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        if tail.len() >= FOLD_AT {
            self.folding.start(account.tenant_id, account.id);
        }
        Ok(tail)
    }

    async fn totals(
        &self,
        account: &Stored<AccountRecord>,
        until: Option<NaiveDate>,
    ) -> Result<Vec<Tally>, Error> {
        let mut totals = Vec::new();
        let mut cursor = None;
        loop {
            let page = self
                .store
                .totals(account.tenant_id, account.id, until, cursor)
                .await?;
            totals.extend(page.items.into_iter().map(|total| total.data.0));
            cursor = page.next;
            if cursor.is_none() {
                return Ok(totals);
            }
        }
    }
}
