use super::{Market, models::Instrument, requests::STALE_AFTER_DAYS};
use crate::error::Error;
use chrono::NaiveDate;
use kernel::{Currency, TenantId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The price of one, and of which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) price: Decimal,
    pub(crate) date: NaiveDate,
    pub(crate) stale: bool,
}

/// The newest prices of some instruments on a day, and the rates of their currencies. Read once, so that everything that is
/// valued with it is valued alike.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    pub(crate) instruments: BTreeMap<String, Instrument>,
    prices: BTreeMap<String, Price>,
    rates: BTreeMap<(&'static str, &'static str), Decimal>,
}

impl Prices {
    /// The prices of today: one document for each instrument.
    pub(crate) async fn today<'a>(
        market: &Market,
        tenant: TenantId,
        symbols: impl IntoIterator<Item = &'a str>,
        currencies: &[Currency],
    ) -> Result<Self, Error> {
        let mut prices = Self::default();
        prices.extend(market, tenant, symbols, currencies).await?;
        Ok(prices)
    }

    /// Reads what is not known yet.
    pub(crate) async fn extend<'a>(
        &mut self,
        market: &Market,
        tenant: TenantId,
        symbols: impl IntoIterator<Item = &'a str>,
        currencies: &[Currency],
    ) -> Result<(), Error> {
        let today = market.today();
        let unknown: Vec<&str> = symbols
            .into_iter()
            .filter(|symbol| !self.instruments.contains_key(*symbol))
            .collect();
        for (symbol, instrument) in market.instruments(tenant, unknown).await? {
            if let Some((price, date)) = instrument.price_on(today) {
                self.prices.insert(symbol.clone(), price_of(price, date, today));
            }
            self.instruments.insert(symbol, instrument);
        }
        self.read_rates(market, tenant, currencies, today).await
    }

    pub(crate) fn price(&self, symbol: &str) -> Option<Price> {
        self.prices.get(symbol).copied()
    }

    /// What one unit of a currency costs in another, if that is known.
    pub(crate) fn rate(&self, from: Currency, to: Currency) -> Option<Decimal> {
        match from == to {
            true => Some(Decimal::ONE),
            false => self.rates.get(&(from.code(), to.code())).copied(),
        }
    }

    /// The rates between the instruments' currencies and those that are wanted: the quote of `USDINR`, or one over that of
    /// `INRUSD`.
    async fn read_rates(
        &mut self,
        market: &Market,
        tenant: TenantId,
        currencies: &[Currency],
        day: NaiveDate,
    ) -> Result<(), Error> {
        let mut from: Vec<Currency> = self.instruments.values().map(|one| one.currency).collect();
        from.extend(currencies);
        for from in from {
            for to in currencies {
                let pair = (from.code(), to.code());
                if from == *to || self.rates.contains_key(&pair) {
                    continue;
                }
                let rate = market.rate(tenant, (from, *to), day).await?;
                if let Some(rate) = rate {
                    self.rates.insert(pair, rate);
                }
            }
        }
        Ok(())
    }
}

fn price_of(price: Decimal, date: NaiveDate, day: NaiveDate) -> Price {
    Price {
        price,
        date,
        stale: (day - date).num_days() > STALE_AFTER_DAYS,
    }
}
