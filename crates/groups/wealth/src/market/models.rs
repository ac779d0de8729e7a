use super::splits::{SplitFactor, price_on};
use chrono::NaiveDate;
use kernel::{Currency, TenantId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use store::{Collection, Document, FieldKind, Scoping};
use utoipa::ToSchema;
use uuid::Uuid;

/// What kind of thing an instrument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssetClass {
    /// Shares.
    Equity,
    /// Loans to companies and states.
    Bond,
    /// A fund that is not traded.
    MutualFund,
    /// A fund that is traded.
    Etf,
    /// Gold and its like.
    Commodity,
    /// Property.
    RealEstate,
    /// A rate of exchange: the symbol is two currencies, as in `USDINR`.
    Currency,
    /// Anything else.
    Other,
}

impl AssetClass {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            AssetClass::Equity => "equity",
            AssetClass::Bond => "bond",
            AssetClass::MutualFund => "mutual_fund",
            AssetClass::Etf => "etf",
            AssetClass::Commodity => "commodity",
            AssetClass::RealEstate => "real_estate",
            AssetClass::Currency => "currency",
            AssetClass::Other => "other",
        }
    }
}

impl std::str::FromStr for AssetClass {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(text.to_ascii_lowercase().into())
            .map_err(|_| "must be equity, bond, mutual_fund, etf, commodity, real_estate, currency or other")
    }
}

static INSTRUMENTS: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("instruments", Scoping::Tenant)
        .field("symbol", FieldKind::Text)
        .serves(&[], &["symbol"])
        .within_firms()
});

/// Something that can be held. Its newest quote stands here too, so that whoever values many holdings reads one document
/// for each instrument.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Instrument {
    pub(crate) symbol: String,
    pub(crate) name: String,
    pub(crate) class: AssetClass,
    pub(crate) sector: Option<String>,
    pub(crate) currency: Currency,
    /// 1 (hardly any) to 5 (very high).
    pub(crate) product_risk: u8,
    /// Highest quoted price of 31 January 2018, for section 112A.
    #[serde(default)]
    pub(crate) fair_value_2018: Option<Decimal>,
    pub(crate) last_price: Option<Decimal>,
    pub(crate) last_date: Option<NaiveDate>,
    /// Whether that quote counts splits in already.
    #[serde(default)]
    pub(crate) last_adjusted: bool,
    /// The splits that were applied, the earliest first.
    #[serde(default)]
    pub(crate) splits: Vec<SplitFactor>,
}

impl Instrument {
    /// The newest price as one is counted on a day, and the day of its quote.
    pub(crate) fn price_on(&self, day: NaiveDate) -> Option<(Decimal, NaiveDate)> {
        let (price, date) = self.last_price.zip(self.last_date)?;
        Some((
            price_on(price, (date, self.last_adjusted), day, &self.splits)?,
            date,
        ))
    }
}

impl Document for Instrument {
    fn collection() -> &'static Collection {
        &INSTRUMENTS
    }
}

static QUOTES: LazyLock<Collection> = LazyLock::new(|| {
    Collection::new("quotes", Scoping::Tenant)
        .field("symbol", FieldKind::Text)
        .field("date", FieldKind::Time)
        .unlisted()
        .within_firms()
        .serves(&["symbol"], &["date"])
});

/// The price of an instrument at the end of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Quote {
    pub(crate) symbol: String,
    pub(crate) date: NaiveDate,
    pub(crate) price: Decimal,
    /// Whether it counts later splits in already: such a quote is not adjusted again.
    pub(crate) adjusted: bool,
}

impl Document for Quote {
    fn collection() -> &'static Collection {
        &QUOTES
    }
}

/// The id of an instrument: there is one for each symbol of a firm.
pub(crate) fn instrument_id(tenant: TenantId, symbol: &str) -> Uuid {
    let name = format!("instrument\u{0}{tenant}\u{0}{symbol}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// The id of a quote: there is one for each symbol and day.
pub(crate) fn quote_id(tenant: TenantId, symbol: &str, date: NaiveDate) -> Uuid {
    let name = format!("quote\u{0}{tenant}\u{0}{symbol}\u{0}{date}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}
