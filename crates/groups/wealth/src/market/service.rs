use super::{
    models::{Instrument, Quote, instrument_id, quote_id},
    requests::{
        InstrumentFilter, InstrumentRequest, InstrumentResponse, QuoteFilter, QuoteResponse, QuoteRow,
    },
};
use crate::{access::Access, error::Error, versions};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use kernel::{
    AuditRecord, CallContext, Currency, IdempotencyKey, NewEvent, Page, PageRequest, Scope, TenantId, Text,
};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, Key, Query, Sort, Store, StoreError, Stored};
use wealth_contract::{INSTRUMENT_CHANGED, MARKET_QUOTED};

/// How many quotes one commit takes.
pub(super) const COMMIT_ROWS: usize = 500;

/// Instruments and quotes of firms.
#[derive(Clone)]
pub(crate) struct Market {
    pub(super) store: Store,
    currency: Currency,
    timezone: Tz,
}

impl Market {
    pub(crate) fn new(store: Store, currency: Currency, timezone: Tz) -> Self {
        Self {
            store,
            currency,
            timezone,
        }
    }

    /// The day in the installation's timezone.
    pub(crate) fn today(&self) -> NaiveDate {
        self.store
            .sources()
            .now()
            .with_timezone(&self.timezone)
            .date_naive()
    }

    /// The day of a moment in the installation's timezone.
    pub(crate) fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.timezone).date_naive()
    }

    /// When a day begins in the installation's timezone.
    pub(crate) fn begins(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        match midnight.and_local_timezone(self.timezone).earliest() {
            Some(begins) => begins.with_timezone(&Utc),
            None => midnight.and_utc(),
        }
    }

    /// Makes an instrument, once for each key.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        key: &IdempotencyKey,
        request: InstrumentRequest,
    ) -> Result<InstrumentResponse, Error> {
        Access::market(cx)?;
        if request.version.is_some() {
            return Err(Error::invalid(
                "version",
                "is for changes: leave it out of a new instrument",
            ));
        }
        request
            .check()
            .map_err(|(field, message)| Error::invalid(field, message))?;
        let today = self.today();
        let made = self
            .store
            .once(cx, "wealth.create_instrument", key, &request, |mut batch| {
                let request = request.clone();
                async move {
                    if self
                        .instrument(cx.tenant(), request.symbol.as_str())
                        .await?
                        .is_some()
                    {
                        let reason = "there is an instrument with this symbol: change that one";
                        return Err(Error::standing("symbol_taken", reason));
                    }
                    let stored = self.insert(cx, &mut batch, request);
                    Ok((batch, InstrumentResponse::new(stored, today)))
                }
            });
        match made.await {
            Err(Error::Store(StoreError::Duplicate { .. })) => Err(Error::standing(
                "symbol_taken",
                "there is an instrument with this symbol: change that one",
            )),
            answer => answer,
        }
    }

    /// Replaces what is known of an instrument. Its symbol and currency are for ever.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        symbol: &str,
        expected: Option<u64>,
        request: InstrumentRequest,
    ) -> Result<InstrumentResponse, Error> {
        Access::market(cx)?;
        let current = self.known(cx.tenant(), symbol).await?;
        request
            .check()
            .map_err(|(field, message)| Error::invalid(field, message))?;
        if request.symbol.as_str() != current.symbol {
            return Err(Error::invalid(
                "symbol",
                "cannot be changed here: record a symbol change",
            ));
        }
        if request
            .currency
            .is_some_and(|currency| currency != current.currency)
        {
            return Err(Error::invalid("currency", "cannot be changed"));
        }
        versions::check(current.version, expected, request.version)?;
        let mut batch = self.store.batch(cx);
        let stored = batch.replace(&current.changed(|instrument| {
            instrument.name = request.name.into_string();
            instrument.class = request.class;
            instrument.sector = request.sector.map(Text::into_string);
            instrument.product_risk = request.product_risk;
            instrument.fair_value_2018 = request.fair_value_2018.map(|value| value.0);
        }));
        announce(cx, &mut batch, &stored);
        versions::commit(&self.store, batch, expected).await?;
        Ok(InstrumentResponse::new(stored, self.today()))
    }

    pub(crate) async fn get(&self, cx: &CallContext, symbol: &str) -> Result<InstrumentResponse, Error> {
        let stored = self.known(cx.scope()?.tenant(), symbol).await?;
        Ok(InstrumentResponse::new(stored, self.today()))
    }

    pub(crate) async fn list(
        &self,
        cx: &CallContext,
        filter: &InstrumentFilter,
        page: PageRequest,
    ) -> Result<Page<InstrumentResponse>, Error> {
        let scope = tenant_of(cx)?;
        let mut query = Query::sorted(Sort::ascending("symbol")).page(page);
        if let Some(prefix) = &filter.prefix {
            query = query.prefix(prefix.as_str());
        }
        let today = self.today();
        let found = self.store.find::<Instrument>(&scope, query).await?;
        Ok(found.map(|stored| InstrumentResponse::new(stored, today)))
    }

    /// Keeps one quote, or replaces the one of that day.
    pub(crate) async fn quote(&self, cx: &CallContext, row: QuoteRow) -> Result<QuoteResponse, Error> {
        Access::market(cx)?;
        row.check()
            .map_err(|(field, message)| Error::invalid(field, message))?;
        self.known(cx.tenant(), row.symbol.as_str())
            .await
            .map_err(|error| match error {
                Error::Missing { .. } => Error::invalid("symbol", "is not known: make the instrument first"),
                other => other,
            })?;
        let (price, date) = (row.price.0, row.date.date());
        let adjusted = row.adjusted.unwrap_or(false);
        let symbol = row.symbol.clone();
        self.keep(cx, &[row]).await?;
        Ok(QuoteResponse::new(
            symbol.as_str(),
            price,
            date,
            adjusted,
            self.today(),
        ))
    }

    pub(crate) async fn quotes(
        &self,
        cx: &CallContext,
        filter: &QuoteFilter,
        page: PageRequest,
    ) -> Result<Page<QuoteResponse>, Error> {
        let from = filter.from.map(|from| Key::from(from.date()));
        let until = filter.to.and_then(|to| to.date().checked_add_days(Days::new(1)));
        let query = Query::sorted(Sort::descending("date"))
            .equals("symbol", filter.symbol.as_str())
            .between(from, until.map(Key::from))
            .page(page);
        let today = self.today();
        let found = self.store.find::<Quote>(&tenant_of(cx)?, query).await?;
        Ok(found.map(|quote| QuoteResponse::of(&quote, today)))
    }

    /// An instrument by its symbol.
    pub(crate) async fn instrument(
        &self,
        tenant: TenantId,
        symbol: &str,
    ) -> Result<Option<Stored<Instrument>>, Error> {
        let id = instrument_id(tenant, symbol);
        Ok(self.store.get(&Scope::Tenant { tenant }, id).await?)
    }

    /// Instruments by their symbols; those that nobody made are not in it.
    pub(crate) async fn instruments<'a>(
        &self,
        tenant: TenantId,
        symbols: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, Instrument>, Error> {
        let mut found = BTreeMap::new();
        for symbol in symbols.into_iter().collect::<BTreeSet<_>>() {
            if let Some(instrument) = self.instrument(tenant, symbol).await? {
                found.insert(symbol.to_owned(), instrument.data);
            }
        }
        Ok(found)
    }

    /// The quotes of a symbol in a span of days, oldest first.
    pub(crate) async fn history(
        &self,
        tenant: TenantId,
        symbol: &str,
        from: Option<NaiveDate>,
        to: NaiveDate,
    ) -> Result<Vec<Quote>, Error> {
        let until = to.checked_add_days(Days::new(1)).map(Key::from);
        let query = Query::sorted(Sort::ascending("date"))
            .equals("symbol", symbol)
            .between(from.map(Key::from), until);
        let found = self
            .store
            .find_all::<Quote>(&Scope::Tenant { tenant }, query)
            .await?;
        Ok(found.into_iter().map(|quote| quote.data).collect())
    }

    /// The newest quote of a symbol on or before a day.
    pub(crate) async fn newest(
        &self,
        tenant: TenantId,
        symbol: &str,
        day: NaiveDate,
    ) -> Result<Option<Quote>, Error> {
        let until = day.checked_add_days(Days::new(1)).map(Key::from);
        let query = Query::sorted(Sort::descending("date"))
            .equals("symbol", symbol)
            .between(None, until);
        let found = self
            .store
            .find_first::<Quote>(&Scope::Tenant { tenant }, query)
            .await?;
        Ok(found.map(|quote| quote.data))
    }

    /// What one unit of a currency costs in another on a day, if that is known: by the quote of `USDINR`, or one over that of
    /// `INRUSD`, whichever is newer.
    pub(crate) async fn rate(
        &self,
        tenant: TenantId,
        (from, to): (Currency, Currency),
        day: NaiveDate,
    ) -> Result<Option<Decimal>, Error> {
        if from == to {
            return Ok(Some(Decimal::ONE));
        }
        let direct = self.newest(tenant, &format!("{from}{to}"), day).await?;
        let inverse = self.newest(tenant, &format!("{to}{from}"), day).await?;
        Ok(match (direct, inverse) {
            (Some(direct), Some(inverse)) if inverse.date > direct.date => {
                Decimal::ONE.checked_div(inverse.price)
            }
            (Some(direct), _) => Some(direct.price),
            (None, Some(inverse)) => Decimal::ONE.checked_div(inverse.price),
            (None, None) => None,
        })
    }

    async fn known(&self, tenant: TenantId, symbol: &str) -> Result<Stored<Instrument>, Error> {
        self.instrument(tenant, symbol)
            .await?
            .ok_or(Error::Missing { what: "instrument" })
    }

    pub(super) async fn keep(&self, cx: &CallContext, rows: &[QuoteRow]) -> Result<usize, Error> {
        let lost = |error: &Error| matches!(error, Error::Store(error) if error.is_lost_race());
        self.store
            .anew(cx, lost, async || self.keep_once(cx, rows).await)
            .await
    }

    /// Keeps quotes in one commit, and the newest of each instrument on it. Answers how many were new or changed.
    async fn keep_once(&self, cx: &CallContext, rows: &[QuoteRow]) -> Result<usize, Error> {
        let scope = Scope::Tenant { tenant: cx.tenant() };
        let mut batch = self.store.batch(cx);
        let mut newest: BTreeMap<&str, (NaiveDate, Decimal, bool)> = BTreeMap::new();
        let mut changed = 0;
        for row in rows {
            let (symbol, date) = (row.symbol.as_str(), row.date.date());
            let quote = Quote {
                symbol: symbol.to_owned(),
                date,
                price: row.price.0.normalize(),
                adjusted: row.adjusted.unwrap_or(false),
            };
            let last = newest
                .entry(symbol)
                .or_insert((date, quote.price, quote.adjusted));
            if date >= last.0 {
                *last = (date, quote.price, quote.adjusted);
            }
            let id = quote_id(cx.tenant(), symbol, date);
            match self.store.get::<Quote>(&scope, id).await? {
                Some(known) if known.data == quote => continue,
                Some(known) => batch.replace(&known.with(quote)),
                None => batch.insert(id, quote),
            };
            changed += 1;
        }
        if changed == 0 {
            return Ok(0);
        }
        let mut moved = Vec::new();
        for (symbol, (date, price, adjusted)) in &newest {
            let instrument = self.known(cx.tenant(), symbol).await?;
            if instrument.last_date.is_none_or(|last| last <= *date) {
                moved.push(*symbol);
                batch.replace(&instrument.changed(|instrument| {
                    instrument.last_date = Some(*date);
                    instrument.last_price = Some(*price);
                    instrument.last_adjusted = *adjusted;
                }));
            }
        }
        let symbols: Vec<&str> = newest.keys().copied().collect();
        let data = json!({ "symbols": symbols, "newest": moved, "quotes": changed });
        batch.event(NewEvent::new(cx, MARKET_QUOTED, "market", data));
        self.store.commit(batch).await?;
        Ok(changed)
    }

    pub(super) fn insert(
        &self,
        cx: &CallContext,
        batch: &mut Batch,
        request: InstrumentRequest,
    ) -> Stored<Instrument> {
        let id = instrument_id(cx.tenant(), request.symbol.as_str());
        let record = Instrument {
            symbol: request.symbol.to_string(),
            name: request.name.into_string(),
            class: request.class,
            sector: request.sector.map(Text::into_string),
            currency: request.currency.unwrap_or(self.currency),
            product_risk: request.product_risk,
            fair_value_2018: request.fair_value_2018.map(|value| value.0),
            last_price: None,
            last_date: None,
            last_adjusted: false,
            splits: Vec::new(),
        };
        let stored = batch.insert(id, record);
        announce(cx, batch, &stored);
        stored
    }
}

fn tenant_of(cx: &CallContext) -> Result<Scope, Error> {
    Ok(Scope::Tenant {
        tenant: cx.scope()?.tenant(),
    })
}

fn announce(cx: &CallContext, batch: &mut Batch, stored: &Stored<Instrument>) {
    let subject = format!("instrument/{}", stored.id);
    let data = json!({
        "symbol": stored.symbol, "class": stored.class, "currency": stored.currency,
        "product_risk": stored.product_risk,
    });
    batch.event(NewEvent::new(cx, INSTRUMENT_CHANGED, subject.clone(), data).at_version(stored.version));
    let audit = AuditRecord::new(INSTRUMENT_CHANGED, subject);
    batch.event(audit.into_event(cx).at_version(stored.version));
}
