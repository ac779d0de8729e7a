use super::{
    NOT_ADVICE,
    gains::{Line, Person, exemption, totals},
    harvest::{Harvester, Pending},
    history::History,
    requests::{
        BookGainsFilter, BookHarvestFilter, GainsParameters, GainsResponse, HarvestParameters,
        HarvestResponse,
    },
};
use crate::{
    access::Access,
    entries::{EntriesStore, Entry},
    error::Error,
    jurisdiction::Jurisdiction,
    market::{Market, Prices},
    orders::{OrderRecord, OrderState, OrderWay},
    portfolios::{PortfolioRecord, PortfoliosStore},
    schedules::{ScheduleRecord, ScheduleState, ScheduleType},
};
use kernel::{CallContext, Page, PageRequest, Scope, TenantId, UserId};
use rust_decimal::Decimal;
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry as MapEntry},
    ops::RangeInclusive,
};
use store::{Query, Store, Stored};

/// The tax years that can be asked for.
const YEARS: RangeInclusive<i32> = 1900..=2199;

/// Orders in these states may still buy.
const OPEN: [OrderState; 4] = [
    OrderState::Draft,
    OrderState::Checked,
    OrderState::Placed,
    OrderState::PartiallyFilled,
];

/// Answers questions about taxes.
#[derive(Clone)]
pub(crate) struct Taxes {
    store: Store,
    entries: EntriesStore,
    portfolios: PortfoliosStore,
    market: Market,
    access: Access,
}

/// All portfolios of a person, and what happened in them.
struct Whole {
    portfolios: Vec<Stored<PortfolioRecord>>,
    history: History,
}

impl Taxes {
    pub(crate) fn new(store: Store, market: Market, portfolios: PortfoliosStore, access: Access) -> Self {
        Self {
            entries: EntriesStore::new(store.clone()),
            store,
            portfolios,
            market,
            access,
        }
    }

    /// What a portfolio realised in a tax year.
    pub(crate) async fn gains(
        &self,
        cx: &CallContext,
        id: uuid::Uuid,
        parameters: &GainsParameters,
    ) -> Result<GainsResponse, Error> {
        check_year(parameters.year)?;
        let portfolio = self.portfolios.visible(cx, id).await?;
        let whole = self.whole(portfolio.tenant_id, portfolio.user_id).await?;
        self.gains_of(&portfolio, &whole, parameters.year, parameters.jurisdiction)
            .await
    }

    /// The same for a page of portfolios of the caller's scope: each person is read once.
    pub(crate) async fn gains_of_book(
        &self,
        cx: &CallContext,
        filter: &BookGainsFilter,
        page: PageRequest,
    ) -> Result<Page<GainsResponse>, Error> {
        check_year(filter.year)?;
        let found = self.page(cx, filter.user_id, page).await?;
        let people = self.people(&found.items).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for portfolio in &found.items {
            if let Some(whole) = people.get(&portfolio.user_id) {
                items.push(
                    self.gains_of(portfolio, whole, filter.year, filter.jurisdiction)
                        .await?,
                );
            }
        }
        Ok(Page {
            items,
            next: found.next,
            total: found.total,
        })
    }

    async fn gains_of(
        &self,
        portfolio: &Stored<PortfolioRecord>,
        whole: &Whole,
        year: Option<i32>,
        jurisdiction: Option<Jurisdiction>,
    ) -> Result<GainsResponse, Error> {
        let jurisdiction = jurisdiction.unwrap_or_else(|| Jurisdiction::of(portfolio.currency));
        let rules = jurisdiction.rules()?;
        let year = year.unwrap_or_else(|| rules.tax_year_of(self.market.today()));
        let (from, to) = rules.tax_year(year).ok_or_else(unknown_year)?;
        let sold = whole
            .history
            .sold
            .iter()
            .filter(|sold| (from..=to).contains(&sold.date));
        let symbols: BTreeSet<&str> = sold.map(|sold| sold.symbol.as_str()).collect();
        let instruments = self.market.instruments(portfolio.tenant_id, symbols).await?;
        let person = Person {
            portfolios: &whole.portfolios,
            history: &whole.history,
            instruments: &instruments,
        };
        let all = person.lines(jurisdiction, (from, to))?;
        let exemption = exemption(rules, from, &all);
        let own = |line: &Line| line.portfolio == portfolio.id;
        let lines: Vec<_> = all.into_iter().filter(own).map(|line| line.line).collect();
        Ok(GainsResponse {
            portfolio_id: portfolio.id,
            user_id: portfolio.user_id,
            jurisdiction,
            source: rules.source.clone(),
            from,
            to,
            totals: totals(lines.iter()),
            lines,
            exemption,
            disclaimer: NOT_ADVICE.to_owned(),
        })
    }

    /// The losses of a portfolio that could be realised.
    pub(crate) async fn harvesting(
        &self,
        cx: &CallContext,
        id: uuid::Uuid,
        parameters: &HarvestParameters,
    ) -> Result<HarvestResponse, Error> {
        let portfolio = self.portfolios.visible(cx, id).await?;
        let whole = self.whole(portfolio.tenant_id, portfolio.user_id).await?;
        self.losses(&portfolio, &whole, parameters.jurisdiction).await
    }

    /// The same for a page of portfolios of the caller's scope; those without a loss are left out.
    pub(crate) async fn harvesting_of_book(
        &self,
        cx: &CallContext,
        filter: &BookHarvestFilter,
        page: PageRequest,
    ) -> Result<Page<HarvestResponse>, Error> {
        let found = self.page(cx, filter.user_id, page).await?;
        let people = self.people(&found.items).await?;
        let mut items = Vec::new();
        for portfolio in &found.items {
            let Some(whole) = people.get(&portfolio.user_id) else {
                continue;
            };
            let answer = self.losses(portfolio, whole, filter.jurisdiction).await?;
            if !answer.candidates.is_empty() {
                items.push(answer);
            }
        }
        Ok(Page {
            items,
            next: found.next,
            total: None,
        })
    }

    async fn losses(
        &self,
        portfolio: &Stored<PortfolioRecord>,
        whole: &Whole,
        jurisdiction: Option<Jurisdiction>,
    ) -> Result<HarvestResponse, Error> {
        let jurisdiction = jurisdiction.unwrap_or_else(|| Jurisdiction::of(portfolio.currency));
        let tenant = portfolio.tenant_id;
        let symbols = portfolio.positions.iter().map(|one| one.symbol.as_str());
        let prices = Prices::today(&self.market, tenant, symbols, &portfolio.currencies()).await?;
        let pending = match jurisdiction.rules()?.wash_sale_days {
            Some(_) => self.pending(tenant, portfolio.user_id, &prices).await?,
            None => Vec::new(),
        };
        let harvester = Harvester {
            jurisdiction,
            today: self.market.today(),
            prices: &prices,
            history: &whole.history,
            pending: &pending,
        };
        let (mut candidates, mut reasons) = (Vec::new(), Vec::new());
        for holding in self.entries.holdings(tenant, portfolio.id).await? {
            let account = portfolio.accounts.iter().find(|one| one.id == holding.account_id);
            let currency = account.map_or(portfolio.currency, |account| account.currency);
            match prices.price(&holding.symbol) {
                None if !holding.lots.is_empty() => {
                    reasons.push(format!("there is no quote of {}", holding.symbol));
                }
                Some(price) if price.stale && !holding.lots.is_empty() => reasons.push(format!(
                    "the quote of {} is of {}: it is stale",
                    holding.symbol, price.date
                )),
                _ => {}
            }
            candidates.extend(harvester.candidates(&holding, currency)?);
        }
        candidates.sort_by_key(|one| std::cmp::Reverse(one.estimated_saving));
        reasons.dedup();
        Ok(HarvestResponse {
            portfolio_id: portfolio.id,
            user_id: portfolio.user_id,
            jurisdiction,
            candidates,
            reasons,
            disclaimer: NOT_ADVICE.to_owned(),
        })
    }

    /// What a person's orders and schedules will buy.
    async fn pending(&self, tenant: TenantId, user: UserId, prices: &Prices) -> Result<Vec<Pending>, Error> {
        let scope = Scope::Own { tenant, user };
        let today = self.market.today();
        let price_of = |symbol: &str| prices.price(symbol).map_or(Decimal::ZERO, |price| price.price);
        let mut pending = Vec::new();
        for state in OPEN {
            let query = Query::all().equals("state", state.as_str());
            for order in self.store.find_all::<OrderRecord>(&scope, query).await? {
                let left = order.quantity - order.filled;
                if order.side == OrderWay::Buy && left > Decimal::ZERO {
                    pending.push(Pending {
                        portfolio: order.portfolio_id,
                        symbol: order.symbol.clone(),
                        kind: "order",
                        date: today,
                        quantity: left,
                        price: order.limit_price.unwrap_or_else(|| price_of(&order.symbol)),
                    });
                }
            }
        }
        let query = Query::all().equals("state", ScheduleState::Active.as_str());
        for schedule in self.store.find_all::<ScheduleRecord>(&scope, query).await? {
            let price = price_of(&schedule.symbol);
            let of_amount = schedule.amount.and_then(|amount| amount.checked_div(price));
            let quantity = schedule.quantity.or(of_amount).unwrap_or_default();
            let due = schedule.next().filter(|_| schedule.kind == ScheduleType::Sip);
            if let Some(due) = due.filter(|_| quantity > Decimal::ZERO) {
                pending.push(Pending {
                    portfolio: schedule.portfolio_id,
                    symbol: schedule.symbol.clone(),
                    kind: "schedule",
                    date: due.on,
                    quantity: quantity.round_dp(8),
                    price,
                });
            }
        }
        Ok(pending)
    }

    async fn page(
        &self,
        cx: &CallContext,
        user: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<Stored<PortfolioRecord>>, Error> {
        let scope = match user {
            Some(user) => self.access.reading(cx, user).await?,
            None => cx.scope()?,
        };
        self.portfolios.list(&scope, "created_at", page).await
    }

    async fn people(&self, portfolios: &[Stored<PortfolioRecord>]) -> Result<BTreeMap<UserId, Whole>, Error> {
        let mut people = BTreeMap::new();
        for portfolio in portfolios {
            if let MapEntry::Vacant(place) = people.entry(portfolio.user_id) {
                place.insert(self.whole(portfolio.tenant_id, portfolio.user_id).await?);
            }
        }
        Ok(people)
    }

    /// Everything of a person: wash sales look at all of their portfolios.
    async fn whole(&self, tenant: TenantId, user: UserId) -> Result<Whole, Error> {
        let scope = Scope::Own { tenant, user };
        let portfolios = self
            .store
            .find_all::<PortfolioRecord>(&scope, Query::all())
            .await?;
        let mut entries: Vec<Stored<Entry>> = Vec::new();
        for portfolio in &portfolios {
            entries.extend(self.entries.all(tenant, portfolio.id).await?);
        }
        Ok(Whole {
            history: History::of(&entries),
            portfolios,
        })
    }
}

/// Before anything is read: the answer is the same for those who have no portfolio.
fn check_year(year: Option<i32>) -> Result<(), Error> {
    match year {
        Some(year) if !YEARS.contains(&year) => Err(unknown_year()),
        _ => Ok(()),
    }
}

fn unknown_year() -> Error {
    Error::invalid("year", format!("must be {} to {}", YEARS.start(), YEARS.end()))
}
