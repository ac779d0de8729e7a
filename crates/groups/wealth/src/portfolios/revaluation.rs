use super::{composition::composed, models::PortfolioRecord, service::valued, value::value_of};
use crate::{
    entries::Holding,
    error::Error,
    market::{AssetClass, Market, Prices},
};
use kernel::{CallContext, Currency, MAX_PAGE, PageRequest, Scope, UserId};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::{Document, Query, Sort, Store, Stored};
use uuid::Uuid;

/// For so many users each is read alone; for more of them the firm's portfolios are read page by page.
const FEW: usize = 40;

/// How many portfolios one commit values anew.
const AT_ONCE: usize = 100;

/// How often a user's portfolios are read again because somebody else changed one of them.
const ATTEMPTS: usize = 16;

/// Values portfolios anew when quotes have changed.
#[derive(Clone)]
pub(crate) struct Revaluation {
    store: Store,
    market: Market,
}

/// Whose portfolios may have another value.
enum Affected {
    /// These users'.
    Users(BTreeSet<UserId>),
    /// Anybody's who has more than one currency too.
    UsersAndCurrencies(BTreeSet<UserId>),
}

impl Affected {
    fn is_affected(&self, portfolio: &PortfolioRecord) -> bool {
        match self {
            Affected::Users(users) => users.contains(&portfolio.user_id),
            Affected::UsersAndCurrencies(users) => {
                users.contains(&portfolio.user_id) || portfolio.currencies().len() > 1
            }
        }
    }
}

/// The worth of all of a user's portfolios in a currency.
type Totals = BTreeMap<(UserId, &'static str), Decimal>;

impl Revaluation {
    pub(crate) fn new(store: Store, market: Market) -> Self {
        Self { store, market }
    }

    /// Values everything anew that holds one of these, and tells of what has another value now. What nobody holds costs one look
    /// into an index.
    pub(crate) async fn revalue(&self, cx: &CallContext, symbols: &BTreeSet<String>) -> Result<(), Error> {
        match self.affected(cx, symbols).await? {
            Affected::Users(users) if users.is_empty() => Ok(()),
            Affected::Users(users) if users.len() <= FEW => {
                let mut prices = Prices::default();
                for user in users {
                    self.value_user(cx, user, &mut prices).await?;
                }
                Ok(())
            }
            affected => self.value_many(cx, &affected).await,
        }
    }

    async fn affected(&self, cx: &CallContext, symbols: &BTreeSet<String>) -> Result<Affected, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut users = BTreeSet::new();
        for symbol in symbols {
            let holding = Query::sorted(Sort::ascending("id")).equals("symbol", symbol.as_str());
            self.each_page::<Holding>(&scope, &holding, |page| {
                users.extend(page.iter().map(|holding| holding.user_id));
            })
            .await?;
        }
        // The symbol of a rate of exchange is two currencies.
        for symbol in symbols.iter().filter(|symbol| symbol.len() == 6) {
            let instrument = self.market.instrument(cx.tenant(), symbol).await?;
            if instrument.is_some_and(|instrument| instrument.class == AssetClass::Currency) {
                return Ok(Affected::UsersAndCurrencies(users));
            }
        }
        Ok(Affected::Users(users))
    }

    /// Values all portfolios of a user in one commit; reads them again when somebody else was faster.
    async fn value_user(&self, cx: &CallContext, user: UserId, prices: &mut Prices) -> Result<(), Error> {
        let scope = Scope::Own {
            tenant: cx.tenant(),
            user,
        };
        let mut attempts = 0;
        loop {
            let portfolios = self
                .store
                .find_all::<PortfolioRecord>(&scope, Query::all())
                .await?;
            self.read_prices(cx, &portfolios, prices).await?;
            let mut totals = Totals::new();
            for portfolio in &portfolios {
                *totals.entry(total_of(portfolio)).or_default() += value_of(portfolio, prices).total;
            }
            let mut batch = self.store.batch(cx);
            for portfolio in &portfolios {
                if let Some(next) = changed(portfolio, prices) {
                    let total = totals.get(&total_of(portfolio)).copied().unwrap_or_default();
                    let stored = batch.replace(&next);
                    batch.event(valued(cx, &stored, total, self.market.today()));
                    batch.event(composed(cx, &stored, prices, self.market.today()));
                }
            }
            match self.store.commit(batch).await {
                Err(error) if error.is_lost_race() && attempts < ATTEMPTS => attempts += 1,
                done => return Ok(done.map(drop)?),
            }
        }
    }

    /// Reads the firm's portfolios page by page, once for the totals of their users, and those that changed once more.
    async fn value_many(&self, cx: &CallContext, affected: &Affected) -> Result<(), Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let (mut prices, mut totals, mut values) = (Prices::default(), Totals::new(), BTreeMap::new());
        let mut cursor = None;
        loop {
            let query = Query::sorted(Sort::ascending("id")).page(page_at(cursor));
            let page = self.store.find::<PortfolioRecord>(&scope, query).await?;
            self.read_prices(cx, &page.items, &mut prices).await?;
            for portfolio in &page.items {
                let value = value_of(portfolio, &prices).total;
                *totals.entry(total_of(portfolio)).or_default() += value;
                if affected.is_affected(portfolio) && changed(portfolio, &prices).is_some() {
                    values.insert(portfolio.id, value);
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let ids: Vec<Uuid> = values.keys().copied().collect();
        for chunk in ids.chunks(AT_ONCE) {
            self.write_chunk(cx, chunk, &values, &totals, &mut prices).await?;
        }
        Ok(())
    }

    async fn write_chunk(
        &self,
        cx: &CallContext,
        chunk: &[Uuid],
        values: &BTreeMap<Uuid, Decimal>,
        totals: &Totals,
        prices: &mut Prices,
    ) -> Result<(), Error> {
        let portfolios = self.portfolios(cx, chunk).await?;
        self.read_prices(cx, &portfolios, prices).await?;
        let mut batch = self.store.batch(cx);
        for portfolio in &portfolios {
            if let Some(next) = changed(portfolio, prices) {
                // It may have been traded since the totals were made.
                let before = values.get(&portfolio.id).copied().unwrap_or(next.value);
                let total = totals.get(&total_of(portfolio)).copied().unwrap_or_default();
                let stored = batch.replace(&next);
                let total = total - before + stored.value;
                batch.event(valued(cx, &stored, total, self.market.today()));
                batch.event(composed(cx, &stored, prices, self.market.today()));
            }
        }
        match self.store.commit(batch).await {
            Err(error) if error.is_lost_race() => {
                let users: BTreeSet<UserId> = portfolios.iter().map(|one| one.user_id).collect();
                for user in users {
                    self.value_user(cx, user, prices).await?;
                }
                Ok(())
            }
            done => Ok(done.map(drop)?),
        }
    }

    /// Portfolios by their ids, which are in order: as many pages as they lie on.
    async fn portfolios(
        &self,
        cx: &CallContext,
        ids: &[Uuid],
    ) -> Result<Vec<Stored<PortfolioRecord>>, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut left: BTreeSet<Uuid> = ids.iter().copied().collect();
        let mut found = Vec::with_capacity(ids.len());
        while let Some(first) = left.first().copied() {
            let limit = u32::try_from(left.len()).unwrap_or(MAX_PAGE).min(MAX_PAGE);
            let query = Query::sorted(Sort::ascending("id"))
                .between(Some(first.into()), None)
                .limit(limit);
            let page = self.store.find::<PortfolioRecord>(&scope, query).await?;
            let Some(last) = page.items.last().map(|one| one.id) else {
                break;
            };
            found.extend(page.items.into_iter().filter(|one| left.contains(&one.id)));
            left.retain(|id| *id > last);
        }
        Ok(found)
    }

    async fn read_prices(
        &self,
        cx: &CallContext,
        portfolios: &[Stored<PortfolioRecord>],
        prices: &mut Prices,
    ) -> Result<(), Error> {
        let held = portfolios.iter().flat_map(|portfolio| &portfolio.positions);
        let symbols: BTreeSet<&str> = held.map(|position| position.symbol.as_str()).collect();
        let mut currencies: Vec<Currency> = Vec::new();
        for currency in portfolios.iter().flat_map(|portfolio| portfolio.currencies()) {
            if !currencies.contains(&currency) {
                currencies.push(currency);
            }
        }
        prices
            .extend(&self.market, cx.tenant(), symbols, &currencies)
            .await
    }

    async fn each_page<T: Document>(
        &self,
        scope: &Scope,
        query: &Query,
        mut take: impl FnMut(&[Stored<T>]),
    ) -> Result<(), Error> {
        let mut cursor = None;
        loop {
            let page = self
                .store
                .find::<T>(scope, query.clone().page(page_at(cursor)))
                .await?;
            take(&page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
}

fn page_at(cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: MAX_PAGE,
        cursor,
        count: false,
    }
}

fn total_of(portfolio: &PortfolioRecord) -> (UserId, &'static str) {
    (portfolio.user_id, portfolio.currency.code())
}

/// The portfolio with its new value; nothing when it is the old one.
fn changed(portfolio: &Stored<PortfolioRecord>, prices: &Prices) -> Option<Stored<PortfolioRecord>> {
    let now = value_of(portfolio, prices);
    let same = portfolio.value == now.total && portfolio.valued_completely == now.complete;
    (!same).then(|| {
        portfolio.changed(|data| {
            data.value = now.total;
            data.valued_completely = now.complete;
        })
    })
}
