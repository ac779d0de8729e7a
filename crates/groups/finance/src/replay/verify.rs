use super::shadow::{BookShadow, Shadow};
use crate::{
    balances::{BookBalances, BookChange, Changes, DayTotal, Flow, FlowTotal, MonthTotal, Sums, total_id},
    error::Error,
};
use finance_contract::FinanceError;
use kernel::{CallContext, MAX_PAGE, PageRequest, Scope, TenantId, UserId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{Document, Key, Query, Sort, Store, Stored};
use uuid::Uuid;

/// How often a book is looked at again because it was folded meanwhile.
const ATTEMPTS: usize = 32;

/// How often, and after which pause, a book that differs is looked at again before it is believed.
const PATIENCE: u32 = 3;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// A figure that is stored otherwise than the feed says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerDifference {
    /// The firm.
    pub tenant: TenantId,
    /// Whose book.
    pub book: UserId,
    /// Which figure, as in `the balance of expense:food in INR`.
    pub figure: String,
    /// What is stored.
    pub stored: String,
    /// What the feed says.
    pub replayed: String,
}

/// Compares balances and totals with the feed, and puts them right.
pub struct LedgerReplay {
    store: Store,
}

/// What is stored of a book, at one moment.
struct Kept {
    position: Option<Stored<BookBalances>>,
    changes: Vec<Stored<BookChange>>,
    days: Vec<Stored<DayTotal>>,
    months: Vec<Stored<MonthTotal>>,
}

impl LedgerReplay {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Makes every book anew from the feed and says where what is stored differs; with `repair` it is put right, each
    /// book in one commit. Answers how many books there are, and what was found.
    pub async fn run(&self, repair: bool) -> Result<(usize, Vec<LedgerDifference>), FinanceError> {
        Ok(self.replay(repair).await?)
    }

    pub(super) async fn replay(&self, repair: bool) -> Result<(usize, Vec<LedgerDifference>), Error> {
        let mut shadow = Shadow::default();
        shadow.catch_up(&self.store).await?;
        let mut books: BTreeSet<(TenantId, UserId)> = shadow.books.keys().copied().collect();
        books.extend(self.kept_books().await?);
        let mut found = Vec::new();
        for (tenant, user) in &books {
            found.extend(self.book(&mut shadow, *tenant, *user, repair).await?);
        }
        Ok((books.len(), found))
    }

    /// Books of which balances are kept, whether the feed knows them or not.
    async fn kept_books(&self) -> Result<Vec<(TenantId, UserId)>, Error> {
        let mut books = Vec::new();
        let mut cursor = None;
        loop {
            let query = Query::sorted(Sort::ascending("id")).page(page(cursor));
            let found = self.store.find_everywhere::<BookBalances>(query).await?;
            books.extend(found.items.iter().map(|of| (of.tenant_id, UserId(of.id))));
            cursor = found.next;
            if cursor.is_none() {
                return Ok(books);
            }
        }
    }

    async fn book(
        &self,
        shadow: &mut Shadow,
        tenant: TenantId,
        user: UserId,
        repair: bool,
    ) -> Result<Vec<LedgerDifference>, Error> {
        let mut patience = PATIENCE;
        for _ in 0..ATTEMPTS {
            // First what is kept, then the feed: an entry whose change was read may be told of meanwhile, and an entry
            // that was told of has left its change or was folded.
            let Some(kept) = self.kept(tenant, user).await? else {
                continue;
            };
            shadow.catch_up(&self.store).await?;
            if !self.is_still(tenant, user, &kept).await? {
                continue;
            }
            let book = shadow.books.entry((tenant, user)).or_default();
            let missing = kept.differences(tenant, user, book)?;
            if missing.is_empty() {
                return Ok(missing);
            }
            // On MongoDB an event is numbered shortly after it was committed: what was folded by then is looked for again.
            if patience > 0 {
                patience -= 1;
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            if !repair {
                return Ok(missing);
            }
            if self.put_right(tenant, user, &kept, book).await? {
                return Ok(missing);
            }
        }
        Err(store::StoreError::unavailable("a book is changed faster than it can be compared").into())
    }

    /// What is kept of a book; nothing when it was folded while it was read.
    async fn kept(&self, tenant: TenantId, user: UserId) -> Result<Option<Kept>, Error> {
        let position: Option<Stored<BookBalances>> =
            self.store.get(&Scope::Tenant { tenant }, user.0).await?;
        let kept = Kept {
            changes: self.all(tenant, user, "id").await?,
            days: self.all(tenant, user, "date").await?,
            months: self.all(tenant, user, "date").await?,
            position,
        };
        Ok(self.is_at(tenant, user, &kept).await?.then_some(kept))
    }

    async fn all<T: Document>(
        &self,
        tenant: TenantId,
        user: UserId,
        sort: &str,
    ) -> Result<Vec<Stored<T>>, Error> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let query = Query::sorted(Sort::ascending(sort))
                .equals("book", Key::Uuid(user.0))
                .page(page(cursor));
            let found = self.store.find::<T>(&Scope::Tenant { tenant }, query).await?;
            all.extend(found.items);
            cursor = found.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Whether the book was not folded since.
    async fn is_at(&self, tenant: TenantId, user: UserId, kept: &Kept) -> Result<bool, Error> {
        let now: Option<Stored<BookBalances>> = self.store.get(&Scope::Tenant { tenant }, user.0).await?;
        let version = |of: &Option<Stored<BookBalances>>| of.as_ref().map_or(0, |of| of.version);
        Ok(version(&now) == version(&kept.position))
    }

    /// Whether nothing was posted or folded since.
    async fn is_still(&self, tenant: TenantId, user: UserId, kept: &Kept) -> Result<bool, Error> {
        let changes = self.all::<BookChange>(tenant, user, "id").await?;
        let same = changes.len() == kept.changes.len()
            && changes
                .iter()
                .zip(&kept.changes)
                .all(|(now, then)| now.id == then.id);
        Ok(same && self.is_at(tenant, user, kept).await?)
    }

    /// Writes what the feed says over what is kept. Changes whose entries the feed has not told of yet stay.
    async fn put_right(
        &self,
        tenant: TenantId,
        user: UserId,
        kept: &Kept,
        book: &BookShadow,
    ) -> Result<bool, Error> {
        let cx = CallContext::system(self.store.group(), tenant, self.store.sources().ids());
        let mut batch = self.store.batch(&cx);
        let balances = BookBalances {
            balances: book.sums.clone().into_balances(),
            entries: book.entries,
        };
        match &kept.position {
            Some(position) => batch.replace(&position.with(balances)),
            None => batch.insert(user.0, balances),
        };
        for change in kept
            .changes
            .iter()
            .filter(|change| book.seen.contains(&change.entry))
        {
            batch.remove(change);
        }
        let (days, months) = book.flows();
        totals(&mut batch, user.0, &kept.days, days, |of| &of.0, DayTotal);
        totals(&mut batch, user.0, &kept.months, months, |of| &of.0, MonthTotal);
        match self.store.commit(batch).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_lost_race() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Kept {
    /// Where folded and unfolded together are not what the feed says. A change whose entry the feed has not told of yet
    /// is not missed there.
    fn differences(
        &self,
        tenant: TenantId,
        user: UserId,
        book: &BookShadow,
    ) -> Result<Vec<LedgerDifference>, Error> {
        let known = self.position.as_ref().map(|position| &position.data);
        let mut sums = match known {
            Some(known) => Sums::from_balances(&known.balances)?,
            None => Sums::default(),
        };
        let mut entries = known.map_or(0, |known| known.entries);
        let (mut days, mut months) = (Changes::default(), Changes::default());
        for day in &self.days {
            days.merge(day.data.0.clone().into_flow())?;
        }
        for month in &self.months {
            months.merge(month.data.0.clone().into_flow())?;
        }
        for change in self
            .changes
            .iter()
            .filter(|change| book.seen.contains(&change.entry))
        {
            for flow in &change.flows {
                sums.add(flow)?;
                entries += flow.count;
                days.merge(flow.clone())?;
                months.merge(crate::balances::of_month(flow))?;
            }
        }
        let (wanted_days, wanted_months) = book.flows();
        let pairs = compare(balances(&sums), balances(&book.sums))
            .into_iter()
            .chain(compare(
                BTreeMap::from([("the number of entries".to_owned(), entries.to_string())]),
                BTreeMap::from([("the number of entries".to_owned(), book.entries.to_string())]),
            ))
            .chain(compare(
                figures("month", days_of(months)),
                figures("month", wanted_months),
            ))
            .chain(compare(
                figures("day", days_of(days)),
                figures("day", wanted_days),
            ));
        Ok(pairs
            .map(|(figure, stored, replayed)| LedgerDifference {
                tenant,
                book: user,
                figure,
                stored,
                replayed,
            })
            .collect())
    }
}

fn days_of(changes: Changes) -> Vec<Flow> {
    changes.into_flows().collect()
}

fn balances(sums: &Sums) -> BTreeMap<String, String> {
    let all = sums.iter().filter(|(_, _, sum)| !sum.is_zero());
    all.map(|(account, currency, sum)| {
        (
            format!("the balance of {account} in {currency}"),
            sum.normalize().to_string(),
        )
    })
    .collect()
}

fn figures(what: &str, flows: Vec<Flow>) -> BTreeMap<String, String> {
    let some = flows
        .into_iter()
        .filter(|flow| !flow.amount.is_zero() || flow.count != 0);
    some.map(|flow| {
        (
            format!(
                "{} to {} in {} for the {what} {}",
                flow.credit, flow.debit, flow.currency, flow.date
            ),
            format!("{} of {}", flow.amount.normalize(), flow.count),
        )
    })
    .collect()
}

/// What differs: the figure, as it is stored, as it should be.
fn compare(
    stored: BTreeMap<String, String>,
    replayed: BTreeMap<String, String>,
) -> Vec<(String, String, String)> {
    let names: BTreeSet<&String> = stored.keys().chain(replayed.keys()).collect();
    let text = |of: Option<&String>| of.cloned().unwrap_or_else(|| "nothing".to_owned());
    names
        .into_iter()
        .filter(|name| stored.get(*name) != replayed.get(*name))
        .map(|name| (name.clone(), text(stored.get(name)), text(replayed.get(name))))
        .collect()
}

/// Writes the totals that differ, and removes those that should not be there.
fn totals<T: Document>(
    batch: &mut store::Batch,
    book: Uuid,
    kept: &[Stored<T>],
    wanted: Vec<Flow>,
    inner: impl Fn(&T) -> &FlowTotal,
    new: impl Fn(FlowTotal) -> T,
) {
    let mut open: BTreeMap<Uuid, FlowTotal> = wanted
        .into_iter()
        .map(|flow| (total_id(book, &flow), FlowTotal::new(book, flow)))
        .collect();
    for total in kept {
        match open.remove(&total.id) {
            Some(right) if right == *inner(&total.data) => {}
            Some(right) => {
                batch.replace(&total.with(new(right)));
            }
            None => batch.remove(total),
        }
    }
    for (id, right) in open {
        batch.insert(id, new(right));
    }
}

fn page(cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: MAX_PAGE,
        cursor,
        count: false,
    }
}
