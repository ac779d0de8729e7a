use chrono::NaiveDate;
use kernel::{ClientId, Currency, UserId};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A portfolio was opened.
pub const PORTFOLIO_CREATED: &str = "portfolio.created";
/// A portfolio's name, targets or accounts changed.
pub const PORTFOLIO_UPDATED: &str = "portfolio.updated";
/// A portfolio without holdings was closed.
pub const PORTFOLIO_DELETED: &str = "portfolio.deleted";
/// Something was entered in a portfolio: a trade, a flow of cash, a leg of a corporate action. The event holds all of
/// it, so that lots, positions and cash can be made anew from the feed.
pub const PORTFOLIO_ENTERED: &str = "portfolio.entered";
/// A portfolio has another value.
pub const PORTFOLIO_VALUED: &str = "portfolio.valued";
/// An instrument was made or changed.
pub const INSTRUMENT_CHANGED: &str = "instrument.changed";
/// Quotes were kept: one event for each commit.
pub const MARKET_QUOTED: &str = "market.quoted";

/// An instalment of a schedule was ordered.
pub const INSTALMENT_ORDERED: &str = "schedule.instalment_ordered";
/// An instalment of a schedule could not be done, or compliance holds its order; the event says why, and whether it is tried
/// again.
pub const INSTALMENT_FAILED: &str = "schedule.instalment_failed";
/// An instalment of a schedule was left out, because its day had passed.
pub const INSTALMENT_SKIPPED: &str = "schedule.instalment_skipped";

/// What `portfolio.created`, `portfolio.updated` and `portfolio.deleted` carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioChanged {
    /// Which.
    pub portfolio_id: Uuid,
    /// Whose.
    pub user_id: UserId,
    /// Through which advisory relationship, if one.
    pub client_id: Option<ClientId>,
}

/// What a portfolio is worth: the last known prices of what it holds, and its cash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioValued {
    /// Which.
    pub portfolio_id: Uuid,
    /// Whose.
    pub user_id: UserId,
    /// Through which advisory relationship, if one.
    pub client_id: Option<ClientId>,
    /// In which currency.
    pub currency: Currency,
    /// On which day, in the installation's timezone.
    pub date: NaiveDate,
    /// The value. What has no quote, or another currency without a rate, is not in it.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// The value of all portfolios of the user in this currency.
    #[schema(value_type = String)]
    pub total: Decimal,
    /// Whether everything that is held could be valued.
    pub complete: bool,
}
