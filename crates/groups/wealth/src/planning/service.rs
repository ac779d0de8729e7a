use super::{
    drift::{drift, key_of},
    requests::{
        DriftResponse, PlanMode, PlannedTrade, RebalanceRequest, RebalanceResponse, SkippedTrade,
        TargetsRequest,
    },
};
use crate::{
    access::Access,
    entries::{EntriesStore, account_of},
    error::Error,
    market::{Market, Prices},
    portfolios::{CASH, PortfolioRecord, PortfoliosService, Target, TargetBy, announce, composed, value_of},
    versions,
};
use calculator::{Side, rebalance_keeping};
use chrono::Months;
use kernel::{Amount, CallContext, Page, PageRequest};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use store::Stored;
use uuid::Uuid;
use wealth_contract::PORTFOLIO_UPDATED;

/// Months after which a gain is long-term, for plans that avoid short-term ones.
const LONG_TERM_MONTHS: Months = Months::new(12);

/// Keeps targets, and plans.
#[derive(Clone)]
pub(crate) struct Planning {
    portfolios: PortfoliosService,
    entries: EntriesStore,
    market: Market,
}

impl Planning {
    pub(crate) fn new(portfolios: PortfoliosService, entries: EntriesStore, market: Market) -> Self {
        Self {
            portfolios,
            entries,
            market,
        }
    }

    /// Replaces the targets of a portfolio; answers how far it is from them.
    pub(crate) async fn put_targets(
        &self,
        cx: &CallContext,
        id: Uuid,
        expected: Option<u64>,
        request: TargetsRequest,
    ) -> Result<(u64, DriftResponse), Error> {
        let current = self.portfolios.store().visible(cx, id).await?;
        Access::writing(cx, current.user_id)?;
        let (by, targets) = self.checked(cx, &request).await?;
        versions::check(current.version, expected, request.version)?;
        let prices = self
            .portfolios
            .prices(current.tenant_id, std::slice::from_ref(&current))
            .await?;
        let documents = self.portfolios.store().documents();
        let mut batch = documents.batch(cx);
        let stored = batch.replace(&current.changed(|data| {
            data.targets_by = by;
            data.targets.clone_from(&targets);
        }));
        announce(cx, &mut batch, PORTFOLIO_UPDATED, &stored);
        batch.event(composed(cx, &stored, &prices, self.market.today()));
        versions::commit(documents, batch, expected).await?;
        Ok((stored.version, drift(&stored, &prices)))
    }

    async fn checked(
        &self,
        cx: &CallContext,
        request: &TargetsRequest,
    ) -> Result<(TargetBy, Vec<Target>), Error> {
        let by = request.by.unwrap_or_default();
        let mut targets: Vec<Target> = Vec::new();
        let part = |amount: Decimal| (Decimal::ZERO..=Decimal::ONE).contains(&amount);
        for (index, one) in request.targets.iter().enumerate() {
            let at = |field: &str| format!("targets[{index}].{field}");
            let key = match by {
                TargetBy::Symbol if one.key.as_str() != CASH => one.key.to_ascii_uppercase(),
                _ => one.key.as_str().to_owned(),
            };
            if targets.iter().any(|known| known.key == key) {
                return Err(Error::invalid(&at("key"), "has a target already"));
            }
            if by == TargetBy::Symbol && key != CASH {
                let known = self.market.instrument(cx.tenant(), &key).await?;
                known.ok_or_else(|| Error::invalid(&at("key"), "is no instrument that is known"))?;
            }
            if !part(one.weight.0) {
                return Err(Error::invalid(&at("weight"), "must be 0 to 1"));
            }
            let band = one.band.map_or(Decimal::new(5, 2), |band| band.0);
            if !part(band) {
                return Err(Error::invalid(&at("band"), "must be 0 to 1"));
            }
            targets.push(Target {
                key,
                weight: one.weight.0.normalize(),
                band: band.normalize(),
            });
        }
        let together: Decimal = targets.iter().map(|target| target.weight).sum();
        match together <= Decimal::ONE {
            true => Ok((by, targets)),
            false => Err(Error::invalid("targets", "must add up to at most 1")),
        }
    }

    /// How far a portfolio is from its targets.
    pub(crate) async fn drift(&self, cx: &CallContext, id: Uuid) -> Result<DriftResponse, Error> {
        let stored = self.portfolios.store().visible(cx, id).await?;
        let prices = self
            .portfolios
            .prices(stored.tenant_id, std::slice::from_ref(&stored))
            .await?;
        Ok(drift(&stored, &prices))
    }

    /// The same for a page of all portfolios of the caller's scope.
    pub(crate) async fn drift_of_book(
        &self,
        cx: &CallContext,
        page: PageRequest,
    ) -> Result<Page<DriftResponse>, Error> {
        let (page, prices) = self.portfolios.page(&cx.scope()?, page).await?;
        Ok(page.map(|stored| drift(&stored, &prices)))
    }

    /// What leads an account to the targets of its portfolio.
    pub(crate) async fn plan(
        &self,
        cx: &CallContext,
        id: Uuid,
        request: &RebalanceRequest,
    ) -> Result<RebalanceResponse, Error> {
        let stored = self.portfolios.store().visible(cx, id).await?;
        let account = account_of(&stored, request.account_id)?;
        if stored.targets.is_empty() {
            return Err(Error::standing(
                "no_targets",
                "this portfolio has no targets: set them first",
            ));
        }
        let targeted = match stored.targets_by {
            TargetBy::Symbol => stored.targets.iter().map(|target| target.key.as_str()).collect(),
            _ => Vec::new(),
        };
        let held = stored.positions.iter().map(|one| one.symbol.as_str());
        let symbols = held.chain(targeted.iter().copied().filter(|key| *key != CASH));
        let prices = Prices::today(&self.market, stored.tenant_id, symbols, &stored.currencies()).await?;
        let mut skipped = Vec::new();
        let (positions, known) = priced(&stored, account.id, &prices, &mut skipped);
        let targets = self.weights(&stored, &positions, &known, &prices, &mut skipped);
        let mode = request.mode.unwrap_or_default();
        let kept = self.kept(&stored, account.id, request, &prices).await?;
        let minimum = request.minimum_trade.map_or(Decimal::ZERO, |minimum| minimum.0);
        let cash = account.cash.max(Decimal::ZERO);
        let plan = rebalance_keeping(&positions, &targets, &known, cash, minimum, &kept)?;
        let trade = |trade: &calculator::RebalanceTrade| PlannedTrade {
            symbol: trade.symbol.clone(),
            side: match trade.side {
                Side::Buy => "buy".to_owned(),
                Side::Sell => "sell".to_owned(),
            },
            quantity: Amount(trade.quantity),
            amount: Amount(trade.amount),
        };
        let left = plan.skipped.into_iter();
        skipped.extend(left.map(|(symbol, reason)| SkippedTrade { symbol, reason }));
        Ok(RebalanceResponse {
            portfolio_id: stored.id,
            account_id: account.id,
            currency: account.currency,
            mode,
            trades: plan.trades.iter().map(trade).collect(),
            skipped,
            cash_after: Amount(plan.cash),
            reasons: value_of(&stored, &prices).reasons,
        })
    }

    /// The weights of single instruments: those of classes and sectors are shared by what is held of them, by worth.
    fn weights(
        &self,
        stored: &Stored<PortfolioRecord>,
        positions: &BTreeMap<String, Decimal>,
        known: &BTreeMap<String, Decimal>,
        prices: &Prices,
        skipped: &mut Vec<SkippedTrade>,
    ) -> BTreeMap<String, Decimal> {
        let mut weights = BTreeMap::new();
        for target in stored.targets.iter().filter(|target| target.key != CASH) {
            let members: Vec<(&String, Decimal)> = match stored.targets_by {
                TargetBy::Symbol => known
                    .get_key_value(&target.key)
                    .map(|(symbol, _)| (symbol, Decimal::ONE))
                    .into_iter()
                    .collect(),
                by => positions
                    .iter()
                    .filter(|(symbol, _)| key_of(by, symbol, prices) == target.key)
                    .filter_map(|(symbol, quantity)| {
                        Some((symbol, quantity.checked_mul(*known.get(symbol)?)?))
                    })
                    .collect(),
            };
            let worth: Decimal = members.iter().map(|(_, worth)| *worth).sum();
            if worth.is_zero() {
                let reason = match stored.targets_by {
                    TargetBy::Symbol => {
                        "there is no quote, or it is quoted in another currency than the account's"
                    }
                    _ => "nothing of it is held: choose what to buy",
                };
                skipped.push(SkippedTrade {
                    symbol: target.key.clone(),
                    reason: reason.to_owned(),
                });
            }
            for (symbol, part) in members {
                let weight = target
                    .weight
                    .checked_mul(part)
                    .and_then(|part| part.checked_div(worth));
                let weight = weight
                    .unwrap_or_default()
                    .round_dp_with_strategy(18, rust_decimal::RoundingStrategy::ToZero);
                weights.insert(symbol.clone(), weight);
            }
        }
        weights
    }

    /// What is not sold, and why.
    async fn kept(
        &self,
        stored: &Stored<PortfolioRecord>,
        account: Uuid,
        request: &RebalanceRequest,
        prices: &Prices,
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut kept = BTreeMap::new();
        if request.mode == Some(PlanMode::BuyOnly) {
            let reason = "it is above its target, and the plan only buys";
            let held = stored.positions.iter();
            return Ok(held.map(|one| (one.symbol.clone(), reason.to_owned())).collect());
        }
        if !request.tax_aware.unwrap_or(false) {
            return Ok(kept);
        }
        let today = self.market.today();
        for holding in self.entries.holdings(stored.tenant_id, stored.id).await? {
            let Some(price) = prices
                .price(&holding.symbol)
                .filter(|_| holding.account_id == account)
            else {
                continue;
            };
            let gains = holding
                .lots
                .iter()
                .filter(|lot| lot.acquired + LONG_TERM_MONTHS >= today);
            let gains = gains.filter(|lot| lot.quantity * price.price > lot.cost).count();
            if gains > 0 {
                let reason = format!(
                    "selling would realise short-term gains: {gains} lots are held for a year or less"
                );
                kept.insert(holding.symbol.clone(), reason);
            }
        }
        Ok(kept)
    }
}

/// Positions of an account that have a price, and the prices of everything that can be traded on it.
fn priced(
    stored: &Stored<PortfolioRecord>,
    account: Uuid,
    prices: &Prices,
    skipped: &mut Vec<SkippedTrade>,
) -> (BTreeMap<String, Decimal>, BTreeMap<String, Decimal>) {
    let currency = stored
        .accounts
        .iter()
        .find(|one| one.id == account)
        .map(|one| one.currency);
    let known: BTreeMap<String, Decimal> = prices
        .instruments
        .iter()
        .filter(|(_, instrument)| Some(instrument.currency) == currency)
        .filter_map(|(symbol, _)| Some((symbol.clone(), prices.price(symbol)?.price)))
        .collect();
    let mut positions = BTreeMap::new();
    for one in stored
        .positions
        .iter()
        .filter(|one| one.account_id == account && !one.quantity.is_zero())
    {
        match known.contains_key(&one.symbol) {
            true => drop(positions.insert(one.symbol.clone(), one.quantity)),
            false => skipped.push(SkippedTrade {
                symbol: one.symbol.clone(),
                reason: "there is no quote: it is left as it is".to_owned(),
            }),
        }
    }
    (positions, known)
}
