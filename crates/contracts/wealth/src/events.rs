use chrono::NaiveDate;
use kernel::{ClientId, Currency, Money, UserId};
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
/// What a portfolio is made of changed: it says what of, and what is outside its band.
pub const PORTFOLIO_COMPOSED: &str = "portfolio.composed";
/// Money is to be paid in or out.
pub const FUNDING_REQUESTED: &str = "funding.requested";
/// Somebody other than who asked for it agreed that money is paid out, or nobody needed to.
pub const FUNDING_APPROVED: &str = "funding.approved";
/// The money has moved: it is in the portfolio, or out of it. Told once for each funding.
pub const FUNDING_SETTLED: &str = "funding.settled";
/// The money could not be moved.
pub const FUNDING_FAILED: &str = "funding.failed";
/// It was taken back before the money moved.
pub const FUNDING_CANCELLED: &str = "funding.cancelled";
/// An instrument was made or changed.
pub const INSTRUMENT_CHANGED: &str = "instrument.changed";
/// Quotes were kept: one event for each commit.
pub const MARKET_QUOTED: &str = "market.quoted";
/// A corporate action was recorded.
pub const CORPORATE_ACTION_RECORDED: &str = "corporate_action.recorded";
/// A corporate action was applied to all portfolios.
pub const CORPORATE_ACTION_APPLIED: &str = "corporate_action.applied";
/// A corporate action was taken back from all portfolios.
pub const CORPORATE_ACTION_UNDONE: &str = "corporate_action.undone";
/// A corporate action will not happen.
pub const CORPORATE_ACTION_CANCELLED: &str = "corporate_action.cancelled";
/// The owner of a portfolio chose what a corporate action leaves open.
pub const CORPORATE_ACTION_ELECTED: &str = "corporate_action.elected";

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

/// Which way money goes, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FundingKind {
    /// From the owner into a portfolio.
    Deposit,
    /// Out of a portfolio, back to the owner.
    Withdrawal,
    /// Out of a portfolio to somebody else, on the owner's behalf.
    Payout,
}

impl FundingKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            FundingKind::Deposit => "deposit",
            FundingKind::Withdrawal => "withdrawal",
            FundingKind::Payout => "payout",
        }
    }
}

/// Where a funding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FundingState {
    /// Asked for; money that is to go out is set aside.
    Requested,
    /// It may go out.
    Approved,
    /// The money has moved.
    Settled,
    /// The money could not be moved.
    Failed,
    /// Taken back.
    Cancelled,
}

/// What all events of a funding carry: all of it, so that each can be understood alone, in whatever order they come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FundingChanged {
    /// Which.
    pub funding_id: Uuid,
    /// Whose.
    pub user_id: UserId,
    /// Through which advisory relationship, if one.
    pub client_id: Option<ClientId>,
    /// Of which portfolio.
    pub portfolio_id: Uuid,
    /// On which of its accounts.
    pub account_id: Uuid,
    /// Which way.
    pub kind: FundingKind,
    /// How much: more than nothing.
    pub amount: Money,
    /// Where it stands now.
    pub state: FundingState,
    /// The day on which the money moved, or is expected to.
    pub date: NaiveDate,
    /// Why it came to this, in codes.
    pub reasons: Vec<String>,
}

/// How much of a portfolio something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioPart {
    /// A class of assets, or `cash`.
    pub key: String,
    /// The worth, in the portfolio's currency.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// The part of the portfolio, 0 to 1; none when the portfolio is worth nothing.
    #[schema(value_type = Option<String>)]
    pub weight: Option<Decimal>,
}

/// What is farther from its target than it may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioDrift {
    /// Of what.
    pub key: String,
    /// The part of the portfolio that it should be.
    #[schema(value_type = String)]
    pub target: Decimal,
    /// The part that it is.
    #[schema(value_type = String)]
    pub actual: Decimal,
}

/// What a portfolio is made of, at the newest quotes of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortfolioComposed {
    /// Which.
    pub portfolio_id: Uuid,
    /// Whose.
    pub user_id: UserId,
    /// Through which advisory relationship, if one.
    pub client_id: Option<ClientId>,
    /// In which currency it is counted.
    pub currency: Currency,
    /// On which day, in the installation's timezone.
    pub date: NaiveDate,
    /// What it is worth.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Whether everything that is held could be valued.
    pub complete: bool,
    /// What it is made of, by class, the largest first.
    pub classes: Vec<PortfolioPart>,
    /// Whether it has targets.
    pub has_targets: bool,
    /// What is outside its band, the farthest first; empty when everything is inside, or there are no targets.
    pub drifted: Vec<PortfolioDrift>,
}
