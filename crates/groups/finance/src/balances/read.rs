use super::{
    FOLD_AT, Folding,
    changes::{Changes, Sums, of_month},
    models::{DayTotal, Flow, MonthTotal, month_of},
    store::{BalancesStore, Days as TotalDays},
};
use crate::{accounts::AccountRecord, error::Error, journal::LedgerAccount};
use chrono::{Days, Months, NaiveDate};
use kernel::{Money, TenantId, UserId};
use rust_decimal::Decimal;
use store::{StoreError, Stored};

/// How often a read begins anew because a fold came in between.
const ATTEMPTS: usize = 32;

/// A book: whose ledger, in which firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Book {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
}

impl Book {
    /// The book that an account belongs to.
    pub(crate) fn of(account: &Stored<AccountRecord>) -> Self {
        Self {
            tenant: account.tenant_id,
            user: account.user_id,
        }
    }
}

/// Reads balances and flows. Everything one read answers belongs to one moment of the book.
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
        let sums = self.now(Book::of(account)).await?;
        on_account(&sums, account)
    }

    /// What lies on every account of a book that was ever used, now.
    pub(crate) async fn now(&self, book: Book) -> Result<Sums, Error> {
        let Moment { mut folded, tail, .. } = self.moment(book, &Wanted::default()).await?;
        for flow in tail {
            folded.add(&flow)?;
        }
        Ok(folded)
    }

    /// What lay on every account of a book at the end of a day.
    pub(crate) async fn as_of(&self, book: Book, day: NaiveDate) -> Result<Sums, Error> {
        let mut sums = Sums::default();
        for flow in self.flows(book, Some(day), &[month_of(day)]).await? {
            sums.add(&flow)?;
        }
        Ok(sums)
    }

    /// The flows of a book up to the day `to`, which is included: by month, and those of the months `by_day` (their
    /// first days) by day. A month in which `to` is not the last day should be among them.
    pub(crate) async fn flows(
        &self,
        book: Book,
        to: Option<NaiveDate>,
        by_day: &[NaiveDate],
    ) -> Result<Vec<Flow>, Error> {
        let until = to.and_then(|to| to.checked_add_days(Days::new(1)));
        let days_of = |month: &NaiveDate| {
            let next = month.checked_add_months(Months::new(1));
            (Some(*month), [next, until].into_iter().flatten().min())
        };
        let wanted = Wanted {
            months: Some((None, until)),
            days: by_day.iter().map(days_of).collect(),
        };
        let moment = self.moment(book, &wanted).await?;
        let mut flows = Changes::default();
        let months = moment.months.into_iter();
        for flow in months
            .filter(|flow| !by_day.contains(&flow.date))
            .chain(moment.days)
        {
            flows.merge(flow)?;
        }
        let tail = moment.tail.into_iter();
        for flow in tail.filter(|flow| until.is_none_or(|until| flow.date < until)) {
            match by_day.contains(&month_of(flow.date)) {
                true => flows.merge(flow)?,
                false => flows.merge(of_month(&flow))?,
            }
        }
        Ok(flows.into_flows().collect())
    }

    /// The flows of a book month by month, in the months of the days `days` (from the first, before the second).
    pub(crate) async fn months(&self, book: Book, days: TotalDays) -> Result<Vec<Flow>, Error> {
        let wanted = Wanted {
            months: Some(days),
            days: Vec::new(),
        };
        let moment = self.moment(book, &wanted).await?;
        let mut flows = Changes::default();
        let (from, until) = days;
        let tail = moment.tail.iter().map(of_month).filter(|flow| {
            from.is_none_or(|from| flow.date >= from) && until.is_none_or(|until| flow.date < until)
        });
        for flow in moment.months.into_iter().chain(tail) {
            flows.merge(flow)?;
        }
        Ok(flows.into_flows().collect())
    }

    /// The flows of a book day by day, up to the day `to`, which is included.
    pub(crate) async fn days(&self, book: Book, to: NaiveDate) -> Result<Vec<Flow>, Error> {
        let until = to.checked_add_days(Days::new(1));
        let wanted = Wanted {
            months: None,
            days: vec![(None, until)],
        };
        let moment = self.moment(book, &wanted).await?;
        let mut flows = Changes::default();
        let tail = moment.tail.into_iter();
        let tail = tail.filter(|flow| until.is_none_or(|until| flow.date < until));
        for flow in moment.days.into_iter().chain(tail) {
            flows.merge(flow)?;
        }
        Ok(flows.into_flows().collect())
    }

    /// Whether anything was ever posted to the account.
    pub(crate) async fn has_postings(&self, account: &Stored<AccountRecord>) -> Result<bool, Error> {
        let wanted = LedgerAccount::Money(account.id);
        let book = Book::of(account);
        // The changes first: a fold in between makes the position that is read next.
        let tail = self.tail(book).await?;
        if tail
            .iter()
            .any(|flow| flow.debit == wanted || flow.credit == wanted)
        {
            return Ok(true);
        }
        let position = self.store.position(book.tenant, book.user.0).await?;
        Ok(position.is_some_and(|position| {
            let mut balances = position.balances.iter();
            balances.any(|balance| balance.account == wanted)
        }))
    }

    /// Reads a book again until no fold comes in between.
    async fn moment(&self, book: Book, wanted: &Wanted) -> Result<Moment, Error> {
        let mut before = self.store.position(book.tenant, book.user.0).await?;
        for _ in 0..ATTEMPTS {
            let folded = match &before {
                Some(position) => Sums::from_balances(&position.balances)?,
                None => Sums::default(),
            };
            let mut moment = Moment {
                folded,
                ..Moment::default()
            };
            if let Some(days) = wanted.months {
                let totals = self.store.totals::<MonthTotal>(book.tenant, book.user.0, days);
                let totals = totals.await?.into_iter();
                moment.months.extend(totals.map(|total| total.data.0.into_flow()));
            }
            for days in &wanted.days {
                let totals = self.store.totals::<DayTotal>(book.tenant, book.user.0, *days);
                let totals = totals.await?.into_iter();
                moment.days.extend(totals.map(|total| total.data.0.into_flow()));
            }
            moment.tail = self.tail(book).await?;
            let after = self.store.position(book.tenant, book.user.0).await?;
            let version = after.as_ref().map_or(0, |position| position.version);
            if before.as_ref().map_or(0, |position| position.version) == version {
                return Ok(moment);
            }
            before = after;
        }
        Err(StoreError::unavailable("the book is folded faster than it can be read").into())
    }

    async fn tail(&self, book: Book) -> Result<Vec<Flow>, Error> {
        let (mut tail, mut changes) = (Vec::new(), 0);
        let mut cursor = None;
        loop {
            let page = self.store.changes(book.tenant, book.user.0, cursor).await?;
            changes += page.items.len();
            tail.extend(page.items.into_iter().flat_map(|change| change.data.flows));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        if changes >= FOLD_AT {
            self.folding.start(book.tenant, book.user.0);
        }
        Ok(tail)
    }
}

/// Which totals a read needs beside the balances and what is not folded.
#[derive(Debug, Default)]
struct Wanted {
    months: Option<TotalDays>,
    days: Vec<TotalDays>,
}

/// What was read of a book at one moment. Folded and unfolded together hold each posting once.
#[derive(Debug, Default)]
struct Moment {
    folded: Sums,
    months: Vec<Flow>,
    days: Vec<Flow>,
    tail: Vec<Flow>,
}

/// What lies on a money account, with the decimals of its currency.
pub(crate) fn on_account(sums: &Sums, account: &Stored<AccountRecord>) -> Result<Decimal, Error> {
    let balance = sums.of(&LedgerAccount::Money(account.id), account.currency);
    let money = Money::new(balance, account.currency)
        .map_err(|error| kernel::CallError::internal(error.to_string()))?;
    Ok(money.amount())
}
