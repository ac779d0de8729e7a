use super::{
    holding::{Holding, holding_id},
    models::{Entry, EntryKind, Leg, Lot},
    sale::{SaleRule, not_held, rounded, sell},
    state::{AccountState, PositionState, short_of},
};
use crate::{
    error::Error,
    market::{Market, Prices},
    portfolios::{PortfolioRecord, composed, value_of, valued},
};
use chrono::NaiveDate;
use kernel::{CallContext, NewEvent, Scope};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;
use store::{Batch, Query, Store, Stored};
use uuid::Uuid;
use wealth_contract::PORTFOLIO_ENTERED;

/// Where entries are made: a portfolio as it was read, what changes in it, and at the end everything in one batch. Two who work
/// on one portfolio at the same time cannot both commit.
pub(crate) struct Desk {
    store: Store,
    market: Market,
    original: Stored<PortfolioRecord>,
    portfolio: PortfolioRecord,
    holdings: BTreeMap<Uuid, (Option<Stored<Holding>>, Holding)>,
    entries: Vec<(Uuid, Entry)>,
}

/// What is bought or sold.
pub(crate) struct Deal<'a> {
    pub(crate) account: Uuid,
    pub(crate) symbol: &'a str,
    pub(crate) date: NaiveDate,
    pub(crate) quantity: Decimal,
    pub(crate) price: Decimal,
    pub(crate) fees: Decimal,
    pub(crate) cause: Option<String>,
}

impl Desk {
    pub(crate) fn new(store: &Store, market: &Market, portfolio: Stored<PortfolioRecord>) -> Self {
        Self {
            store: store.clone(),
            market: market.clone(),
            portfolio: portfolio.data.clone(),
            original: portfolio,
            holdings: BTreeMap::new(),
            entries: Vec::new(),
        }
    }

    /// An account of the portfolio: the one that is named, or the only one.
    pub(crate) fn account(&self, named: Option<Uuid>) -> Result<AccountState, Error> {
        account_of(&self.portfolio, named)
    }

    /// The lots of an instrument on an account, as they are by now.
    pub(crate) async fn holding(&mut self, account: Uuid, symbol: &str) -> Result<&mut Holding, Error> {
        let id = holding_id(account, symbol);
        if !self.holdings.contains_key(&id) {
            let scope = Scope::Tenant {
                tenant: self.original.tenant_id,
            };
            let stored = self.store.get::<Holding>(&scope, id).await?;
            let holding = stored.as_ref().map_or_else(
                || Holding {
                    user_id: self.portfolio.user_id,
                    portfolio_id: self.original.id,
                    account_id: account,
                    symbol: symbol.to_owned(),
                    lots: Vec::new(),
                    realised: Decimal::ZERO,
                },
                |stored| stored.data.clone(),
            );
            self.holdings.insert(id, (stored, holding));
        }
        let held = self.holdings.get_mut(&id).map(|(_, holding)| holding);
        held.ok_or_else(|| kernel::CallError::internal("a holding that was read is not there").into())
    }

    /// Buys: a lot that costs the amount and the fees.
    pub(crate) async fn buy(&mut self, deal: &Deal<'_>) -> Result<(), Error> {
        let account = self.account(Some(deal.account))?;
        let cost = rounded(product(deal.quantity, deal.price)? + deal.fees, account.currency)?;
        let lot = self.new_lot(deal.date, deal.quantity, cost);
        let mut entry = self.blank(deal.account, deal.date, EntryKind::Buy);
        entry.cash = -cost;
        entry.price = Some(deal.price);
        entry.fees = deal.fees;
        entry.legs = vec![Leg::of_new(deal.symbol, lot)];
        entry.cause.clone_from(&deal.cause);
        self.enter(entry).await
    }

    /// Takes shares in with what they had cost: no cash moves.
    pub(crate) async fn transfer_in(&mut self, deal: &Deal<'_>) -> Result<(), Error> {
        let account = self.account(Some(deal.account))?;
        let cost = rounded(product(deal.quantity, deal.price)? + deal.fees, account.currency)?;
        let lot = self.new_lot(deal.date, deal.quantity, cost);
        let mut entry = self.blank(deal.account, deal.date, EntryKind::TransferIn);
        entry.flow = cost;
        entry.price = Some(deal.price);
        entry.fees = deal.fees;
        entry.legs = vec![Leg::of_new(deal.symbol, lot)];
        entry.cause.clone_from(&deal.cause);
        self.enter(entry).await
    }

    /// Sells: from lots by the rule, or by the account's own.
    pub(crate) async fn sell(&mut self, deal: &Deal<'_>, rule: Option<SaleRule>) -> Result<(), Error> {
        let account = self.account(Some(deal.account))?;
        let proceeds = rounded(product(deal.quantity, deal.price)? - deal.fees, account.currency)?;
        if proceeds < Decimal::ZERO {
            return Err(Error::invalid("fees", "must not be more than the sale brings"));
        }
        let rule = rule.unwrap_or(SaleRule::By(account.method.into()));
        let holding = self.holding(deal.account, deal.symbol).await?;
        if holding.lots.is_empty() {
            return Err(not_held(deal.symbol, Decimal::ZERO));
        }
        let leg = sell(
            holding,
            &rule,
            deal.date,
            deal.quantity,
            proceeds,
            account.currency,
        )?;
        let mut entry = self.blank(deal.account, deal.date, EntryKind::Sell);
        entry.cash = proceeds;
        entry.price = Some(deal.price);
        entry.fees = deal.fees;
        entry.method = Some(rule.name().to_owned());
        entry.legs = vec![leg];
        entry.cause.clone_from(&deal.cause);
        self.enter(entry).await
    }

    /// Moves cash: above 0 in, below 0 out.
    pub(crate) async fn cash(
        &mut self,
        account: Uuid,
        date: NaiveDate,
        kind: EntryKind,
        amount: Decimal,
        cause: Option<String>,
    ) -> Result<(), Error> {
        let mut entry = self.blank(account, date, kind);
        entry.cash = amount;
        if kind.is_flow() {
            entry.flow = amount;
        }
        entry.cause = cause;
        self.enter(entry).await
    }

    /// Lets money go that was set aside on an account.
    pub(crate) fn release(&mut self, account: Uuid, amount: Decimal) {
        self.portfolio.release(account, amount);
    }

    /// An entry of this portfolio without anything in it yet.
    pub(crate) fn blank(&self, account: Uuid, date: NaiveDate, kind: EntryKind) -> Entry {
        Entry {
            user_id: self.portfolio.user_id,
            portfolio_id: self.original.id,
            account_id: account,
            seq: 0,
            date,
            kind,
            cash: Decimal::ZERO,
            flow: Decimal::ZERO,
            price: None,
            fees: Decimal::ZERO,
            method: None,
            legs: Vec::new(),
            cause: None,
        }
    }

    /// A lot with a new id.
    pub(crate) fn new_lot(&self, acquired: NaiveDate, quantity: Decimal, cost: Decimal) -> Lot {
        Lot {
            id: self.store.sources().ids().next(),
            acquired,
            quantity: quantity.normalize(),
            cost,
        }
    }

    /// Applies an entry to lots, positions and cash. Refused when the cash would go below zero without a margin.
    pub(crate) async fn enter(&mut self, mut entry: Entry) -> Result<(), Error> {
        let inner = |cause: &'static str| Error::from(kernel::CallError::internal(cause));
        for leg in &entry.legs {
            let holding = self.holding(entry.account_id, &leg.symbol).await?;
            holding.apply(leg).map_err(inner)?;
            let position = PositionState {
                account_id: entry.account_id,
                symbol: leg.symbol.clone(),
                quantity: holding.quantity(),
                cost: holding.cost(),
                realised: holding.realised,
            };
            self.portfolio.put(position);
        }
        let account = self
            .portfolio
            .accounts
            .iter_mut()
            .find(|account| account.id == entry.account_id)
            .ok_or_else(|| inner("an entry names an account that is not there"))?;
        let cash = account.cash.checked_add(entry.cash);
        account.cash = cash.ok_or_else(|| Error::invalid("amount", "is too large to be kept exactly"))?;
        if account.cash < account.reserved && entry.cash < Decimal::ZERO && !account.margin {
            return Err(short_of(account.reserved - account.cash, account));
        }
        self.portfolio.entries += 1;
        entry.seq = self.portfolio.entries;
        self.entries.push((self.store.sources().ids().next(), entry));
        Ok(())
    }

    /// Puts everything into a batch: entries, lots, the portfolio with its new value, and the events. Answers how the portfolio
    /// will read, and the entries.
    pub(crate) async fn finish(
        mut self,
        cx: &CallContext,
        batch: &mut Batch,
    ) -> Result<(Stored<PortfolioRecord>, Vec<(Uuid, Entry)>), Error> {
        let tenant = self.original.tenant_id;
        let symbols = self.portfolio.positions.iter().map(|one| one.symbol.as_str());
        let prices = Prices::today(&self.market, tenant, symbols, &self.portfolio.currencies()).await?;
        let value = value_of(&self.portfolio, &prices);
        (self.portfolio.value, self.portfolio.valued_completely) = (value.total, value.complete);
        let stored = batch.replace(&self.original.with(self.portfolio.clone()));
        for (id, (known, holding)) in &self.holdings {
            match known {
                Some(known) if known.data == *holding => {}
                Some(known) => drop(batch.replace(&known.with(holding.clone()))),
                None => drop(batch.insert(*id, holding.clone())),
            }
        }
        let subject = format!("portfolio/{}", stored.id);
        for (id, entry) in &self.entries {
            batch.insert(*id, entry.clone());
            let data = json!({ "entry_id": id, "entry": entry });
            batch.event(
                NewEvent::new(cx, PORTFOLIO_ENTERED, subject.clone(), data).at_version(stored.version),
            );
        }
        self.announce_value(cx, batch, &stored).await?;
        batch.event(composed(cx, &stored, &prices, self.market.today()));
        Ok((stored, self.entries))
    }

    async fn announce_value(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        stored: &Stored<PortfolioRecord>,
    ) -> Result<(), Error> {
        let scope = Scope::Own {
            tenant: stored.tenant_id,
            user: stored.user_id,
        };
        let all = self
            .store
            .find_all::<PortfolioRecord>(&scope, Query::all())
            .await?;
        let others = all
            .iter()
            .filter(|one| one.id != stored.id && one.currency == stored.currency);
        let total = others.map(|one| one.value).sum::<Decimal>() + stored.value;
        batch.event(valued(cx, stored, total, self.market.today()));
        Ok(())
    }
}

/// An account of a portfolio: the one that is named, or the only one.
pub(crate) fn account_of(portfolio: &PortfolioRecord, named: Option<Uuid>) -> Result<AccountState, Error> {
    let found = match named {
        Some(id) => portfolio.accounts.iter().find(|account| account.id == id),
        None if portfolio.accounts.len() == 1 => portfolio.accounts.first(),
        None => return Err(Error::invalid("account_id", "must say which: there are several")),
    };
    found
        .cloned()
        .ok_or_else(|| Error::invalid("account_id", "is no account of this portfolio"))
}

fn product(quantity: Decimal, price: Decimal) -> Result<Decimal, Error> {
    quantity
        .checked_mul(price)
        .ok_or_else(|| Error::invalid("quantity", "is too large to be kept exactly"))
}

impl SaleRule {
    /// The rule in one word.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            SaleRule::By(calculator::LotMethod::Fifo) => "fifo",
            SaleRule::By(calculator::LotMethod::Lifo) => "lifo",
            SaleRule::By(calculator::LotMethod::Hifo) => "hifo",
            SaleRule::By(calculator::LotMethod::Average) => "average",
            SaleRule::Chosen(_) => "chosen",
        }
    }
}
