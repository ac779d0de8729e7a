use super::models::{AssetClass, Instrument, Quote};
use crate::symbol::Symbol;
use chrono::NaiveDate;
use kernel::{Amount, CalendarDate, Currency, Text};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Stored;
use utoipa::{IntoParams, ToSchema};

/// Prices are below this.
const TOO_LARGE: i64 = 1_000_000_000_000;

/// How many decimals a price has at most.
const FINEST: u32 = 8;

/// A quote that is older than this is stale: a long weekend with a holiday still is not.
pub(crate) const STALE_AFTER_DAYS: i64 = 4;

/// An instrument.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct InstrumentRequest {
    /// Its ticker, for ever.
    pub(crate) symbol: Symbol,
    /// What it is called.
    pub(crate) name: Text<1, 200>,
    /// What kind of thing it is.
    pub(crate) class: AssetClass,
    /// In which business, as in `banking`.
    pub(crate) sector: Option<Text<1, 80>>,
    /// In which currency it is quoted; the installation's when it is left out.
    pub(crate) currency: Option<Currency>,
    /// How much can be lost with it: 1 (hardly any) to 5 (very high).
    #[schema(minimum = 1, maximum = 5)]
    pub(crate) product_risk: u8,
    /// The highest price on 31 January 2018, for section 112A of India's Income-tax Act.
    pub(crate) fair_value_2018: Option<Amount>,
    /// The version that was read: the change is refused with 409 when it is no longer the newest.
    #[schema(minimum = 1)]
    pub(crate) version: Option<u64>,
}

impl InstrumentRequest {
    /// What is wrong with it: the field and what would be right.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        if !(1..=5).contains(&self.product_risk) {
            return Err(("product_risk", "must be 1 to 5".to_owned()));
        }
        match self.fair_value_2018 {
            Some(value) => price_check("fair_value_2018", value.0),
            None => Ok(()),
        }
    }
}

fn price_check(field: &'static str, price: Decimal) -> Result<(), (&'static str, String)> {
    if price <= Decimal::ZERO || price >= Decimal::from(TOO_LARGE) {
        let message = format!("must be more than 0 and less than {TOO_LARGE}");
        return Err((field, message));
    }
    match price.normalize().scale() > FINEST {
        true => Err((field, format!("must have {FINEST} decimals at most"))),
        false => Ok(()),
    }
}

/// An instrument and its newest quote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct InstrumentResponse {
    /// Its ticker.
    pub(crate) symbol: String,
    /// What it is called.
    pub(crate) name: String,
    /// What kind of thing it is.
    pub(crate) class: AssetClass,
    /// In which business.
    pub(crate) sector: Option<String>,
    /// In which currency it is quoted.
    pub(crate) currency: Currency,
    /// 1 (hardly any can be lost) to 5 (very much).
    pub(crate) product_risk: u8,
    /// The highest price on 31 January 2018.
    pub(crate) fair_value_2018: Option<Amount>,
    /// Its newest quote, if there is one.
    pub(crate) quote: Option<QuoteResponse>,
    /// Counts changes from 1; the `ETag`.
    pub(crate) version: u64,
}

impl InstrumentResponse {
    pub(crate) fn new(stored: Stored<Instrument>, today: NaiveDate) -> Self {
        let adjusted = stored.last_adjusted;
        let quote = stored.last_price.zip(stored.last_date);
        let quote =
            quote.map(|(price, date)| QuoteResponse::new(&stored.symbol, price, date, adjusted, today));
        Self {
            quote,
            version: stored.version,
            symbol: stored.data.symbol,
            name: stored.data.name,
            class: stored.data.class,
            sector: stored.data.sector,
            currency: stored.data.currency,
            product_risk: stored.data.product_risk,
            fair_value_2018: stored.data.fair_value_2018.map(Amount),
        }
    }
}

/// A quote to be kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct QuoteRow {
    /// Of which instrument.
    pub(crate) symbol: Symbol,
    /// Of which day.
    pub(crate) date: CalendarDate,
    /// The price of one at the end of the day: more than 0, 8 decimals at most.
    pub(crate) price: Amount,
    /// Whether it counts later splits in already; it is then never adjusted again.
    pub(crate) adjusted: Option<bool>,
}

impl QuoteRow {
    /// What is wrong with it: the field and what would be right.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        price_check("price", self.price.0)
    }
}

/// A quote and how old it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct QuoteResponse {
    /// Of which instrument.
    pub(crate) symbol: String,
    /// The price of one.
    #[schema(value_type = f64)]
    pub(crate) price: Amount,
    /// At the end of which day.
    pub(crate) date: NaiveDate,
    /// Whether it counts later splits in already.
    pub(crate) adjusted: bool,
    /// How many days ago that was.
    pub(crate) age_days: i64,
    /// Whether it is too old to be relied on: more than four days.
    pub(crate) stale: bool,
}

impl QuoteResponse {
    pub(crate) fn new(
        symbol: &str,
        price: Decimal,
        date: NaiveDate,
        adjusted: bool,
        today: NaiveDate,
    ) -> Self {
        let age_days = (today - date).num_days();
        Self {
            symbol: symbol.to_owned(),
            price: Amount(price.normalize()),
            date,
            adjusted,
            age_days,
            stale: age_days > STALE_AFTER_DAYS,
        }
    }

    pub(crate) fn of(quote: &Quote, today: NaiveDate) -> Self {
        Self::new(&quote.symbol, quote.price, quote.date, quote.adjusted, today)
    }
}

/// How a file is imported.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MarketImportParameters {
    /// Whether to check only and write nothing.
    #[param(required = false)]
    pub(crate) dry_run: Option<bool>,
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct MarketImportResponse {
    /// Whether nothing was written because that was asked for.
    pub(crate) dry_run: bool,
    /// How many rows the file has after the header.
    pub(crate) rows: usize,
    /// How many are new or were replaced; 0 in a dry run.
    pub(crate) changed: usize,
}

/// In which order instruments come: by symbol.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InstrumentFilter {
    /// Only symbols that begin so.
    pub(crate) prefix: Option<Symbol>,
}

/// Which quotes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuoteFilter {
    /// Of which instrument.
    pub(crate) symbol: Symbol,
    /// Not before this date.
    pub(crate) from: Option<CalendarDate>,
    /// Not after this date.
    pub(crate) to: Option<CalendarDate>,
}
